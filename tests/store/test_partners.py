"""What leaves for a partner, byte by byte, and what becomes of it (THIRD-2)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st
from time_machine import Traveller

from accounts.actors import SYSTEM
from accounts.models import Customer
from bizsecure.core.errors import Refused
from bizsecure.local.partners import Partners, TurnedAway, new_secret
from bizsecure.store.models import BillingDetails
from bizsecure.store.partners.billing import Delivery
from bizsecure.store.partners.client import Answer
from bizsecure.store.partners.geotrust import issue_certificate
from bizsecure.store.partners.scanalert import begin_scanning
from bizsecure.store.partners.signing import signed_headers
from consent.grounds import DataField, LegalGround, Purpose
from consent.models import DisclosureOutcome, PolicyVersion
from consent.reasons import Reason
from consent.services.disclosing import Grant, authorise
from tests.builders import a_use, first_policy
from tests.store.partnering import partners_at_work

Outcome = DisclosureOutcome.Outcome
BILLING = [DataField.NAME, DataField.EMAIL, DataField.BILLING_ADDRESS]


@pytest.fixture
def policy(db: None, clock: Traveller) -> PolicyVersion:
    """Give a policy that declares what these partners get."""
    uses = [a_use(key, "essential") for key in ("deliver-certificate", "deliver-site-scanning")]
    return first_policy(*uses)


@pytest.fixture
def partners() -> Iterator[Partners]:
    """Give the twins of the partners."""
    with partners_at_work() as twins:
        yield twins


def delivery(key: str = "service-1") -> Delivery:
    billing = BillingDetails(
        name="Alice Adams",
        email="alice@example.com",
        street="1 Main Street",
        city="Portland",
        region="OR",
        postcode="97204",
        country="US",
    )
    return Delivery(key=key, order="O-1", product="SSL certificate", billing=billing)


def leave(customer: Customer, **other: Any) -> Grant:
    facts: dict[str, Any] = {"recipient": "geotrust", "purpose": Purpose.DELIVER_CERTIFICATE}
    return authorise(
        **{**facts, "fields": BILLING, **other},
        customer=customer,
        ground=LegalGround.PURCHASE,
        reference="O-1",
        actor=SYSTEM,
    )


def issued(customer: Customer, **other: Any) -> Answer:
    return issue_certificate(grant=leave(customer, **other), delivery=delivery())


def test_a_partner_gets_name_and_billing_information_and_nothing_else(
    alice: Customer, partners: Partners
) -> None:
    assert issued(alice) == Answer(Outcome.DELIVERED, reference="GE-1")
    [got] = partners.received
    assert got == {
        "path": "/geotrust/certificates",
        "reference": "GE-1",
        "order": "O-1",
        "product": "SSL certificate",
        "customer": {
            "name": "Alice Adams",
            "email": "alice@example.com",
            "billing-address": {
                "street": "1 Main Street",
                "extra": "",
                "city": "Portland",
                "region": "OR",
                "postcode": "97204",
                "country": "US",
            },
        },
    }


def test_a_partner_gets_no_more_than_was_granted(alice: Customer, partners: Partners) -> None:
    answer = issued(alice, fields=[DataField.NAME])
    assert answer == Answer(Outcome.REFUSED, reason="status-422")
    assert partners.received == []


def test_a_grant_for_one_partner_opens_no_other(alice: Customer, partners: Partners) -> None:
    with pytest.raises(Refused) as refused:
        begin_scanning(grant=leave(alice), delivery=delivery())
    assert refused.value.reason == Reason.NOT_GRANTED
    assert partners.received == []


def test_without_a_grant_nothing_is_sent(alice: Customer, partners: Partners) -> None:
    nothing: Any = None
    for adapter in (issue_certificate, begin_scanning):
        call: Callable[..., Answer] = adapter
        with pytest.raises(TypeError):
            call(delivery=delivery())
        with pytest.raises((TypeError, AttributeError)):
            call(grant=nothing, delivery=delivery())
    used = leave(alice)
    issue_certificate(grant=used, delivery=delivery())
    with pytest.raises(Refused):
        issue_certificate(grant=used, delivery=delivery("service-2"))
    assert len(partners.received) == 1


@pytest.mark.parametrize("fault", ["drop", 500, 503, 429])
def test_what_fails_for_once_is_sent_again_and_taken_once(
    alice: Customer, partners: Partners, fault: str | int
) -> None:
    partners.faults.extend([fault, fault])
    assert issued(alice) == Answer(Outcome.DELIVERED, reference="GE-1")
    assert len(partners.received) == 1


def test_a_later_pass_gets_the_same_answer(alice: Customer, partners: Partners) -> None:
    assert issued(alice) == issued(alice)
    assert len(partners.received) == 1


def test_tries_are_bounded_and_the_outcome_is_then_unknown(
    alice: Customer, partners: Partners
) -> None:
    partners.faults.extend(["drop"] * 9)
    assert issued(alice) == Answer(Outcome.UNKNOWN, reason="no-answer")
    assert len(partners.faults) == 9 - 3


def test_what_the_partner_turns_away_is_not_asked_again(
    alice: Customer, partners: Partners
) -> None:
    partners.faults.extend([403, 403])
    assert issued(alice) == Answer(Outcome.REFUSED, reason="status-403")
    assert len(partners.faults) == 1


def test_a_redirection_is_not_followed(alice: Customer, partners: Partners) -> None:
    partners.faults.append(307)
    assert issued(alice).outcome == Outcome.UNKNOWN
    assert partners.received == []


def test_a_partner_that_nobody_reaches_got_nothing(alice: Customer) -> None:
    closed = {"geotrust": "http://key:secret@127.0.0.1:9/geotrust"}
    with override_settings(PARTNERS=closed, PARTNER_PAUSES=(0,)):
        assert issued(alice) == Answer(Outcome.FAILED, reason="not-reached")


def test_a_partner_without_an_address_gets_nothing(alice: Customer) -> None:
    assert issued(alice) == Answer(Outcome.FAILED, reason="not-set-up")


def test_a_wrong_secret_is_noticed(alice: Customer) -> None:
    with partners_at_work(our_secret="not-the-one-we-agreed-on") as partners:
        assert issued(alice).outcome == Outcome.REFUSED
        assert partners.turned_away == ["The signature is wrong."]


def test_nothing_about_a_person_is_logged(
    alice: Customer, partners: Partners, caplog: pytest.LogCaptureFixture
) -> None:
    partners.faults.append("drop")
    with caplog.at_level("DEBUG"):
        issued(alice)
    assert "geotrust answered request service-1: delivered" in caplog.text
    assert "Alice" not in caplog.text
    assert "Main Street" not in caplog.text


BODY = json.dumps({"order": "O-1", "product": "x", "customer": {"our-reference": "r"}}).encode()
STOPS = "/statuscake/stops"


def signed(secret: str, clock: Traveller, **other: Any) -> dict[str, str]:
    facts = {"method": "POST", "path": STOPS, "timestamp": 1_800_000_000, "key": "k", "body": BODY}
    clock.move_to(1_800_000_000)
    return signed_headers(key_id="bizsecure", secret=secret, **{**facts, **other})


def test_a_signature_holds_for_its_request(clock: Traveller) -> None:
    secret = new_secret()
    twin = Partners(secret=secret)
    assert twin.take(STOPS, signed(secret, clock), BODY) == "ST-1"


@pytest.mark.parametrize(
    "other",
    [
        {"path": "/statuscake/watches"},
        {"method": "GET"},
        {"body": b"{}"},
        {"timestamp": 1_800_000_000 - 301},
        {"timestamp": 1_800_000_000 + 301},
    ],
)
def test_a_signature_holds_for_nothing_else(clock: Traveller, other: dict[str, Any]) -> None:
    secret = new_secret()
    twin = Partners(secret=secret)
    with pytest.raises(TurnedAway):
        twin.take(STOPS, signed(secret, clock, **other), BODY)


def test_a_key_stands_for_one_request(clock: Traveller) -> None:
    secret = new_secret()
    twin = Partners(secret=secret)
    other = BODY.replace(b'"r"', b'"s"')
    assert twin.take(STOPS, signed(secret, clock), BODY) == "ST-1"
    with pytest.raises(TurnedAway, match="another request"):
        twin.take(STOPS, signed(secret, clock, body=other), other)


@given(st.binary(max_size=40))
def test_whatever_arrives_unsigned_is_turned_away(body: bytes) -> None:
    twin = Partners(secret=new_secret())
    with pytest.raises(TurnedAway):
        twin.take(STOPS, {"Authorization": body.decode("latin-1")}, body)
    assert twin.received == []
