"""What becomes of an order once its payment moves: delivery, invoice, or back into the cart.

`order_was_paid`, `order_was_declined` and `order_was_refunded` are called by the services that
speak with the gateway, in the transaction in which the payment moves, so that neither happens
without the other.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.actors import SYSTEM, Actor
from bizsecure.core.errors import Refused
from bizsecure.store.models import HeldService, Order, OrderEvent, OrderLine, Payment
from bizsecure.store.periods import added_to
from bizsecure.store.reasons import Reason
from bizsecure.store.services.checkout import cart_of_order
from bizsecure.store.services.invoicing import issue_credit_note, issue_invoice
from bizsecure.store.services.moving import hold, log, move_order, move_service
from bizsecure.store.services.reminding import post_receipt, post_refund
from bizsecure.store.services.saved_carts import put_back
from bizsecure.store.states import SETTLED, UNPAID, OrderState, ServiceState


@transaction.atomic
def await_payment(*, order: Order, actor: Actor, now: datetime) -> None:
    """Make an order ready for a payment: a declined one is tried again.

    Refused for an order that needs no payment, or of which a payment is still open.
    """
    hold(customer_id=order.customer_id)
    order.refresh_from_db(fields=["state"])
    if order.state not in UNPAID:
        raise Refused(Reason.NOT_UNPAID)
    if Payment.objects.live().filter(order=order).exists():
        raise Refused(Reason.PAYMENT_OPEN)
    if order.state == OrderState.DECLINED:
        again = OrderEvent.Kind.TRIED_AGAIN
        move_order(order=order, to=OrderState.AWAITING_PAYMENT, kind=again, actor=actor, now=now)


@transaction.atomic
def order_was_paid(*, order: Order, actor: Actor, now: datetime) -> None:
    """Write the invoice of an order whose money has come in, and begin to deliver it."""
    hold(customer_id=order.customer_id)
    order.refresh_from_db(fields=["state"])
    paid = OrderEvent.Kind.PAID
    if not move_order(
        order=order, to=OrderState.PAID, kind=paid, actor=actor, now=now, paid_at=now
    ):
        return
    post_receipt(order=order, invoice=issue_invoice(order=order, now=now))
    delivering = OrderEvent.Kind.DELIVERING
    for line in order.lines.select_related("product", "renews"):
        if line.renews is None:
            _begin_services(order, line, now)
        else:
            _prolong(order, line.renews, line, actor, now)
    move_order(order=order, to=OrderState.IN_DELIVERY, kind=delivering, actor=SYSTEM, now=now)
    close_if_delivered(order=order, now=now)


@transaction.atomic
def order_was_declined(*, order: Order, actor: Actor, now: datetime, reason: str = "") -> None:
    """Say of an order that its payment was declined; it can be tried again or cancelled."""
    hold(customer_id=order.customer_id)
    order.refresh_from_db(fields=["state"])
    if order.state == OrderState.AWAITING_PAYMENT:
        move_order(
            order=order,
            to=OrderState.DECLINED,
            kind=OrderEvent.Kind.DECLINED,
            actor=actor,
            now=now,
            reason=reason,
        )


@transaction.atomic
def order_was_refunded(*, order: Order, actor: Actor, now: datetime, reason: str = "") -> None:
    """End what an order brought, and write its credit note: the money went back."""
    hold(customer_id=order.customer_id)
    order.refresh_from_db(fields=["state"])
    if order.state not in SETTLED:
        return
    for service in HeldService.objects.running().filter(line__order=order):
        end_service(service=service, actor=actor, now=now, reason=reason)
    move_order(
        order=order,
        to=OrderState.REFUNDED,
        kind=OrderEvent.Kind.REFUNDED,
        actor=actor,
        now=now,
        reason=reason,
    )
    post_refund(order=order, credit=issue_credit_note(order=order, now=now), reason=reason)


@transaction.atomic
def cancel_order(*, order: Order, actor: Actor) -> Order:
    """Cancel an order that is not paid, and put what was in it back into the cart.

    Sent twice, it is cancelled once. Refused for a paid order, and while the outcome of a
    payment is open.
    """
    now = timezone.now()
    hold(customer_id=order.customer_id)
    order.refresh_from_db()
    if order.state == OrderState.CANCELLED:
        return order
    if order.state not in UNPAID:
        raise Refused(Reason.NOT_CANCELLABLE)
    if Payment.objects.live().filter(order=order).exists():
        raise Refused(Reason.PAYMENT_OPEN)
    cancelled = OrderEvent.Kind.CANCELLED
    move_order(order=order, to=OrderState.CANCELLED, kind=cancelled, actor=actor, now=now)
    put_back(customer=order.customer, given_up=cart_of_order(order), now=now)
    return order


@transaction.atomic
def activate(*, service: HeldService, actor: Actor, now: datetime, reference: str = "") -> bool:
    """Say of a service that it works from now on, and that its time begins.

    An order all of whose services work is delivered.
    """
    moved = move_service(
        service=service,
        to=ServiceState.ACTIVE,
        kind=OrderEvent.Kind.ACTIVATED,
        actor=actor,
        now=now,
        activated_at=now,
        paid_until=added_to(now, service.period),
        due_at=None,
        partner_reference=reference or service.partner_reference,
    )
    if moved:
        close_if_delivered(order=service.line.order, now=now)
    return moved


def end_service(*, service: HeldService, actor: Actor, now: datetime, reason: str = "") -> bool:
    """End a service for good."""
    return move_service(
        service=service,
        to=ServiceState.ENDED,
        kind=OrderEvent.Kind.ENDED,
        actor=actor,
        now=now,
        reason=reason,
        ended_at=now,
        due_at=None,
    )


def close_if_delivered(*, order: Order, now: datetime) -> None:
    """Say of an order that it is delivered, once nothing of it is still to be set up."""
    order.refresh_from_db(fields=["state"])
    waiting = HeldService.objects.waiting().filter(line__order=order)
    if order.state == OrderState.IN_DELIVERY and not waiting.exists():
        done = OrderEvent.Kind.DELIVERED
        move_order(order=order, to=OrderState.DELIVERED, kind=done, actor=SYSTEM, now=now)


def _begin_services(order: Order, line: OrderLine, now: datetime) -> None:
    made = HeldService.objects.bulk_create(
        HeldService(
            customer_id=order.customer_id,
            line=line,
            unit=unit,
            product=line.product,
            name=line.name,
            kind=line.kind,
            period=line.period,
            delivered_by=line.delivered_by,
            ordered_at=now,
            due_at=now,
        )
        for unit in range(1, line.quantity + 1)
    )
    for service in made:
        ordered = OrderEvent.Kind.SERVICE_ORDERED
        log(order=order, service=service, kind=ordered, actor=SYSTEM, now=now)


def _prolong(
    order: Order, service: HeldService, line: OrderLine, actor: Actor, now: datetime
) -> None:
    """Add a period to what is paid already. A suspended service works again.

    One that our staff withhold stays suspended: that is not for money to lift.
    """
    begins = service.paid_until or now
    if service.state == ServiceState.SUSPENDED:
        # What lapsed meanwhile was not had, and is not paid for.
        begins = max(begins, now)
    until = added_to(begins, line.period)
    if service.state == ServiceState.SUSPENDED and service.withheld_at is None:
        move_service(
            service=service,
            to=ServiceState.ACTIVE,
            kind=OrderEvent.Kind.ACTIVATED,
            actor=actor,
            now=now,
        )
    prolonged: dict[str, Any] = {"paid_until": until}
    if service.delivered_by:
        # The partner is to be asked for the next month or year.
        prolonged |= {"due_at": now, "handed_over_at": None, "attempts": 0, "last_failure": ""}
    HeldService.objects.filter(pk=service.pk).update(**prolonged)
    renewed = OrderEvent.Kind.RENEWED
    log(order=order, service=service, kind=renewed, actor=actor, now=now)
