"""Stripe: the card is typed on its page, and nothing is charged twice (THIRD-1)."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone
from moneyed import JPY, USD, Money
from pytest_django import Settings
from time_machine import Traveller

from accounts.actors import SYSTEM, Actor
from accounts.models import Customer
from bizsecure.store.gateways.choosing import payment_gateway
from bizsecure.store.gateways.disclosed import grant_for
from bizsecure.store.gateways.interface import (
    Approved,
    Charge,
    Decline,
    Declined,
    NeedsCustomer,
    Outcome,
    Payer,
    Sought,
    Step,
    Unknown,
)
from bizsecure.store.services.checking_cards import ask_about_open_checks, look_into_check
from bizsecure.vault.models import Card
from bizsecure.vault.services.adding import begin_elsewhere
from consent.models import Disclosure, PolicyVersion
from tests.builders import RUN_ACCOUNT, first_policy
from tests.paying import VERIFY_PAYMENT
from tests.stripe_twin import ASKS, GOOD, POOR, Twin

PAYER = Payer("Alice Adams", street="77 Foundry Row", city="Hoboken", country="US")
PRICE = Money("19.90", USD)


@pytest.fixture
def policy(db: None, clock: Traveller) -> PolicyVersion:
    """Give a policy that declares what the card company is told."""
    return first_policy(RUN_ACCOUNT, VERIFY_PAYMENT)


def kept(customer: Customer, twin: Twin, method: str = GOOD) -> Card:
    """Return a card that Stripe keeps."""
    card = begin_elsewhere(customer=customer, actor=Actor.customer(customer.user))
    twin.complete(card.reference, method)
    look_into_check(key=card.open_check.key, now=timezone.now())
    assert ask_about_open_checks() == 1
    card.refresh_from_db()
    return card


def authorised(customer: Customer, *, card: Card | None = None, key: str = "one") -> Outcome:
    gateway = payment_gateway()
    grant = grant_for(gateway, customer=customer, reference="O-1", actor=SYSTEM)
    uid = card.uid if card else None
    charge = Charge(key, "O-1", PRICE, uid, PAYER, "http://localhost:8000/account/orders/O-1/")
    return gateway.authorise(charge, grant)


def found(step: Step, *, key: str = "one", reference: str = "", of: str = "") -> Any:
    return payment_gateway().find(Sought(key, step, timezone.now(), reference, of))


def test_a_card_is_added_on_stripes_page_and_known_by_four_digits(
    alice: Customer, twin: Twin
) -> None:
    card = kept(alice, twin)
    assert card.is_ready
    assert (card.label, str(card.expiry)) == ("Visa ending in 4242", "04/30")
    assert (card.sealed_number, card.sealed_token) == (None, f"cus_1/{GOOD}")
    assert Disclosure.objects.get().fields == "billing-address,name"


def test_a_customer_who_turns_back_has_no_card(alice: Customer, twin: Twin) -> None:
    card = begin_elsewhere(customer=alice, actor=SYSTEM)
    assert card.is_confirming
    twin.things[card.reference]["status"] = "expired"
    look_into_check(key=card.open_check.key, now=timezone.now())
    ask_about_open_checks()
    card.refresh_from_db()
    assert card.is_refused


def test_a_kept_card_is_charged_captured_and_paid_back_once(alice: Customer, twin: Twin) -> None:
    card, gateway = kept(alice, twin), payment_gateway()
    first = authorised(alice, card=card)
    assert isinstance(first, Approved)
    assert first == authorised(alice, card=card)
    assert (first.amount, len(twin.of("payment_intent"))) == (PRICE, 1)
    for _each in range(2):
        taken = gateway.capture(key="one", authorisation=first.reference, amount=PRICE)
        assert taken == Approved(first.reference, PRICE)
    for _each in range(2):
        back = gateway.refund(key="one", capture=first.reference, amount=PRICE)
        assert isinstance(back, Approved)
    assert len(twin.of("refund")) == 1
    assert isinstance(gateway.refund(key="two", capture=first.reference, amount=PRICE), Unknown)
    assert found(Step.REFUND, key="two", of=first.reference) is None


def test_a_card_without_money_is_declined_with_the_reason(alice: Customer, twin: Twin) -> None:
    outcome = authorised(alice, card=kept(alice, twin, POOR))
    assert isinstance(outcome, Declined)
    assert outcome.reason is Decline.TOO_LITTLE_MONEY


def test_a_bank_that_asks_its_customer_gets_to(alice: Customer, twin: Twin) -> None:
    outcome = authorised(alice, card=kept(alice, twin, ASKS))
    assert isinstance(outcome, NeedsCustomer)
    assert outcome.url.startswith("https://bank.example/")
    twin.things[outcome.reference]["status"] = "requires_capture"
    assert isinstance(found(Step.AUTHORISE, reference=outcome.reference), Approved)


def test_without_a_card_the_customer_pays_on_stripes_page(alice: Customer, twin: Twin) -> None:
    outcome = authorised(alice)
    assert isinstance(outcome, NeedsCustomer)
    assert isinstance(found(Step.AUTHORISE, reference=outcome.reference), NeedsCustomer)
    twin.complete(outcome.reference)
    paid = found(Step.AUTHORISE, reference=outcome.reference)
    assert paid == Approved(paid.reference, PRICE, brand="visa", last_four="4242")
    assert paid.reference.startswith("pi_")


def test_a_page_nobody_used_is_closed(alice: Customer, twin: Twin) -> None:
    outcome = authorised(alice)
    assert isinstance(outcome, NeedsCustomer)
    closed = payment_gateway().void(key="one", authorisation=outcome.reference)
    assert isinstance(closed, Approved)
    assert isinstance(found(Step.AUTHORISE, reference=outcome.reference), Declined)


def test_a_card_that_was_refused_on_the_page_leaves_it_open_for_another(
    alice: Customer, twin: Twin
) -> None:
    outcome = authorised(alice)
    assert isinstance(outcome, NeedsCustomer)
    twin.attempt(outcome.reference)
    # With the reference or without it, where the answer was lost.
    for reference in (outcome.reference, ""):
        assert isinstance(found(Step.AUTHORISE, reference=reference), NeedsCustomer)
    twin.complete(outcome.reference)
    for reference in (outcome.reference, ""):
        assert isinstance(found(Step.AUTHORISE, reference=reference), Approved)


@pytest.mark.parametrize("became", ["expired", "complete", "canceled"])
def test_a_page_that_cannot_be_closed_any_more_is_asked_about(
    alice: Customer, twin: Twin, became: str
) -> None:
    outcome = authorised(alice)
    assert isinstance(outcome, NeedsCustomer)
    page = twin.things[outcome.reference]
    if became == "expired":
        page["status"] = "expired"
    else:
        twin.complete(outcome.reference)
    if became == "canceled":
        twin.things[page["payment_intent"]]["status"] = "canceled"
    for _each in range(2):
        closed = payment_gateway().void(key="one", authorisation=outcome.reference)
        assert isinstance(closed, Approved)
    assert all(intent["status"] == "canceled" for intent in twin.of("payment_intent"))


def test_what_was_taken_cannot_be_let_go(alice: Customer, twin: Twin) -> None:
    card, gateway = kept(alice, twin), payment_gateway()
    first = authorised(alice, card=card)
    assert isinstance(first, Approved)
    gateway.capture(key="one", authorisation=first.reference, amount=PRICE)
    assert isinstance(gateway.void(key="one", authorisation=first.reference), Declined)


@pytest.mark.parametrize("with_card", [True, False])
def test_an_answer_that_was_lost_is_found_again(
    alice: Customer, twin: Twin, with_card: bool
) -> None:
    card = kept(alice, twin) if with_card else None
    assert found(Step.AUTHORISE) is None
    # The customer of Stripe's is made first, where the card is typed on its page.
    authorised(alice, card=card, key="before")
    twin.answered.clear()
    made = len(twin.things)
    twin.loses = 1
    assert isinstance(authorised(alice, card=card), Unknown)
    assert len(twin.things) == made + 1
    if with_card:
        assert isinstance(found(Step.AUTHORISE), Approved)
    else:
        assert found(Step.AUTHORISE) is None


def test_what_was_let_go_or_taken_is_found(alice: Customer, twin: Twin) -> None:
    card, gateway = kept(alice, twin), payment_gateway()
    first = authorised(alice, card=card)
    assert isinstance(first, Approved)
    assert found(Step.CAPTURE, of=first.reference) is None
    assert found(Step.VOID, of=first.reference) is None
    gateway.void(key="one", authorisation=first.reference)
    assert isinstance(found(Step.VOID, of=first.reference), Approved)
    assert isinstance(found(Step.CAPTURE, of=first.reference), Declined)


def test_the_same_key_for_something_else_moves_nothing(alice: Customer, twin: Twin) -> None:
    card, gateway = kept(alice, twin), payment_gateway()
    first = authorised(alice, card=card)
    assert isinstance(first, Approved)
    gateway.capture(key="one", authorisation=first.reference, amount=PRICE)
    less = Money("1.00", USD)
    assert isinstance(
        gateway.capture(key="one", authorisation=first.reference, amount=less), Unknown
    )


def test_a_wrong_key_or_no_stripe_at_all_is_an_unknown_outcome(
    alice: Customer, twin: Twin, settings: Settings
) -> None:
    card = kept(alice, twin)
    settings.STRIPE_SECRET_KEY = "sk_test_of_somebody_else"
    assert isinstance(authorised(alice, card=card), Unknown)
    settings.STRIPE_API = "http://127.0.0.1:1"
    assert isinstance(authorised(alice, card=card), Unknown)
    assert isinstance(found(Step.AUTHORISE), Unknown)


def test_a_currency_without_cents_is_counted_whole(alice: Customer, twin: Twin) -> None:
    gateway = payment_gateway()
    grant = grant_for(gateway, customer=alice, reference="O-1", actor=SYSTEM)
    charge = Charge("yen", "O-1", Money(500, JPY), None, PAYER, "http://localhost:8000/")
    gateway.authorise(charge, grant)
    assert [page["of_the_intent"]["amount"] for page in twin.of("checkout.session")] == [500]


def test_nothing_that_is_sent_to_stripe_is_more_than_it_needs(alice: Customer, twin: Twin) -> None:
    authorised(alice)
    sent = {name for _method, _path, body in twin.asked for name in body}
    assert not [name for name in sent if "email" in name or "phone" in name or "number" in name]
