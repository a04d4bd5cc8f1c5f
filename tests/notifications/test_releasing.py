"""A message to many: written, agreed to by another, sent, held back, and stopped."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone
from pytest_django import Settings
from time_machine import Traveller

from accounts.actors import Actor
from accounts.models import Customer
from bizsecure.core.errors import Refused
from consent.calendar import policy_day
from consent.models import PolicyVersion
from notifications.announcement_words import as_html, as_text
from notifications.kinds import ANNOUNCED, NEEDS_AGREEMENT, KindKey
from notifications.models import Announcement, OutgoingMail, Telling
from notifications.reasons import Reason
from notifications.services.delivering import deliver_due
from notifications.services.proving import record_letters, record_read_here
from notifications.services.releasing import (
    AnnouncementDraft,
    agree,
    cancel,
    pause,
    plan,
    recipients,
    release_due,
    resume,
    write_announcement,
)
from tests.builders import DAY, say_no, say_yes
from tests.notifications.announced import (
    a_draft,
    agreed,
    exactly,
    sent,
    staff,
    told_exactly,
    written,
)
from tests.notifications.outbox import deliver, move_to
from tests.notifications.smtp_sink import Sink

State = Announcement.State
WENDY = "wendy"


def queued() -> list[str]:
    return sorted(OutgoingMail.objects.live().values_list("address", flat=True))


def refusal(reason: Reason) -> pytest.RaisesExc[Refused]:
    return pytest.raises(Refused, match=reason.name)


def test_news_goes_to_those_who_have_not_said_no(
    policy: PolicyVersion, alice: Customer, bob: Customer, sink: Sink
) -> None:
    say_no(bob, policy, "product-news")
    announcement = sent(written())
    assert announcement.state == State.SENDING
    assert deliver() == {"accepted": 1}
    assert sink.accepted[0].recipients == (alice.email,)


def test_a_no_between_queueing_and_sending_stops_the_mail(
    policy: PolicyVersion, alice: Customer, bob: Customer, sink: Sink
) -> None:
    sent(written())
    assert queued() == [alice.email, bob.email]
    say_no(bob, policy, "product-news")
    assert deliver() == {"accepted": 1}
    assert OutgoingMail.objects.get(customer=bob).state == OutgoingMail.State.DROPPED


def test_a_message_is_released_once_however_often_one_looks(alice: Customer) -> None:
    sent(written())
    assert release_due() == 0
    assert OutgoingMail.objects.count() == 1


def test_a_message_waits_for_its_time(alice: Customer, clock: Traveller) -> None:
    announcement = written()
    at = timezone.now() + 2 * DAY
    plan(announcement=announcement, at=at, actor=Actor.staff(staff(WENDY)))
    assert release_due() == 0
    announcement.refresh_from_db()
    assert announcement.state == State.PLANNED
    clock.shift(3 * DAY)
    assert release_due() == 1


@pytest.mark.parametrize("kind", NEEDS_AGREEMENT)
def test_what_cannot_be_refused_needs_two_people(alice: Customer, kind: KindKey) -> None:
    announcement = written(a_draft(kind))
    with refusal(Reason.NEEDS_TWO_PEOPLE):
        sent(announcement)
    with pytest.raises(IntegrityError), transaction.atomic():
        Announcement.objects.update(release_at=timezone.now())
    sent(agreed(announcement))
    assert queued() == [alice.email]


def test_nobody_agrees_to_what_they_wrote(alice: Customer) -> None:
    announcement = written(a_draft(KindKey.SECURITY_BREACH))
    with refusal(Reason.OWN_AGREEMENT):
        agreed(announcement, by=WENDY)
    with pytest.raises(IntegrityError), transaction.atomic():
        Announcement.objects.update(agreed_by=staff(WENDY), agreed_at=timezone.now())


def test_an_agreement_is_to_these_words_alone(alice: Customer) -> None:
    announcement = agreed(written(a_draft(KindKey.SECURITY_BREACH)))
    announcement.refresh_from_db()
    seen = announcement.fingerprint
    with pytest.raises(DatabaseError, match="agreed"), transaction.atomic():
        Announcement.objects.update(text="Buy more!")
    changed = a_draft(KindKey.SECURITY_BREACH, text="Other words.")
    write_announcement(draft=changed, actor=Actor.staff(staff("victor")), announcement=announcement)
    announcement.refresh_from_db()
    assert announcement.agreed_at is None
    with refusal(Reason.CHANGED_MEANWHILE):
        agree(announcement=announcement, fingerprint=seen, actor=Actor.staff(staff("walter")))
    # Victor wrote the words that stand now, so it is not for him to agree to them.
    with refusal(Reason.OWN_AGREEMENT):
        agreed(announcement, by="victor")


def test_what_is_on_its_way_keeps_its_words(alice: Customer) -> None:
    announcement = sent(written())
    with refusal(Reason.ALREADY_SENT):
        write_announcement(
            draft=a_draft(text="x"), actor=Actor.staff(staff(WENDY)), announcement=announcement
        )
    with pytest.raises(DatabaseError, match="sent stays"), transaction.atomic():
        Announcement.objects.update(text="x")


def test_a_paused_message_waits_and_goes_on(
    alice: Customer, bob: Customer, sink: Sink, settings: Settings
) -> None:
    announcement = sent(written())
    actor = Actor.staff(staff(WENDY))
    pause(announcement=announcement, actor=actor)
    announcement.refresh_from_db()
    assert announcement.state == State.PAUSED
    assert deliver() == {}
    resume(announcement=announcement, actor=actor)
    assert deliver() == {"accepted": 2}


def test_a_cancelled_message_goes_out_to_nobody_else(
    alice: Customer, bob: Customer, sink: Sink
) -> None:
    announcement = sent(written())
    actor = Actor.staff(staff(WENDY))
    assert cancel(announcement=announcement, actor=actor) == 2
    assert cancel(announcement=announcement, actor=actor) == 0
    assert deliver_due(seconds=5) == {}
    with refusal(Reason.NOT_ON_ITS_WAY):
        resume(announcement=announcement, actor=actor)


def test_a_plan_for_nobody_is_refused(policy: PolicyVersion, alice: Customer) -> None:
    say_no(alice, policy, "product-news")
    with refusal(Reason.NOBODY):
        sent(written())


@pytest.mark.parametrize(
    ("draft", "reason"),
    [
        (a_draft(KindKey.POLICY_NOTICE), Reason.NO_SUCH_KIND),
        (a_draft(audience="friends"), Reason.NO_SUCH_AUDIENCE),
        (a_draft(text="[[token]]"), Reason.NO_HOLES),
    ],
)
def test_what_cannot_be_sent_cannot_be_written(
    db: None, draft: AnnouncementDraft, reason: Reason
) -> None:
    with refusal(reason):
        written(draft)


def test_the_gate_is_asked_again_for_each_message(policy: PolicyVersion, alice: Customer) -> None:
    announcement = written()
    assert list(recipients(announcement)) == [alice]
    say_no(alice, policy, "product-news")
    assert list(recipients(announcement)) == []
    say_yes(alice, policy, "product-news")
    assert list(recipients(announcement)) == [alice]


def test_audiences_ask_who_it_is(policy: PolicyVersion, alice: Customer, bob: Customer) -> None:
    joined = {"joined_from": "2020-05-01", "joined_to": "2020-05-01"}
    for audience, facts, who in (
        ("numbers", exactly(bob), [bob]),
        ("joined", joined, [alice, bob]),
        ("joined", {**joined, "joined_to": "2020-04-30"}, []),
        ("country", {"country": "US"}, []),
        ("given-to", {"recipient": "geotrust"}, []),
    ):
        draft = a_draft(KindKey.SERVICE_NOTICE, audience, facts)
        assert list(recipients(written(draft)).order_by("pk")) == who, audience


def test_each_way_of_telling_is_proven_once(alice: Customer, bob: Customer, sink: Sink) -> None:
    announcement = told_exactly(KindKey.SECURITY_BREACH, alice)
    deliver()
    for _again in range(2):
        record_read_here(
            announcement=announcement, customer=alice, actor=Actor.customer(alice.user)
        )
    actor = Actor.staff(staff(WENDY))
    today = policy_day(timezone.now())
    for news in (1, 0):
        told = record_letters(
            announcement=announcement, customers=[alice.pk], posted_on=today, actor=actor
        )
        assert told == news
    ways = Telling.objects.order_by("sequence").values_list("customer", "channel")
    assert list(ways) == [(alice.pk, "mail"), (alice.pk, "shown"), (alice.pk, "letter")]


def test_who_is_untold_is_written_to_at_a_new_address(alice: Customer, sink: Sink) -> None:
    told_exactly(KindKey.SECURITY_BREACH, alice)
    move_to(alice, "alice@example.org")
    assert deliver() == {}
    assert release_due() == 1
    assert deliver() == {"accepted": 1}
    assert release_due() == 0


def test_every_kind_that_staff_write_is_essential_or_can_be_stopped() -> None:
    for key in ANNOUNCED:
        assert (key in NEEDS_AGREEMENT) == (Announcement(kind=key).definition.use is None)


def test_markdown_becomes_mail_without_anything_that_runs_or_is_fetched() -> None:
    html = as_html("# Hi <script>x</script>\n\n![p](https://x.example/p.png) [go](javascript:x)")
    assert "<script" not in html
    assert "<img" not in html
    assert "javascript" not in html.replace("[go](javascript:x)", "")


def test_markdown_becomes_text_that_reads_well() -> None:
    text = as_text("## News\n\nRead **this**: [page](https://a.example/b).")
    assert text == "NEWS\n\nRead this: page: https://a.example/b."
