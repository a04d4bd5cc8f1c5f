"""A part of the business is sold: what goes to the buyer stands in the register first (THIRD-5).

It is a ground of its own, on which contents of communications cannot be declared. Like every
line by staff it takes two: one who announces the transfer, another who agrees.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from django.db import transaction

from accounts.actors import ActorKind
from accounts.models import Customer
from bizsecure.core.errors import Refused
from consent.grounds import LegalGround, Purpose, as_list
from consent.models import Declaration, Disclosure, DisclosureOutcome, Recipient
from consent.models.entries import Telling
from consent.reasons import Reason

AT_ONCE = 1000
BUYER = "buyer"


@dataclass(frozen=True)
class Transfer:
    """Who takes over, under which document, and which two members of staff decided it."""

    buyer: str
    reference: str
    announced_by: int
    agreed_by: int


@transaction.atomic
def record_transfer(*, transfer: Transfer, customers: Iterable[int], now: datetime) -> int:
    """Write into the register that these customers' information goes to the buyer.

    Before it goes, and once a customer however often it is said; returns how many lines are
    new. Refused with NO_PARTY, NO_REFERENCE, and NEEDS_TWO_PEOPLE.
    """
    if not transfer.buyer.strip():
        raise Refused(Reason.NO_PARTY, recipient=BUYER)
    if not transfer.reference.strip():
        raise Refused(Reason.NO_REFERENCE)
    if transfer.announced_by == transfer.agreed_by:
        raise Refused(Reason.NEEDS_TWO_PEOPLE)
    buyer = Recipient.objects.get(key=BUYER)
    declared = Declaration.objects.filter(recipient=buyer, ground=LegalGround.TRANSFER)
    fields = as_list(declared.values_list("field", flat=True))
    written, waiting = 0, iter(customers)
    while some := list(islice(waiting, AT_ONCE)):
        lines = _lines(transfer, buyer, some)
        Disclosure.append_many(
            lines,
            {
                "kind": Disclosure.Kind.GIVEN,
                "recipient_id": buyer.pk,
                "party": transfer.buyer.strip(),
                "purpose": Purpose.CARRY_ON,
                "ground": LegalGround.TRANSFER,
                "fields": fields,
                "reference": transfer.reference.strip(),
                "telling": Telling.NOW,
                "tell_on": None,
                "barred_by": "",
                "entry_id": None,
                "approved_by_id": transfer.agreed_by,
                "actor_kind": ActorKind.STAFF,
                "actor_user_id": transfer.announced_by,
                "recorded_at": now,
            },
        )
        written += len(lines)
    return written


@transaction.atomic
def call_transfer_off(*, transfer: Transfer, now: datetime) -> int:
    """Record that nothing goes to the buyer after all; return of how many customers.

    What became of a line already stays as it was said.
    """
    open_ones = Disclosure.objects.filter(
        **_of(transfer), recipient__key=BUYER, outcomes__isnull=True
    )
    outcomes = [
        DisclosureOutcome(
            disclosure_id=key,
            outcome=DisclosureOutcome.Outcome.FAILED,
            actor_kind=ActorKind.STAFF,
            actor_user_id=transfer.announced_by,
            recorded_at=now,
        )
        for key in open_ones.values_list("pk", flat=True).iterator(chunk_size=AT_ONCE)
    ]
    DisclosureOutcome.objects.bulk_create(outcomes, batch_size=AT_ONCE)
    return len(outcomes)


def _lines(transfer: Transfer, buyer: Recipient, customers: list[int]) -> list[dict[str, Any]]:
    """Return a line for each of these customers who has none yet, holding them from now on."""
    held = list(Customer.objects.locked(customers).values_list("pk", flat=True))
    said = set(
        Disclosure.objects.filter(
            **_of(transfer), recipient=buyer, customer__among=held
        ).values_list("customer", flat=True)
    )
    return [
        {"customer_id": customer, "uid": uuid.uuid4()} for customer in held if customer not in said
    ]


def _of(transfer: Transfer) -> dict[str, str]:
    return {"ground": LegalGround.TRANSFER, "reference": transfer.reference.strip()}
