"""Writing down what a customer decided and told our staff (OPT-4)."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import Customer, Mandate
from accounts.services.acting import Asked, record_mandate
from accounts.services.confiding import acting_on
from consent.models import Choice
from consent.services.choosing import record_choices
from consent.standing import standings

RECORD_DECISION = "accounts.record_decision"


@transaction.atomic
def decide_for(
    *, customer: Customer, decisions: Mapping[str, bool], asked: Asked, actor: Actor
) -> list[Choice]:
    """Record yes or no to uses, by their keys, as the customer asked for.

    Each under the version that declares the use. Nothing is written down when all of it stands
    so already. Refused with NO_RIGHT, LOOK_FIRST, UNDECLARED and NO_CHOICE_TO_MAKE.
    """
    now = timezone.now()
    acting_on(customer=customer, right=RECORD_DECISION, actor=actor, now=now)
    customer = Customer.objects.locked([customer.pk]).get()
    moved = [
        standing.declared
        for standing in standings(customer)
        if not standing.locked
        and decisions.get(standing.use_key, standing.allowed) != standing.allowed
    ]
    if not moved:
        return []
    mandate = record_mandate(
        customer=customer, matter=Mandate.Matter.DECISION, asked=asked, actor=actor, now=now
    )
    rows: list[Choice] = []
    for declared in moved:
        rows += record_choices(
            customer=customer,
            version=declared.version,
            answers={declared.use.key: decisions[declared.use.key]},
            method=Choice.Method.STAFF,
            actor=actor,
            mandate=mandate,
        )
    return rows
