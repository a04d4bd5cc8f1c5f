"""What the shop keeps about a person, for the register of holdings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from accounts.holdings import Holding, Obstacle, Row, declare, leave_out
from accounts.models import Customer
from accounts.services.erasing import keep
from bizsecure.store.models import (
    HeldService,
    Order,
    OrderEvent,
    OrderLine,
    Payment,
    SavedCart,
)
from bizsecure.store.services.erasing import erase_cart, erase_orders, erase_services

ROWS_AT_ONCE = 500


def _for_years(sentence: Any) -> Any:
    """A sentence with the number of years that the law has us keep what was paid."""
    return lazy(lambda: sentence % settings.RECORDS_KEPT_YEARS, str)()


def _cart(customer: Customer) -> Iterator[Row]:
    for saved in SavedCart.objects.filter(customer=customer):
        for slug, period, quantity in saved.contents:
            yield {"product": slug, "period": period, "quantity": quantity}


def _orders(customer: Customer) -> Iterator[Row]:
    lines = OrderLine.objects.filter(order__customer=customer)
    lines = lines.select_related("order", "order__billing", "order__terms")
    for line in lines.order_by("order", "position").iterator(chunk_size=ROWS_AT_ONCE):
        order = line.order
        billing, terms = getattr(order, "billing", None), getattr(order, "terms", None)
        yield {
            "order": order.number,
            "begun_at": order.created_at,
            "placed_at": order.placed_at,
            "paid_at": order.paid_at,
            "state": order.get_state_display(),
            "product": line.name,
            "period": line.get_period_display(),
            "quantity": line.quantity,
            "amount": line.net,
            "tax": line.tax,
            "currency": line.currency,
            "delivered_by": line.delivered_by,
            "partner_receives": line.partner_receives,
            "billed_to": ", ".join([billing.name, *billing.lines]) if billing else "",
            "accepted": terms.wording if terms else "",
            "terms_hash": terms.terms_hash if terms else "",
            "policy_hash": terms.policy_hash if terms else "",
        }


def _payments(customer: Customer) -> Iterator[Row]:
    rows = Payment.objects.filter(order__customer=customer).select_related("order")
    for row in rows.order_by("order", "attempt").iterator(chunk_size=ROWS_AT_ONCE):
        yield {
            "order": row.order.number,
            "attempt": row.attempt,
            "asked_at": row.asked_at,
            "state": row.get_state_display(),
            "amount": row.amount,
            "currency": row.currency,
            "card": row.card_label,
        }


def _services(customer: Customer) -> Iterator[Row]:
    rows = HeldService.objects.visible_to(customer).select_related("line__order")
    for row in rows.order_by("pk").iterator(chunk_size=ROWS_AT_ONCE):
        yield {
            "service": row.name,
            "order": row.line.order.number,
            "site": row.site,
            "state": row.get_state_display(),
            "delivered_by": row.delivered_by,
            "ordered_at": row.ordered_at,
            "activated_at": row.activated_at,
            "paid_until": row.paid_until,
            "ends_at": row.cancels_at,
            "reason": row.get_cancel_reason_display(),
            "ended_at": row.ended_at,
        }


def _log(customer: Customer) -> Iterator[Row]:
    rows = OrderEvent.objects.filter(customer=customer).select_related("order", "service")
    for row in rows.order_by("sequence").iterator(chunk_size=ROWS_AT_ONCE):
        yield {
            "recorded_at": row.recorded_at,
            "order": row.order.number,
            "service": row.service.name if row.service else "",
            "what": row.get_kind_display(),
            "from": row.old_state,
            "to": row.new_state,
            "reason": row.reason,
            "by": row.get_actor_kind_display(),
            "sequence": row.sequence,
            "row_hash": row.row_hash,
        }


def _unpaid_orders(customer: Customer) -> Iterable[Obstacle]:
    if Order.objects.visible_to(customer).unpaid().exists():
        yield Obstacle(_("An order is not paid yet. Pay it or cancel it first."), reverse("orders"))


def _running_services(customer: Customer) -> Iterable[Obstacle]:
    if HeldService.objects.visible_to(customer).running().exists():
        yield Obstacle(
            _("You have services that are running. Cancel them first."), reverse("services")
        )


declare(
    Holding(
        key="cart",
        title=_("Your cart"),
        models=("store.SavedCart",),
        rows=_cart,
        erase=erase_cart,
    )
)
declare(
    Holding(
        key="orders",
        title=_("Orders and invoices"),
        models=(
            "store.Order",
            "store.OrderLine",
            "store.BillingDetails",
            "store.OrderTerms",
            "store.Invoice",
        ),
        rows=_orders,
        erase=erase_orders,
        keeps=_for_years(
            _(
                "Paid orders with name and address on their invoices, for %d years, because tax "
                "law demands it. The e-mail address goes at once, and so do name and address of "
                "what was never paid."
            )
        ),
        blocks=_unpaid_orders,
    )
)
declare(
    Holding(
        key="payments",
        title=_("Payments"),
        models=("store.Payment",),
        rows=_payments,
        erase=keep,
        keeps=_for_years(
            _(
                "What was paid when. The brand and the last four digits of the card stay with it "
                "for %d years, as proof of who paid."
            )
        ),
    )
)
declare(
    Holding(
        key="services",
        title=_("Services you hold"),
        models=("store.HeldService",),
        rows=_services,
        erase=erase_services,
        keeps=_("Which services there were and when, without the sites they served."),
        blocks=_running_services,
    )
)
declare(
    Holding(
        key="order-log",
        title=_("What happened to your orders and services"),
        models=("store.OrderEvent",),
        rows=_log,
        erase=keep,
        keeps=_("The log of orders, which names nobody, as part of our accounts."),
    )
)
leave_out("store.TermsVersion", because="It names the member of staff who published.")
