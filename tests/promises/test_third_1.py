"""THIRD-1: card data, name and billing address go to the card company, and that is recorded."""

from __future__ import annotations

import pytest
from time_machine import Traveller

from accounts.actors import Actor
from accounts.models import Customer
from bizsecure.core.errors import Refused
from bizsecure.local.acquirer import Acquirer
from bizsecure.vault.cards import Brand, SecurityCode
from bizsecure.vault.models import Card
from bizsecure.vault.services.adding import add_card
from bizsecure.vault.services.handing import hand_over
from consent.grounds import DataField
from consent.models import Declaration, Disclosure, PolicyVersion
from consent.services.disclosing import Grant
from tests.builders import RUN_ACCOUNT, first_policy
from tests.pages.browsing import signed_in
from tests.paying import CODE, VERIFY_PAYMENT, VISA, details


@pytest.fixture
def policy(db: None, clock: Traveller) -> PolicyVersion:
    """Give a policy that declares what the card company is told."""
    return first_policy(RUN_ACCOUNT, VERIFY_PAYMENT)


def paid_with(customer: Customer) -> Card:
    return add_card(
        customer=customer,
        details=details(VISA),
        code=SecurityCode.typed(CODE, Brand.VISA),
        actor=Actor.customer(customer.user),
    )


def test_the_register_says_what_went_to_whom_why_and_when(
    alice: Customer, acquirer: Acquirer
) -> None:
    paid_with(alice)
    row = Disclosure.objects.with_outcome().get()
    assert set(row.field_list) == {DataField.CARD, DataField.NAME, DataField.BILLING_ADDRESS}
    assert (row.recipient.key, row.purpose, row.outcome) == (
        "card-company",
        "verify-payment",
        "delivered",
    )
    assert row.grant_use.used_at >= row.recorded_at


def test_the_customer_sees_it(alice: Customer, acquirer: Acquirer) -> None:
    paid_with(alice)
    shown = signed_in(alice).get("/account/disclosures/").text
    assert "Billing address, card data and name" in shown
    assert "To verify and authorize your payment" in shown
    assert VISA not in shown


@pytest.mark.django_db
def test_a_card_company_may_be_given_these_three_and_nothing_more() -> None:
    rows = Declaration.objects.filter(recipient__kind="card-company")
    assert set(rows.values_list("purpose", "ground", "field")) == {
        ("verify-payment", "purchase", field) for field in ("card", "name", "billing-address")
    }


def test_no_card_leaves_the_vault_without_a_grant(alice: Customer, acquirer: Acquirer) -> None:
    card = paid_with(alice)
    got: list[object] = []
    used = Disclosure.objects.get()
    forged = object.__new__(Grant)
    object.__setattr__(forged, "disclosure_id", used.pk)
    object.__setattr__(forged, "uid", used.uid)
    with pytest.raises(Refused):
        hand_over(uid=card.uid, grant=forged, recipient="card-company", fields=[], to=got.append)
    assert got == []
