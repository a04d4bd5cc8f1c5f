"""THIRD-4: the company sends partners' offers; customers give their data to the partner themselves.

The partner receives no customer data, and no link in the mail identifies the customer to it.
"""

from __future__ import annotations

import re
from dataclasses import fields
from email import message_from_bytes
from email.policy import default as modern
from typing import Any

from django.conf import settings

from accounts.models import Customer
from consent.models import Disclosure, PolicyVersion
from notifications.kinds import KindKey
from notifications.progress import Progress, progress_of
from notifications.services.delivering import deliver_due
from tests.builders import RUN_ACCOUNT, a_use, first_policy, joined, prove_address, say_no
from tests.notifications.announced import a_draft, sent, written
from tests.notifications.smtp_sink import Sink

OFFER = "Our partner [scans your site](https://www.scanalert.com/offer?from=bizsecure) for less."
OFFERS = a_use("partner-offers", "opt-out")
OWN = re.compile(r"/u/[A-Za-z0-9_-]+/")


def words(mail: Any, name: str) -> list[str]:
    """Return all that a mail says and links to, with greeting and unsubscribe link taken out."""
    bodies = [part.get_content() for part in mail.walk() if part.get_content_maintype() == "text"]
    return [OWN.sub("/u/", body).replace(name, "NAME") for body in bodies]


def test_two_customers_offers_differ_only_in_greeting_and_unsubscribe_link(
    db: None, sink: Sink
) -> None:
    first_policy(RUN_ACCOUNT, OFFERS)
    alice, bob = (prove_address(joined(name)) for name in ("Alice Adams", "Bob Brown"))
    sent(written(a_draft(KindKey.PARTNER_OFFER, text=OFFER)))
    deliver_due(seconds=60)
    hers, his = (message_from_bytes(each.message, policy=modern) for each in sink.accepted)
    assert words(hers, alice.name) == words(his, bob.name)
    personal = {"date", "message-id", "to", "list-unsubscribe"}
    for name in {header.lower() for header in hers} - personal:
        assert hers[name] == his[name], name


def test_every_link_to_the_partner_is_the_same_for_everybody(db: None, sink: Sink) -> None:
    first_policy(RUN_ACCOUNT, OFFERS)
    customers = [prove_address(joined(name)) for name in ("Alice Adams", "Bob Brown")]
    sent(written(a_draft(KindKey.PARTNER_OFFER, text=OFFER)))
    deliver_due(seconds=60)
    for mail, customer in zip(sink.accepted, customers, strict=True):
        body = "".join(words(message_from_bytes(mail.message, policy=modern), customer.name))
        links = set(re.findall(r"https?://[^\s\"<>]+", body))
        ours = {link for link in links if link.startswith(settings.SITE_URL)}
        theirs = {link for link in links - ours if "w3.org" not in link}
        assert theirs == {"https://www.scanalert.com/offer?from=bizsecure"}
        assert customer.number not in body


def test_an_offer_goes_to_those_alone_who_have_not_refused_it(db: None, sink: Sink) -> None:
    policy: PolicyVersion = first_policy(RUN_ACCOUNT, OFFERS)
    alice, bob = (prove_address(joined(name)) for name in ("Alice Adams", "Bob Brown"))
    say_no(bob, policy, "partner-offers")
    sent(written(a_draft(KindKey.PARTNER_OFFER, text=OFFER)))
    deliver_due(seconds=60)
    assert [mail.recipients for mail in sink.accepted] == [(alice.email,)]


def test_the_partner_gets_numbers_and_no_customer_is_disclosed(alice: Customer, sink: Sink) -> None:
    announcement = sent(written(a_draft(KindKey.PRODUCT_NEWS, text=OFFER)))
    deliver_due(seconds=60)
    assert {field.type for field in fields(Progress)} == {"int"}
    progress = progress_of(announcement)
    assert progress is not None
    assert progress.accepted == 1
    assert not Disclosure.objects.exists()
