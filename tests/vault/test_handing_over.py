"""A card number leaves by one way, against a grant of the register (THIRD-1)."""

from __future__ import annotations

from typing import Any

import pytest
from moneyed import Money
from time_machine import Traveller

from accounts.actors import SYSTEM
from accounts.models import Customer
from bizsecure.core.errors import Refused
from bizsecure.local.acquirer import Acquirer
from bizsecure.store.gateways.choosing import payment_gateway
from bizsecure.store.gateways.disclosed import grant_for
from bizsecure.store.gateways.interface import Approved, Charge, Payer
from bizsecure.store.pricing import SELLING_CURRENCY
from bizsecure.vault.models import Card
from bizsecure.vault.services.handing import hand_over
from consent.grounds import DataField, LegalGround, Purpose
from consent.models import Disclosure, GrantUse, PolicyVersion
from consent.services.disclosing import Grant, authorise
from tests.builders import RUN_ACCOUNT, first_policy
from tests.paying import VERIFY_PAYMENT, VISA, a_card

PRICE = Money("19.90", SELLING_CURRENCY)


@pytest.fixture
def policy(db: None, clock: Traveller) -> PolicyVersion:
    """Give a policy that declares what the card company is told."""
    return first_policy(RUN_ACCOUNT, VERIFY_PAYMENT)


def granted(customer: Customer) -> Grant:
    return grant_for(payment_gateway(), customer=customer, reference="O-1", actor=SYSTEM)


def charge(customer: Customer, grant: Grant) -> object:
    payer = Payer("Alice Adams", street="77 Foundry Row")
    card = a_card(customer)
    back = "http://localhost:8000/account/orders/O-1/"
    return payment_gateway().authorise(Charge("one", "O-1", PRICE, card.uid, payer, back), grant)


def test_a_card_goes_to_the_card_company_and_the_register_says_so(
    alice: Customer, acquirer: Acquirer
) -> None:
    assert isinstance(charge(alice, granted(alice)), Approved)
    row = Disclosure.objects.get()
    assert (row.recipient.key, row.purpose, row.reference) == (
        "card-company",
        "verify-payment",
        "O-1",
    )
    assert row.fields == "billing-address,card,name"
    assert GrantUse.objects.get().used_at >= row.recorded_at


def test_a_grant_opens_the_vault_once(alice: Customer, acquirer: Acquirer) -> None:
    grant = granted(alice)
    charge(alice, grant)
    with pytest.raises(Refused):
        charge(alice, grant)


def test_a_grant_about_somebody_else_opens_nothing(
    alice: Customer, bob: Customer, acquirer: Acquirer
) -> None:
    with pytest.raises(Refused):
        charge(alice, granted(bob))
    assert acquirer.book.count("authorise") == 0


def test_a_grant_without_the_card_opens_nothing(alice: Customer) -> None:
    card = a_card(alice)
    grant = authorise(
        customer=alice,
        recipient="card-company",
        purpose=Purpose.VERIFY_PAYMENT,
        fields=[DataField.NAME],
        ground=LegalGround.PURCHASE,
        reference="O-1",
        actor=SYSTEM,
        party="somebody",
    )
    seen: list[str] = []
    with pytest.raises(Refused):
        hand_over(
            uid=card.uid,
            grant=grant,
            recipient="card-company",
            fields=[DataField.NAME],
            to=lambda details: seen.append(details.number.reveal()),
        )
    assert seen == []


def test_without_a_grant_there_is_no_way_to_the_number(alice: Customer) -> None:
    card = Card.objects.get(pk=a_card(alice).pk)
    nothing: Any = None
    with pytest.raises((TypeError, AttributeError)):
        hand_over(uid=card.uid, grant=nothing, recipient="card-company", fields=[], to=repr)
    assert VISA not in repr(vars(card))
