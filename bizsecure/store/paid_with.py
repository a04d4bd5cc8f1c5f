"""What each card of a customer pays for, for the page of cards."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

from accounts.models import Customer
from bizsecure.store.models import HeldService, Payment
from bizsecure.store.states import COLLECTED_PAYMENTS
from bizsecure.vault.payees import Payee, register

# As many as anybody reads; the page of orders has all of them.
MOST_ORDERS = 200


def services_paid_with(customer: Customer) -> Mapping[UUID, Iterable[Payee]]:
    """Return the running services whose order a card paid, by the uid of the card."""
    held = HeldService.objects.visible_to(customer).running().select_related("line")
    by_order: dict[int, list[Payee]] = {}
    for service in held:
        payee = Payee(service.name, service.get_absolute_url())
        by_order.setdefault(service.line.order_id, []).append(payee)
    found: dict[UUID, list[Payee]] = {}
    paid = Payment.objects.filter(order__in=by_order, state__in=COLLECTED_PAYMENTS)
    for order, card in paid.exclude(card=None).values_list("order", "card"):
        found.setdefault(card, []).extend(by_order[order])
    return found


def orders_paid_with(customer: Customer) -> Mapping[UUID, Iterable[Payee]]:
    """Return the orders that each card paid, the newest first."""
    paid = Payment.objects.filter(order__customer=customer, state__in=COLLECTED_PAYMENTS)
    paid = paid.exclude(card=None).select_related("order").order_by("-captured_at")
    found: dict[UUID, list[Payee]] = {}
    for payment in paid[:MOST_ORDERS]:
        order = Payee(payment.order.number, payment.order.get_absolute_url())
        found.setdefault(payment.card, []).append(order)
    return found


register(services_paid_with, paid=orders_paid_with)
