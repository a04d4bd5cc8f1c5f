"""THIRD-3: nothing is sold, shared or rented: the register is the only door, and it is narrow."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import DatabaseError, transaction
from time_machine import Traveller

from accounts.actors import SYSTEM
from accounts.models import Customer
from bizsecure.core.errors import Refused
from consent.grounds import BY_ANNOUNCEMENT, BY_STAFF, DataField, LegalGround, Purpose
from consent.models import Declaration, Disclosure, PolicyVersion, Recipient
from consent.policy_file import read_policy_file
from consent.services.disclosing import Grant, authorise
from tests.builders import TODAY, a_use, first_policy

POLICIES = Path(__file__).resolve().parents[2] / "consent" / "policies"
# How the policy calls what the register knows by these names.
WORDS = {
    "card": "card data",
    "name": "name",
    "billing-address": "billing",
    "email": "billing information",
    "site-address": "site address",
}


@pytest.fixture
def policy(db: None, clock: Traveller) -> PolicyVersion:
    """Give a policy that declares what GeoTrust gets."""
    return first_policy(a_use("deliver-certificate", "essential"))


@pytest.mark.parametrize("recipient", ["data-broker", "scanalert", "statuscake", "court"])
@pytest.mark.parametrize("ground", LegalGround)
def test_whoever_is_not_declared_gets_no_grant_on_any_ground(
    alice: Customer, recipient: str, ground: LegalGround
) -> None:
    with pytest.raises(Refused):
        authorise(
            customer=alice,
            recipient=recipient,
            purpose=Purpose.DELIVER_CERTIFICATE,
            fields=[DataField.NAME],
            ground=ground,
            reference="O-1",
            party="Anybody",
            actor=SYSTEM,
        )
    assert not Disclosure.objects.exists()


def test_nobody_adds_a_line_past_the_register(alice: Customer) -> None:
    row = Disclosure(
        customer=alice,
        recipient=Recipient.objects.get(key="scanalert"),
        party="ScanAlert",
        purpose="deliver-certificate",
        ground="purchase",
        fields="name",
        reference="O-1",
        actor_kind="system",
        recorded_at=TODAY,
    )
    with pytest.raises(DatabaseError, match="declared recipient"), transaction.atomic():
        Disclosure.append(row)
    with pytest.raises(TypeError):
        Grant(object(), row)


@pytest.mark.django_db
def test_what_the_portal_may_give_away_is_what_the_policy_says() -> None:
    """A recipient of the register is one of the policy, for the same purpose and information."""
    by_people = [*BY_STAFF, *BY_ANNOUNCEMENT, LegalGround.WITHDRAWN]
    declared = Declaration.objects.exclude(ground__in=by_people)
    rows = declared.select_related("recipient")
    uses = {use.key: use for use in read_policy_file(POLICIES / "privacy-2.md").uses}
    assert rows
    for row in rows:
        use = uses[row.purpose]
        assert use.recipient == row.recipient.name
        assert use.purpose == row.get_purpose_display()
        assert WORDS[row.field] in use.data
        assert use.basis == ("choice" if row.ground == LegalGround.CHOICE else "essential")
    outside = {use.key for use in uses.values() if use.recipient != "BizSecure"}
    assert outside == {row.purpose for row in rows}


@pytest.mark.django_db
def test_no_ground_is_a_sale_of_information() -> None:
    assert set(Declaration.objects.values_list("ground", flat=True)) <= set(LegalGround.values)
    assert {ground.value for ground in LegalGround} == {
        *("purchase", "choice", "withdrawn"),
        *("harm", "law"),
        *("service", "interests", "order", "crime"),
        # A part of the business changes hands with its customers, who are told (THIRD-5).
        "transfer",
    }
