"""Closing an account: asked for, thought over, and carried out by erasing (OPT-3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.actors import SYSTEM, Actor
from accounts.closing_journal import Step, note
from accounts.event_kinds import EventKind
from accounts.holdings import Obstacle, holdings, obstacles
from accounts.models import Closing, Customer, Mandate
from accounts.services.logging_events import record_event
from bizsecure.core.errors import Refused

TIME_TO_THINK = timedelta(days=14)

Status = Customer.Status


class Reason(Enum):
    IN_THE_WAY = _("Something still stands in the way of closing this account.")
    NOT_ASKED_FOR = _("Nobody has asked for this account to be closed.")
    TOO_EARLY = _("The customer may still think again, until %(until)s.")
    ALREADY_ERASED = _("This account is closed, and what it held is erased.")


@dataclass(frozen=True)
class Verdict:
    """Whether an account may be erased now. `reason` is empty if it may."""

    closing: Closing | None
    reason: Reason | None
    obstacles: tuple[Obstacle, ...] = ()

    def insist(self) -> Closing:
        """Return the closing that may be carried out, or refuse with the reason."""
        if self.reason or self.closing is None:
            until = {"until": self.closing.erase_at} if self.closing else {}
            raise Refused(self.reason or Reason.NOT_ASKED_FOR, **until)
        return self.closing


def may_be_erased(*, customer: Customer, now: datetime) -> Verdict:
    """Judge whether this account may be erased: the same for the job and for staff."""
    if customer.status == Status.CLOSED:
        return Verdict(None, Reason.ALREADY_ERASED)
    closing = open_closing(customer)
    if closing is None:
        return Verdict(None, Reason.NOT_ASKED_FOR)
    if closing.erase_at > now:
        return Verdict(closing, Reason.TOO_EARLY)
    in_the_way = tuple(obstacles(customer))
    return Verdict(closing, Reason.IN_THE_WAY if in_the_way else None, in_the_way)


def open_closing(customer: Customer) -> Closing | None:
    """Return the closing that was asked for and is neither undone nor carried out."""
    return Closing.objects.open().filter(customer=customer).first()


@transaction.atomic
def request_closing(*, customer: Customer, actor: Actor, mandate: Mandate | None = None) -> Closing:
    """Begin the days in which the customer may think again; asking twice begins them once.

    From now on the information is used for nothing but what is needed (consent.gate). Staff
    begin them with a `mandate`; the database itself refuses it without. Refused with IN_THE_WAY
    while something is unpaid or running.
    """
    now = timezone.now()
    customer = Customer.objects.locked([customer.pk]).get()
    if customer.status == Status.CLOSED:
        raise Refused(Reason.ALREADY_ERASED)
    closing = open_closing(customer)
    if closing is not None:
        return closing
    if obstacles(customer):
        raise Refused(Reason.IN_THE_WAY)
    return begin_closing(
        customer=customer,
        requested_at=now,
        erase_at=now + TIME_TO_THINK,
        actor=actor,
        now=now,
        mandate=mandate,
    )


def begin_closing(
    *,
    customer: Customer,
    requested_at: datetime,
    erase_at: datetime,
    actor: Actor,
    now: datetime,
    mandate: Mandate | None = None,
) -> Closing:
    """Record a wish to close an account, whose customer the caller has locked and judged."""
    closing = Closing.objects.create(
        customer=customer,
        requested_at=requested_at,
        erase_at=erase_at,
        status_before=customer.status,
        actor_kind=actor.kind,
        actor_user_id=actor.user_id,
        mandate=mandate,
    )
    customer.status = Status.CLOSING
    customer.save(update_fields=["status"])
    record_event(customer=customer, kind=EventKind.CLOSING_REQUESTED, actor=actor, now=now)
    # Replayed, it is the step of then and not one of today.
    note(closing, Step.REQUESTED, customer=customer, taken_at=requested_at)
    return closing


@transaction.atomic
def undo_closing(*, customer: Customer, actor: Actor) -> bool:
    """Let the account go on as before; return whether there was anything to undo."""
    now = timezone.now()
    customer = Customer.objects.locked([customer.pk]).get()
    closing = open_closing(customer)
    if closing is None:
        return False
    Closing.objects.filter(pk=closing.pk).update(undone_at=now)
    customer.status = closing.status_before
    customer.save(update_fields=["status"])
    record_event(customer=customer, kind=EventKind.CLOSING_CANCELLED, actor=actor, now=now)
    note(closing, Step.UNDONE, customer=customer, taken_at=now)
    return True


@transaction.atomic
def erase_account(*, customer: Customer, actor: Actor) -> Closing:
    """Erase everything about a customer but what each holding says it keeps.

    All of it in one transaction: killed at any line, nothing has happened. Refused with the
    reason of `may_be_erased`. Rooms above go first, for they may need what those below know.
    """
    now = timezone.now()
    customer = Customer.objects.locked([customer.pk]).get()
    closing = may_be_erased(customer=customer, now=now).insist()
    for holding in reversed(holdings()):
        holding.erase(customer=customer, now=now)
    customer.status, customer.user = Status.CLOSED, None
    customer.save(update_fields=["status", "user"])
    closing.erased_at = now
    closing.save(update_fields=["erased_at"])
    record_event(customer=customer, kind=EventKind.ACCOUNT_ERASED, actor=actor, now=now)
    note(closing, Step.ERASED, customer=customer, taken_at=now)
    return closing


def due_closings() -> list[int]:
    """Return the keys of the closings whose time to think again is over."""
    return list(Closing.objects.due(timezone.now()).values_list("pk", flat=True))


def carry_out(*, closing_id: int) -> bool:
    """Erase the account of a closing that is due; return whether it is erased now.

    What stands in the way keeps the account, and the next pass looks again.
    """
    closing = Closing.objects.open().select_related("customer").filter(pk=closing_id).first()
    if closing is None:
        return False
    try:
        erase_account(customer=closing.customer, actor=SYSTEM)
    except Refused:
        return False
    return True
