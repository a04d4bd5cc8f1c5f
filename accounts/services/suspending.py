"""Suspending an account, and putting it back in good standing."""

from __future__ import annotations

from enum import Enum

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.actors import Actor
from accounts.event_kinds import EventKind, Grievance
from accounts.models import Customer
from accounts.services.confiding import acting_on
from accounts.services.logging_events import record_event
from bizsecure.core.errors import Refused

Status = Customer.Status
SUSPEND = "accounts.suspend_account"


class Reason(Enum):
    NOT_IN_GOOD_STANDING = _("Only an account in good standing can be suspended.")
    NOT_SUSPENDED = _("This account is not suspended.")


@transaction.atomic
def suspend_account(
    *, customer: Customer, grievance: Grievance, case_number: str, actor: Actor
) -> None:
    """Suspend an account for a reason that the customer is told.

    Refused with NO_RIGHT, LOOK_FIRST and NOT_IN_GOOD_STANDING.
    """
    if not _move(customer, Status.ACTIVE, Status.SUSPENDED, grievance, case_number, actor):
        raise Refused(Reason.NOT_IN_GOOD_STANDING)


@transaction.atomic
def reinstate_account(*, customer: Customer, case_number: str, actor: Actor) -> None:
    """Put a suspended account back in good standing.

    Refused with NO_RIGHT, LOOK_FIRST and NOT_SUSPENDED.
    """
    if not _move(customer, Status.SUSPENDED, Status.ACTIVE, None, case_number, actor):
        raise Refused(Reason.NOT_SUSPENDED)


def _move(
    customer: Customer,
    before: Customer.Status,
    after: Customer.Status,
    grievance: Grievance | None,
    case_number: str,
    actor: Actor,
) -> bool:
    now = timezone.now()
    acting_on(customer=customer, right=SUSPEND, actor=actor, now=now)
    moved = Customer.objects.filter(pk=customer.pk, status=before).update(status=after)
    if moved:
        suspended = after == Status.SUSPENDED
        record_event(
            customer=customer,
            kind=EventKind.ACCOUNT_SUSPENDED if suspended else EventKind.ACCOUNT_RESTORED,
            actor=actor,
            now=now,
            subject=grievance.value if grievance else "",
            reference=case_number,
        )
    return bool(moved)
