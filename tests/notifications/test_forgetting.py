"""Old mails leave the outbox; that somebody was told stays, and nobody is written to again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone
from time_machine import Traveller

from accounts.actors import SYSTEM, Actor
from accounts.models import Customer
from consent.audience import told_of
from consent.calendar import policy_day
from consent.models import Notice, PolicyVersion
from consent.services.publishing import reschedule, withdraw
from notifications.kinds import KindKey
from notifications.models import (
    Announcement,
    MailBatch,
    MailTally,
    OutgoingMail,
    TellingTally,
)
from notifications.progress import miscounted_mails, miscounted_tellings, progress_of
from notifications.services.announcing import announce_changes
from notifications.services.forgetting import (
    forget_old_mails,
    merge_mail_tallies,
    recount_mails,
)
from notifications.services.posting import post_words
from notifications.services.proving import record_letters, record_read_here, retract_telling
from tests.builders import DAY, date_of, joined
from tests.notifications.announced import staff, told_exactly
from tests.notifications.outbox import deliver, mail_to
from tests.notifications.smtp_sink import Act, Sink, Stage

KEPT = timedelta(days=settings.MAILS_KEPT_DAYS)


def forget() -> int:
    return forget_old_mails(seconds=60)


def test_what_was_accepted_goes_after_its_time_and_the_proof_stays(
    change: PolicyVersion, alice: Customer, sink: Sink, clock: Traveller
) -> None:
    announce_changes()
    deliver()
    clock.shift(KEPT - DAY)
    assert forget() == 0
    clock.shift(2 * DAY)

    assert forget() == 1

    assert not OutgoingMail.objects.exists()
    assert not MailBatch.objects.exists()
    assert told_of(change).get() == alice
    assert announce_changes().queued == 0
    assert list(miscounted_mails()) == []


def test_a_mail_that_failed_to_tell_stays_so_that_no_pass_writes_again(
    change: PolicyVersion, alice: Customer, bob: Customer, sink: Sink, clock: Traveller
) -> None:
    sink.plan({bob.email: Act.reply(Stage.END, 550)})
    announce_changes()
    deliver()
    clock.shift(KEPT + DAY)

    assert forget() == 1

    assert mail_to(bob).state == "refused"
    assert announce_changes().queued == 0


def test_what_still_waits_stays(change: PolicyVersion, alice: Customer, clock: Traveller) -> None:
    announce_changes()
    clock.shift(KEPT + DAY)
    assert forget() == 0
    assert announce_changes().queued == 0


@pytest.mark.parametrize("end", ["moved", "withdrawn"])
def test_nobody_hears_of_a_correction_again(
    end: str, change: PolicyVersion, alice: Customer, sink: Sink, clock: Traveller
) -> None:
    announce_changes()
    deliver()
    clock.shift(DAY)
    if end == "moved":
        reschedule(version=change, effective_at=date_of(change) + 9 * DAY, actor=SYSTEM)
    else:
        withdraw(version=change, actor=SYSTEM)
    assert announce_changes().queued == 1
    deliver()
    clock.shift(KEPT + DAY)

    assert forget() == 2

    assert announce_changes().queued == 0
    assert Notice.objects.count() == 1


def test_a_single_mail_goes_with_its_words(alice: Customer, sink: Sink, clock: Traveller) -> None:
    post_words(
        kind=KindKey.SERVICE_NOTICE, address=alice.email, subject="Hello", text="Hello", html="<p>"
    )
    deliver()
    clock.shift(KEPT + DAY)

    assert forget() == 1
    assert not MailBatch.objects.exists()


def test_mails_are_counted_by_state_whatever_becomes_of_them(
    change: PolicyVersion, alice: Customer, bob: Customer, sink: Sink
) -> None:
    dora = joined("Dora Dean")
    Customer.objects.filter(pk=dora.pk).update(email_verified_at=timezone.now())
    sink.plan({bob.email: Act.reply(Stage.END, 550), dora.email: Act.reply(Stage.END, 451)})
    announce_changes()
    deliver()
    campaign = mail_to(alice).campaign
    assert campaign is not None
    states = {"accepted": 1, "refused": 1, "deferred": 1}
    assert MailTally.objects.of(campaign).by_state() == states
    merge_mail_tallies()
    assert MailTally.objects.of(campaign).by_state() == states
    assert list(miscounted_mails()) == []

    # Erased with an account: what waited will not be sent, what was accepted was.
    OutgoingMail.objects.filter(customer__in=[alice, dora]).delete()

    assert MailTally.objects.of(campaign).by_state() == {
        "accepted": 1,
        "refused": 1,
        "dropped": 1,
    }
    assert list(miscounted_mails()) == []


def test_wrong_counts_of_mails_are_found_and_put_right(
    change: PolicyVersion, alice: Customer
) -> None:
    announce_changes()
    MailTally.objects.update(number=7)
    (wrong,) = miscounted_mails()
    assert (wrong.state, wrong.kept, wrong.counted) == ("queued", 7, 1)

    recount_mails()

    assert list(miscounted_mails()) == []


def test_who_is_told_of_an_announcement_is_counted_whatever_becomes_of_it(
    alice: Customer, bob: Customer, sink: Sink
) -> None:
    dora = joined("Dora Dean")
    announcement = told_exactly(KindKey.SECURITY_BREACH, alice, bob, dora)
    deliver()
    carol = Actor.staff(staff("carol"))
    record_read_here(announcement=announcement, customer=alice, actor=Actor.customer())
    for reached in ([bob.pk, dora.pk], [dora.pk]):
        record_letters(
            announcement=announcement,
            customers=reached,
            posted_on=policy_day(timezone.now()),
            actor=carol,
        )
    counted = {"addressed": 3, "told": 3, "shown": 1, "letter": 2}
    assert TellingTally.objects.of(announcement) == counted

    for mail in OutgoingMail.objects.filter(campaign=announcement.campaign, state="accepted"):
        retract_telling(mail=mail)
        retract_telling(mail=mail)

    # Bob's letter and what Alice read stand, though their mails came back.
    assert TellingTally.objects.of(announcement) == counted
    assert list(miscounted_tellings()) == []
    merge_mail_tallies()
    assert TellingTally.objects.of(announcement) == counted

    TellingTally.objects.filter(what="told").update(number=2)
    (wrong,) = miscounted_tellings()
    assert (wrong.state, wrong.kept, wrong.counted) == ("told", 2, 3)
    recount_mails()
    assert list(miscounted_tellings()) == []
    progress = progress_of(announcement)
    assert progress is not None
    assert (progress.addressed, progress.told, progress.read_here, progress.letters) == (3, 3, 1, 2)


def test_whose_only_mail_came_back_is_not_counted_as_told(alice: Customer, sink: Sink) -> None:
    announcement = told_exactly(KindKey.SECURITY_BREACH, alice)
    deliver()
    assert TellingTally.objects.of(announcement) == {"addressed": 1, "told": 1}
    retract_telling(mail=OutgoingMail.objects.get(campaign=announcement.campaign))
    assert TellingTally.objects.of(announcement) == {"addressed": 1}
    assert list(miscounted_tellings()) == []


def test_a_message_that_is_not_on_its_way_has_no_numbers() -> None:
    message: Any = Announcement()
    assert progress_of(message) is None
