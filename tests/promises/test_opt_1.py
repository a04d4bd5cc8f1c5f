"""OPT-1: customers may opt out of news of products and of offers of partners.

Held with the company's own policy, so that no use of this kind is left out: by the control
panel, by one click in the mail itself (RFC 8058), by a link without signing in, by a mail to the
opt-out address, and for everything that asks the gate.
"""

from __future__ import annotations

import re
from email import message_from_bytes
from email.message import Message
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from time_machine import Traveller

from accounts.models import Customer
from consent.gate import Ground, allowing, may_use
from consent.models import DeclaredUse, PolicyVersion
from consent.policy_file import read_policy_file
from notifications.models import InboundMail
from notifications.services.delivering import deliver_due
from notifications.services.hearing import hear
from tests.builders import DAY, FOUNDED, LONG_AGO, date_of, during, joined, prove_address, published
from tests.notifications.announced import sent, written
from tests.notifications.smtp_sink import Sink
from tests.pages.browsing import signed_in

POLICIES = Path(settings.BASE_DIR, "consent", "policies")
OPT_OUTS = {"product-news", "partner-offers", "suggestions"}


@pytest.fixture
def company_policy(db: None, clock: Traveller) -> PolicyVersion:
    """Give the first policy that the company publishes."""
    with during(FOUNDED):
        return published(read_policy_file(POLICIES / "privacy-1.md"))


@pytest.fixture
def dave(company_policy: PolicyVersion) -> Customer:
    """Give a customer who joined under it."""
    return prove_address(joined("Dave Doe", at=LONG_AGO))


@pytest.fixture
def erin(company_policy: PolicyVersion) -> Customer:
    """Give another one, who never says no."""
    return prove_address(joined("Erin Evans", at=LONG_AGO))


def switch(customer: Customer, *on: str, **more: str) -> None:
    shown = ",".join(OPT_OUTS)
    signed_in(customer).post(
        "/account/privacy/", {"shown": shown, **dict.fromkeys(on, "on"), **more}
    )


def test_news_offers_and_suggestions_are_what_one_can_opt_out_of(
    company_policy: PolicyVersion,
) -> None:
    declared = company_policy.declared_uses.filter(basis=DeclaredUse.Basis.OPT_OUT)
    assert set(declared.values_list("use__key", flat=True)) == OPT_OUTS


@pytest.mark.parametrize("use", sorted(OPT_OUTS))
def test_an_opt_out_counts_at_once_and_for_this_use_alone(
    dave: Customer, erin: Customer, use: str
) -> None:
    assert set(allowing(use)) == {dave, erin}
    switch(dave, *(OPT_OUTS - {use}))
    assert may_use(dave, use).ground is Ground.REFUSED
    assert set(allowing(use)) == {erin}
    for other in OPT_OUTS - {use}:
        assert set(allowing(other)) == {dave, erin}


def test_one_button_opts_out_of_everything(dave: Customer) -> None:
    switch(dave, *OPT_OUTS, all_off="1")
    assert not any(may_use(dave, use).allowed for use in OPT_OUTS)


def test_an_opt_out_outlives_every_later_version(dave: Customer, clock: Traveller) -> None:
    switch(dave)
    change = published(read_policy_file(POLICIES / "privacy-2.md", "2027-06-01"))
    clock.move_to(date_of(change) + DAY)
    assert not any(may_use(dave, use).allowed for use in OPT_OUTS)


def test_whoever_opted_out_can_come_back(dave: Customer) -> None:
    switch(dave)
    switch(dave, *OPT_OUTS)
    assert all(may_use(dave, use).allowed for use in OPT_OUTS)


def sent_news(customer: Customer, sink: Sink) -> Message:
    sent(written())
    deliver_due(seconds=60)
    (mail,) = [mail for mail in sink.accepted if mail.recipients == (customer.email,)]
    return message_from_bytes(mail.message)


def path_in(header: str) -> str:
    found = re.search(r"<https?://[^/]+(/u/[^>]+)>", " ".join(header.split()))
    assert found is not None
    return found[1]


def test_one_click_in_the_mail_itself_stops_the_next_one(
    dave: Customer, erin: Customer, sink: Sink
) -> None:
    mail = sent_news(dave, sink)
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["List-ID"] == "BizSecure product notices <products.lists.bizsecure.com>"
    assert "<mailto:optout@bizsecure.com?subject=unsubscribe%20" in mail["List-Unsubscribe"]
    path = path_in(mail["List-Unsubscribe"])
    answer = Client(enforce_csrf_checks=True).post(path, {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    before = len(sink.accepted)
    sent(written())
    deliver_due(seconds=60)
    assert [mail.recipients for mail in sink.accepted[before:]] == [(erin.email,)]


def test_the_link_in_the_text_stops_it_without_signing_in(dave: Customer, sink: Sink) -> None:
    mail = sent_news(dave, sink)
    path = path_in(mail["List-Unsubscribe"])
    text = mail.get_payload()[0].get_payload(decode=True).decode()  # type: ignore[index, union-attr]
    assert f"{settings.SITE_URL}{path}" in text
    assert settings.POSTAL_ADDRESS in text
    Client().post(path, {"all": "1"})
    assert not any(may_use(dave, use).allowed for use in ("product-news", "partner-offers"))
    assert may_use(dave, "suggestions").allowed


def test_the_token_of_one_kind_stops_this_kind_alone(dave: Customer, sink: Sink) -> None:
    path = path_in(sent_news(dave, sink)["List-Unsubscribe"])
    Client().post(path, {"List-Unsubscribe": "One-Click"})
    assert may_use(dave, "partner-offers").allowed


def writes(text: str, sender: str, subject: str = "") -> None:
    """Let a mail to the opt-out address come in by the pipe."""
    head = f"From: {sender}\nTo: optout@bizsecure.com\nSubject: {subject}\n"
    hear(raw=f"{head}\n{text}\n".encode(), way=InboundMail.Way.PIPE)


def test_a_mail_to_the_opt_out_address_works_with_no_staff(
    dave: Customer, erin: Customer, sink: Sink
) -> None:
    writes("Please send me no more of this.", f"Dave <{dave.email.upper()}>")
    for use in ("product-news", "partner-offers"):
        assert set(allowing(use)) == {erin}
    before = len(sink.accepted)
    sent(written())
    deliver_due(seconds=60)
    recipients = [mail.recipients[0] for mail in sink.accepted[before:]]
    # He gets the one mail that confirms it, and no news.
    assert sorted(recipients) == [dave.email, erin.email]
    [confirmation] = [mail for mail in sink.accepted if mail.recipients == (dave.email,)]
    assert message_from_bytes(confirmation.message)["Subject"] == "You are opted out"


def test_the_mail_that_a_mail_program_writes_stops_the_kind_it_is_for(
    dave: Customer, sink: Sink
) -> None:
    header = " ".join(str(sent_news(dave, sink)["List-Unsubscribe"]).split())
    mailto = re.search(r"<mailto:optout@bizsecure.com\?subject=([^>]+)>", header)
    assert mailto is not None
    writes("", "somebody.else@example.org", subject=mailto[1].replace("%20", " "))
    assert not may_use(dave, "product-news").allowed
    assert may_use(dave, "partner-offers").allowed


def test_whoever_opted_out_before_they_joined_stays_so(company_policy: PolicyVersion) -> None:
    writes("stop", "frank@example.com")
    frank = prove_address(joined("Frank Field"))
    assert not may_use(frank, "product-news").allowed
