"""Moving an order, a payment or a service into its next state: by compare-and-set.

What moves an order or a service leaves its row in the log.

Everything here runs inside the caller's transaction. Whoever finds the row in another state than
expected is told so by a False, and has changed nothing.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from accounts.actors import Actor
from accounts.models import Customer
from bizsecure.store.models import HeldService, Order, OrderEvent, Payment
from bizsecure.store.states import (
    ORDER_MOVES,
    PAYMENT_MOVES,
    SERVICE_MOVES,
    OrderState,
    PaymentState,
    ServiceState,
)

# Later than any answer can come in the request that asks.
FIRST_LOOK_AFTER = timedelta(minutes=2)
SHORTEST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=1)


class NoSuchMove(Exception):
    """A move that states.py does not have: a mistake in the program, not of a customer."""


@transaction.atomic
def move_order(
    *,
    order: Order,
    to: OrderState,
    kind: OrderEvent.Kind,
    actor: Actor,
    now: datetime,
    reason: str = "",
    **facts: Any,
) -> bool:
    """Move an order on from the state it was read in; return whether it still was in it.

    `facts` are columns that change along with the state.
    """
    old = OrderState(order.state)
    if to not in ORDER_MOVES[old]:
        raise NoSuchMove(f"{old} to {to}")
    hold(customer_id=order.customer_id)
    moved = Order.objects.filter(pk=order.pk, state=old).update(state=to, **facts)
    if not moved:
        return False
    for name, value in {"state": to, **facts}.items():
        setattr(order, name, value)
    log(order=order, kind=kind, actor=actor, now=now, moved=(old, to), reason=reason)
    return True


@transaction.atomic
def move_service(
    *,
    service: HeldService,
    to: ServiceState,
    kind: OrderEvent.Kind,
    actor: Actor,
    now: datetime,
    reason: str = "",
    **facts: Any,
) -> bool:
    """Move a service on from the state it was read in; return whether it still was in it."""
    old = ServiceState(service.state)
    if to not in SERVICE_MOVES[old]:
        raise NoSuchMove(f"{old} to {to}")
    hold(customer_id=service.customer_id)
    moved = HeldService.objects.filter(pk=service.pk, state=old).update(state=to, **facts)
    if not moved:
        return False
    for name, value in {"state": to, **facts}.items():
        setattr(service, name, value)
    log(
        order=service.line.order,
        service=service,
        kind=kind,
        actor=actor,
        now=now,
        moved=(old, to),
        reason=reason,
    )
    return True


def move_payment(*, payment: Payment, to: PaymentState, now: datetime, **facts: Any) -> bool:
    """Move a payment on from the state it was read in; return whether it still was in it."""
    old = PaymentState(payment.state)
    if to not in PAYMENT_MOVES[old]:
        raise NoSuchMove(f"{old} to {to}")
    facts = {"state": to, "moved_at": now, **facts}
    moved = Payment.objects.filter(pk=payment.pk, state=old).update(**facts)
    payment.refresh_from_db()
    return bool(moved)


def look_again_later(*, payment: Payment, now: datetime) -> None:
    """Look at a payment again later, the longer it takes the later."""
    wait = min(max((now - payment.moved_at) / 2, SHORTEST_WAIT), LONGEST_WAIT)
    Payment.objects.filter(pk=payment.pk, state=payment.state).update(due_at=now + wait)


def first_look(now: datetime) -> datetime:
    """Return when to look at a payment that is being asked about now."""
    return now + FIRST_LOOK_AFTER


@transaction.atomic
def log(
    *,
    order: Order,
    kind: OrderEvent.Kind,
    actor: Actor,
    now: datetime,
    service: HeldService | None = None,
    moved: tuple[str, str] = ("", ""),
    reason: str = "",
) -> None:
    """Write a row into the log of an order, under the lock of its customer."""
    hold(customer_id=order.customer_id)
    OrderEvent.append(
        OrderEvent(
            customer_id=order.customer_id,
            order=order,
            service=service,
            kind=kind,
            old_state=moved[0],
            new_state=moved[1],
            reason=reason,
            actor_kind=actor.kind,
            actor_user_id=actor.user_id,
            recorded_at=now,
        )
    )


def hold(*, customer_id: int) -> None:
    """Hold the customer until the transaction ends, before anything of the customer's is touched.

    Everybody who writes takes this lock first, so that no two wait for each other.
    """
    Customer.objects.locked([customer_id]).get()
