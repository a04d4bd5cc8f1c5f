"""Removing a customer's second factor: asked by one member of staff, done by another.

It lets in whoever has the password, so nobody does it alone, and the customer is told.
"""

from __future__ import annotations

from enum import Enum

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.actors import Actor
from accounts.event_kinds import EventKind
from accounts.models import Customer, FactorRemoval, Mandate
from accounts.services.acting import Asked, record_mandate
from accounts.services.confiding import acting_on
from accounts.services.logging_events import record_event
from accounts.services.sessions import end_other_sessions
from bizsecure.core.errors import Refused

REMOVE_FACTOR = "accounts.remove_factor"


class Reason(Enum):
    NO_FACTOR = _("This customer has no second factor.")
    OWN_REQUEST = _("You asked for it yourself. Somebody else must look at it.")
    DECIDED = _("This was decided already.")


@transaction.atomic
def ask_to_remove_factor(*, customer: Customer, asked: Asked, actor: Actor) -> FactorRemoval:
    """Write down that the customer asked for it. Nothing is removed before another agrees.

    While one waits, that one is returned. Refused with NO_RIGHT, LOOK_FIRST and NO_FACTOR.
    """
    now = timezone.now()
    staff = acting_on(customer=customer, right=REMOVE_FACTOR, actor=actor, now=now)
    customer = Customer.objects.locked([customer.pk]).get()
    if not has_factor(customer):
        raise Refused(Reason.NO_FACTOR)
    waiting = FactorRemoval.objects.waiting().filter(customer=customer).first()
    if waiting is not None:
        return waiting
    mandate = record_mandate(
        customer=customer, matter=Mandate.Matter.FACTOR, asked=asked, actor=actor, now=now
    )
    return FactorRemoval.objects.create(
        customer=customer, mandate=mandate, asked_by=staff, asked_at=now
    )


@transaction.atomic
def decide_removal(*, removal: FactorRemoval, agreed: bool, actor: Actor) -> None:
    """Remove every second factor of the customer and sign them out everywhere; or decline.

    Refused with NO_RIGHT, LOOK_FIRST, OWN_REQUEST and DECIDED.
    """
    now = timezone.now()
    customer = Customer.objects.locked([removal.customer_id]).get()
    staff = acting_on(customer=customer, right=REMOVE_FACTOR, actor=actor, now=now)
    row = FactorRemoval.objects.select_for_update().get(pk=removal.pk)
    if row.asked_by_id == staff.pk:
        raise Refused(Reason.OWN_REQUEST)
    if row.decided_at is not None:
        raise Refused(Reason.DECIDED)
    row.decided_by, row.decided_at, row.is_agreed = staff, now, agreed
    row.save(update_fields=["decided_by", "decided_at", "is_agreed"])
    if agreed and customer.user is not None:
        Authenticator.objects.filter(user=customer.user).delete()
        end_other_sessions(user=customer.user, but=None, actor=actor)
        record_event(customer=customer, kind=EventKind.FACTOR_REMOVED, actor=actor, now=now)


def has_factor(customer: Customer) -> bool:
    """Whether the sign-in of this customer asks for more than a password."""
    return bool(Authenticator.objects.filter(user=customer.user_id or 0).exists())
