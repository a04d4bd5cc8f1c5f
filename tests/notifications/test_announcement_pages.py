"""Staff write, preview, agree and send messages to many; customers find them on the site."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from accounts.models import Customer, StaffAccess, User
from accounts.roles import Role
from consent.calendar import policy_day
from notifications.kinds import KindKey
from notifications.models import Announcement, LetterRun, OutgoingMail, Telling
from tests.builders import member
from tests.notifications.announced import (
    NEWS,
    a_draft,
    agreed,
    exactly,
    sent,
    staff,
    told_exactly,
    written,
)
from tests.notifications.outbox import deliver
from tests.notifications.smtp_sink import Act, Sink, Stage
from tests.pages.browsing import signed_in, signed_in_as, text

LIST = "/admin/notifications/announcement/"
WORDS = {"kind": "product_news", "subject": "New things", "text": NEWS, "audience": "everyone"}


def clerk(name: str) -> Client:
    """Return the browser of a member of staff who may write, agree and send."""
    user: User = staff(name)
    rights = Permission.objects.filter(
        content_type__app_label="notifications",
        codename__in=[f"{verb}_announcement" for verb in ("view", "change", "agree", "send")],
    )
    user.user_permissions.set(rights)
    return signed_in_as(user)


def page_of(announcement: Announcement) -> str:
    return f"{LIST}{announcement.pk}/change/"


def press(client: Client, announcement: Announcement, **data: str) -> Any:
    return client.post(page_of(announcement), data, follow=True)


def test_news_is_written_looked_at_and_sent(alice: Customer, sink: Sink) -> None:
    wendy = clerk("wendy")
    saved = wendy.post(f"{LIST}write/", WORDS, follow=True)
    announcement = Announcement.objects.get()
    assert "one customer" in text(saved)
    for form, words in (("text", "two new things"), ("html", "<strong>"), ("dark", "@media all")):
        assert words in wendy.get(f"{LIST}{announcement.pk}/preview/{form}/").text
    assert "Planned" in text(press(wendy, announcement, plan="1"))
    from_the_sweep = sent(announcement)
    assert from_the_sweep.state == Announcement.State.SENDING
    assert deliver() == {"accepted": 1}
    assert "1 of 1 mails are accepted" in text(wendy.get(page_of(announcement)))


def test_a_mail_to_look_at_goes_to_oneself_alone(alice: Customer, sink: Sink) -> None:
    announcement = written()
    press(clerk("wendy"), announcement, test="1", address="mallory@example.com")
    assert deliver() == {"accepted": 1}
    assert sink.accepted[0].recipients == ("wendy@bizsecure.com",)
    assert OutgoingMail.objects.get().customer is None


def test_the_author_is_offered_no_agreement_and_another_is(alice: Customer) -> None:
    announcement = written(a_draft(KindKey.SECURITY_BREACH))
    wendy, victor = clerk("wendy"), clerk("victor")
    agreement = {"agree": "1", "fingerprint": announcement.fingerprint}
    assert "somebody else must agree" in text(wendy.get(page_of(announcement)))
    assert "Somebody else than its author" in text(press(wendy, announcement, **agreement))
    assert "Agreed." in text(press(victor, announcement, **agreement))
    assert "Paused" not in text(press(victor, announcement, plan="1"))


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ({"kind": "business_transfer"}, "A transfer of business needs this."),
        ({"audience": "numbers", "numbers": "BZ-NOBODY22"}, "No customer has the number"),
        ({"audience": "country"}, "This audience needs an answer here."),
        ({"text": "[[name]]"}, "Double square brackets"),
        ({"kind": "policy_notice"}, "policy_notice"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(
    alice: Customer, more: dict[str, str], problem: str
) -> None:
    answer = clerk("wendy").post(f"{LIST}write/", {**WORDS, **more})
    assert answer.status_code == 422
    assert problem in text(answer)
    assert 'value="New things"' in answer.text
    assert not Announcement.objects.exists()


def test_without_the_right_a_button_does_nothing(alice: Customer, carol: User) -> None:
    announcement = written()
    client = signed_in_as(carol)
    assert client.get(page_of(announcement)).status_code == 403
    assert press(client, announcement, plan="1").status_code == 403


def test_letters_are_a_page_for_each_who_got_no_mail(
    alice: Customer, bob: Customer, sink: Sink
) -> None:
    sink.plan(otherwise=Act.reply(Stage.END, 550))
    announcement = told_exactly(KindKey.BUSINESS_TRANSFER, alice, bob)
    deliver()
    wendy = signed_in_as(member(Role.PRIVACY))
    address = f"{LIST}{announcement.pk}/letters/"
    page = wendy.get(address)
    assert "2 letters to write" in text(page)
    assert alice.name not in page.text
    letters = wendy.post(address, {"pdf": "1"})
    assert letters.headers["Content-Type"] == "application/pdf"
    assert letters.content.count(b"/Type /Page\n") == 2
    # Each letter holds an address, so each customer is told that it was seen.
    assert StaffAccess.objects.filter(way="exported").count() == 2
    run = LetterRun.objects.get()
    for _each in range(2):
        today = policy_day(timezone.now()).isoformat()
        assert wendy.post(address, {"run": run.pk, "posted_on": today}).status_code == 302
    assert Telling.objects.filter(channel="letter").count() == 2
    assert "Nobody needs a letter now." in text(wendy.get(address))
    assert "2 of 2 customers are told" in text(wendy.get(page_of(announcement)))


def test_who_sends_news_sees_no_letters(alice: Customer) -> None:
    announcement = told_exactly(KindKey.BUSINESS_TRANSFER, alice)
    marketing = signed_in_as(member(Role.MARKETING))
    assert "/letters/" not in marketing.get(page_of(announcement)).text
    assert marketing.post(f"{LIST}{announcement.pk}/letters/", {"pdf": "1"}).status_code == 403


def test_a_customer_confirms_on_the_site_what_she_was_told(
    alice: Customer, bob: Customer, sink: Sink
) -> None:
    announcement = told_exactly(KindKey.BUSINESS_TRANSFER, alice)
    client, address = signed_in(alice), announcement.get_absolute_url()
    assert announcement.subject in text(client.get("/account/"))
    page = text(client.get(address))
    assert "Harbor Hosting Inc." in page
    assert not Telling.objects.exists()
    for _again in range(2):
        client.post(address)
    assert Telling.objects.get().channel == "shown"
    assert announcement.subject not in text(client.get("/account/personal/"))
    assert signed_in(bob).get(address).status_code == 404
    assert announcement.subject not in text(signed_in(bob).get("/account/"))


def test_a_message_looks_as_in_the_mail_and_runs_nothing(alice: Customer, sink: Sink) -> None:
    sent(agreed(written(a_draft(KindKey.SERVICE_NOTICE, "numbers", exactly(alice)))))
    deliver()
    mail = OutgoingMail.objects.get()
    answer = signed_in(alice).get(f"{mail.get_absolute_url()}html/")
    policy = answer.headers["Content-Security-Policy"]
    assert "Hello Alice Adams," in text(answer)
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "script-src 'none'" in policy


@pytest.mark.parametrize("key", ["0", "%2F%2Fevil.example", "9" * 40])
def test_a_message_that_is_not_there_has_no_page(db: None, key: str) -> None:
    assert clerk("Carol").get(f"{LIST}{key}/change/").status_code == 404
