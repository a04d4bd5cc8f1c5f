"""Ordering and paying in one go."""

from __future__ import annotations

from uuid import UUID

from accounts.actors import Actor
from accounts.models import Customer
from bizsecure.core.errors import Refused
from bizsecure.store.models import Order
from bizsecure.store.services.checkout import Accepted, place_order
from bizsecure.store.services.paying import pay
from bizsecure.store.states import OrderState


def buy(
    *, customer: Customer, uid: UUID, accepted: Accepted, card: UUID | None, actor: Actor
) -> Order:
    """Place a draft as an order and pay it; return the order, however far it has come.

    Without a card it is paid on the provider's own page.

    The order is committed before the card company is asked. Sent twice, by an impatient press,
    from another tab or after a connection broke, it is the same order and the same payment.
    """
    order = place_order(customer=customer, uid=uid, accepted=accepted, actor=actor)
    if order.state == OrderState.AWAITING_PAYMENT:
        try:
            pay(order=order, card=card, actor=actor)
        except Refused:
            # Another press is paying it, or the card cannot be used: the page of the order says
            # how it stands and takes another card.
            order.refresh_from_db()
    order.refresh_from_db()
    return order
