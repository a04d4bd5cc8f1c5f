"""SEC-4: nothing on the Internet is entirely secure; a breach is told to whom it touches."""

from __future__ import annotations

from email import message_from_bytes

import pytest
from django.test import Client

from accounts.models import Customer
from consent.models import PolicyVersion
from notifications.composing import return_path
from notifications.kinds import KINDS, KindKey
from notifications.letter_list import letters_due
from notifications.models import InboundMail, OutgoingMail, Telling
from notifications.services.delivering import deliver_due
from notifications.services.hearing import hear
from tests.builders import say_no
from tests.notifications.announced import told_exactly
from tests.notifications.mail_shapes import a_report
from tests.notifications.smtp_sink import Sink
from tests.pages.browsing import just_proven, signed_in, text

BREACH = KindKey.SECURITY_BREACH


def test_a_breach_is_told_to_exactly_the_customers_it_touches(
    alice: Customer, bob: Customer, sink: Sink
) -> None:
    told_exactly(BREACH, bob)
    deliver_due(seconds=60)
    assert [mail.recipients for mail in sink.accepted] == [(bob.email,)]
    assert list(Telling.objects.values_list("customer", flat=True)) == [bob.pk]


def test_no_refusal_keeps_a_breach_from_being_told(
    policy: PolicyVersion, alice: Customer, sink: Sink
) -> None:
    say_no(alice, policy, "product-news")
    told_exactly(BREACH, alice)
    deliver_due(seconds=60)
    (mail,) = sink.accepted
    assert KINDS[BREACH].is_essential
    assert "List-Unsubscribe" not in message_from_bytes(mail.message)


def test_whose_mail_came_back_counts_as_untold_and_gets_a_letter(
    alice: Customer, sink: Sink
) -> None:
    announcement = told_exactly(BREACH, alice)
    deliver_due(seconds=60)
    mail = OutgoingMail.objects.get(campaign=announcement.campaign)
    hear(raw=a_report(return_path(mail.pk)), way=InboundMail.Way.PIPE)
    assert not Telling.objects.standing().exists()
    assert list(letters_due(announcement)) == [alice]
    assert announcement.subject in text(signed_in(alice).get("/account/"))


def test_a_breach_stands_on_every_page_of_the_account_until_it_is_confirmed(
    alice: Customer, sink: Sink
) -> None:
    announcement = told_exactly(BREACH, alice)
    browser = signed_in(alice)
    for page in ("/account/", "/account/privacy/"):
        assert announcement.subject in text(browser.get(page))
    browser.post(announcement.get_absolute_url())
    assert announcement.subject not in text(browser.get("/account/privacy/"))
    # What is confirmed stands in the log.
    assert f"you read “{announcement.subject}”" in text(browser.get("/account/log/"))


@pytest.mark.parametrize(
    "page", ["/contact/", "/accounts/signup/", "/account/cards/add/", "/account/personal/"]
)
def test_whoever_is_asked_for_data_is_told_that_nothing_is_entirely_secure(
    alice: Customer, page: str
) -> None:
    client = Client() if page == "/accounts/signup/" else just_proven(signed_in(alice))
    assert "Nothing on the Internet is entirely secure" in text(client.get(page))
