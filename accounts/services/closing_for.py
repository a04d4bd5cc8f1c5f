"""Closing the account of a customer who asked our staff to, and keeping it after all (OPT-4).

The same things stand in the way, and the same days to think again begin, as when the customer
closes it in the control panel.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import Closing, Customer, Mandate
from accounts.services.acting import Asked, record_mandate
from accounts.services.closing import open_closing, request_closing, undo_closing
from accounts.services.confiding import acting_on

CLOSE = "accounts.close_account"
Matter = Mandate.Matter


@transaction.atomic
def close_for(*, customer: Customer, asked: Asked, actor: Actor) -> Closing:
    """Begin the closing that the customer asked for; while one is open, that one is returned.

    Refused with NO_RIGHT, LOOK_FIRST, IN_THE_WAY and ALREADY_ERASED.
    """
    closing = _held_for(customer, actor, now=timezone.now())
    if closing is not None:
        return closing
    mandate = _asked(customer, Matter.CLOSING, asked, actor)
    return request_closing(customer=customer, actor=actor, mandate=mandate)


@transaction.atomic
def keep_open_for(*, customer: Customer, asked: Asked, actor: Actor) -> None:
    """Undo the closing of a customer who thought again and told us so.

    Nothing is written down where no closing is open. Refused with NO_RIGHT and LOOK_FIRST.
    """
    if _held_for(customer, actor, now=timezone.now()) is None:
        return
    _asked(customer, Matter.KEEPING, asked, actor)
    undo_closing(customer=customer, actor=actor)


def _held_for(customer: Customer, actor: Actor, *, now: datetime) -> Closing | None:
    """Hold the customer for who may do this, and return the closing that is open."""
    acting_on(customer=customer, right=CLOSE, actor=actor, now=now)
    return open_closing(Customer.objects.locked([customer.pk]).get())


def _asked(customer: Customer, matter: Mandate.Matter, asked: Asked, actor: Actor) -> Mandate:
    now = timezone.now()
    return record_mandate(customer=customer, matter=matter, asked=asked, actor=actor, now=now)
