"""Paying an order back: all of it, once, with the reason, of which the customer is told.

As with paying, the step is committed before the gateway is asked for it, and asked about where
no answer came.
"""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from accounts.actors import Actor
from bizsecure.store.gateways.choosing import payment_gateway
from bizsecure.store.gateways.interface import Approved, Declined, Outcome, Sought, Step
from bizsecure.store.models import Order, OrderEvent, Payment, RefundReason
from bizsecure.store.services.fulfilling import order_was_refunded
from bizsecure.store.services.moving import (
    first_look,
    hold,
    log,
    look_again_later,
    move_payment,
)
from bizsecure.store.states import PaymentState


def refund(*, order: Order, reason: RefundReason, actor: Actor) -> bool:
    """Pay an order back for a reason, and return whether the money is on its way.

    False for an order that is not paid, or is paid back already: pressed twice, it is once.
    """
    payment = _begin(order, reason, actor)
    if payment is None:
        return False
    _refund(payment, actor)
    return bool(payment.state == PaymentState.REFUNDED)


def ask_about_refund(*, payment: Payment, actor: Actor) -> None:
    """Ask what became of a refund; one that never arrived is sent again."""
    of = payment.capture_reference or ""
    outcome = payment_gateway().find(Sought(payment.key, Step.REFUND, payment.moved_at, of=of))
    if outcome is None:
        _refund(payment, actor)
    else:
        _heard_of_refund(payment, outcome, actor)


@transaction.atomic
def _begin(order: Order, reason: RefundReason, actor: Actor) -> Payment | None:
    now = timezone.now()
    hold(customer_id=order.customer_id)
    captured = Payment.objects.filter(order=order, state=PaymentState.CAPTURED)
    payment: Payment | None = captured.first()
    if payment is None or not move_payment(
        payment=payment, to=PaymentState.REFUNDING, now=now, due_at=first_look(now)
    ):
        return None
    asked = OrderEvent.Kind.REFUND_ASKED
    log(order=order, kind=asked, actor=actor, now=now, reason=reason)
    return payment


def _refund(payment: Payment, actor: Actor) -> None:
    capture = payment.capture_reference or ""
    outcome = payment_gateway().refund(key=payment.key, capture=capture, amount=payment.money)
    _heard_of_refund(payment, outcome, actor)


def _heard_of_refund(payment: Payment, outcome: Outcome, actor: Actor) -> None:
    if isinstance(outcome, (Approved, Declined)):
        _settle(payment, actor, is_done=isinstance(outcome, Approved))
    else:
        look_again_later(payment=payment, now=timezone.now())


@transaction.atomic
def _settle(payment: Payment, actor: Actor, *, is_done: bool) -> None:
    now, order = timezone.now(), payment.order
    hold(customer_id=order.customer_id)
    reason = _why(order)
    if not is_done:
        refused = OrderEvent.Kind.REFUND_REFUSED
        if move_payment(payment=payment, to=PaymentState.CAPTURED, now=now, due_at=None):
            log(order=order, kind=refused, actor=actor, now=now, reason=reason)
    elif move_payment(
        payment=payment, to=PaymentState.REFUNDED, now=now, refunded_at=now, due_at=None
    ):
        order_was_refunded(order=order, actor=actor, now=now, reason=reason)


def _why(order: Order) -> str:
    """Return the reason with which the refund was begun; the log has it."""
    asked = order.events.filter(kind=OrderEvent.Kind.REFUND_ASKED).newest_first()
    return str(asked.values_list("reason", flat=True).first() or "")
