"""Entries of the register as staff make them, for the tests of several rooms."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from accounts.actors import Actor
from accounts.models import Customer, User
from consent.grounds import DataField, LegalGround, Purpose
from consent.models import Disclosure, DisclosureEntry
from consent.models.entries import Telling
from consent.services.entering import Proposal, approve, propose


def a_proposal(**other: Any) -> Proposal:
    """Return what a court asks for, told at once."""
    facts: dict[str, Any] = {
        "key": uuid4(),
        "recipient": "court",
        "party": "Circuit Court of Multnomah County",
        "purpose": Purpose.OBEY_LAW,
        "ground": LegalGround.LAW,
        "fields": [DataField.NAME, DataField.POSTAL_ADDRESS],
        "reference": "Subpoena 27-CV-0042",
        "telling": Telling.NOW,
    }
    return Proposal(**{**facts, **other})


def an_entry(customer: Customer, proposer: User, **other: Any) -> DisclosureEntry:
    """Return an entry that waits for a second person."""
    return propose(customer=customer, proposal=a_proposal(**other), actor=Actor.staff(proposer))


def given_by_staff(customer: Customer, **other: Any) -> Disclosure:
    """Return a disclosure that two members of staff made."""
    one = _staff("proposer@bizsecure.example")
    other_one = _staff("approver@bizsecure.example")
    return approve(entry=an_entry(customer, one, **other), actor=Actor.staff(other_one))


def _staff(email: str) -> User:
    found = User.objects.filter(email=email).first()
    return found or User.objects.create_user(email, is_staff=True)
