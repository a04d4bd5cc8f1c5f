"""A single mail goes through the outbox like any other, and keeps no secret once it is sent."""

from __future__ import annotations

from email import message_from_bytes
from email.policy import default as modern

import pytest
from django.db import transaction
from pytest_django import DjangoCaptureOnCommitCallbacks
from time_machine import Traveller

from accounts.models import Customer
from consent.models import PolicyVersion
from notifications.kinds import KindKey
from notifications.models import MailBatch, MailContent, OutgoingMail
from notifications.services.announcing import announce_changes
from notifications.services.delivering import deliver_due
from notifications.services.erasing import forget_mails_to_strangers
from notifications.services.posting import NoAddress, post
from tests.builders import DAY
from tests.notifications.outbox import deliver
from tests.notifications.smtp_sink import Act, Sink, Stage
from tests.pages.browsing import signed_in, text

LINK = "https://www.bizsecure.com/accounts/password/reset/key/1-secret/"


def a_reset(customer: Customer | None, address: str | None = None) -> OutgoingMail:
    return post(
        kind=KindKey.PASSWORD_RESET_KEY,
        customer=customer,
        address=address,
        facts={"password_reset_url": LINK},
    )


def test_a_posted_mail_is_delivered_in_text_and_html(alice: Customer, sink: Sink) -> None:
    mail = a_reset(alice)

    assert deliver() == {"accepted": 1}

    (accepted,) = sink.accepted
    message = message_from_bytes(accepted.message, policy=modern)
    text_part, html_part = message.get_body(("plain",)), message.get_body(("html",))
    assert text_part is not None
    assert html_part is not None
    assert accepted.recipients == (alice.email,)
    assert message["Message-ID"] == mail.message_id
    assert message["From"] == "BizSecure accounts <accounts@bizsecure.com>"
    assert LINK in text_part.get_content().splitlines()
    assert f'href="{LINK}"' in html_part.get_content()
    assert "List-Unsubscribe" not in message


def test_a_secret_is_sealed_while_it_waits_and_gone_once_it_is_sent(
    alice: Customer, sink: Sink
) -> None:
    mail = a_reset(alice)
    content = MailContent.objects.get(mail=mail)
    assert "secret" not in content.text + content.html + content.subject
    assert "secret" in str(content.secrets)

    deliver()

    content.refresh_from_db()
    assert content.secrets is None
    page = text(signed_in(alice).get(mail.get_absolute_url()))
    assert "only in the mail itself" in page
    assert "1-secret" not in page


@pytest.mark.parametrize(("code", "is_kept"), [(550, False), (451, True)])
def test_a_secret_stays_for_the_next_try_and_for_nothing_else(
    alice: Customer, sink: Sink, code: int, is_kept: bool
) -> None:
    sink.plan(otherwise=Act.reply(Stage.END, code))
    mail = a_reset(alice)
    deliver()
    assert (MailContent.objects.get(mail=mail).secrets is not None) is is_kept


def test_a_mail_of_an_occasion_is_written_once(alice: Customer) -> None:
    facts = {"changed": ["your name"], "at": alice.joined_at}
    first, second = (
        post(kind=KindKey.DETAILS_CHANGED, customer=alice, facts=facts, occasion="change 1")
        for _each in range(2)
    )
    assert first == second
    assert OutgoingMail.objects.count() == MailBatch.objects.count() == 1


def test_a_change_that_is_undone_takes_its_mail_with_it(alice: Customer) -> None:
    with transaction.atomic():
        a_reset(alice)
        transaction.set_rollback(True)
    assert not OutgoingMail.objects.exists()


def test_without_an_address_there_is_no_mail(alice: Customer) -> None:
    alice.email = ""
    with pytest.raises(NoAddress):
        a_reset(alice)


def test_somebody_who_is_no_customer_gets_mail_too(policy: PolicyVersion, sink: Sink) -> None:
    a_reset(None, "nobody@example.com")
    assert deliver() == {"accepted": 1}
    assert b"Hello,\r\n" in sink.accepted[0].message


def test_a_single_mail_goes_before_a_campaign(
    change: PolicyVersion, alice: Customer, clock: Traveller, sink: Sink
) -> None:
    announce_changes()
    clock.shift(DAY)
    mail = a_reset(alice)
    deliver()
    first = message_from_bytes(sink.accepted[0].message)
    assert len(sink.accepted) == 2
    assert first["Message-ID"] == mail.message_id


def test_a_worker_for_single_mails_leaves_campaigns_alone(
    change: PolicyVersion, alice: Customer, sink: Sink
) -> None:
    announce_changes()
    a_reset(alice)
    assert deliver_due(seconds=60, single_only=True) == {"accepted": 1}
    assert OutgoingMail.objects.live().count() == 1


def test_delivery_is_started_once_the_change_is_committed(
    alice: Customer, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks() as callbacks:
        a_reset(alice)
        a_reset(alice)
    assert len(callbacks) == 1


def test_what_was_written_to_strangers_is_forgotten_after_a_month(
    alice: Customer, clock: Traveller, sink: Sink
) -> None:
    a_reset(None, "nobody@example.com")
    kept = a_reset(alice)
    deliver()
    clock.shift(29 * DAY)
    assert forget_mails_to_strangers() == 0
    clock.shift(2 * DAY)
    assert forget_mails_to_strangers() == 1
    assert list(OutgoingMail.objects.all()) == [kept]
    assert MailBatch.objects.count() == MailContent.objects.count() == 1
