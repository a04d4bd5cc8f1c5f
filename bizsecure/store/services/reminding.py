"""Mails of the shop: receipts, money paid back, and that the time paid for will be over."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.urls import reverse

from accounts.models import Customer
from bizsecure.store.models import HeldService, Invoice, Order
from bizsecure.store.pricing import Period, written
from bizsecure.store.reasons import in_words
from bizsecure.store.states import ServiceState
from bizsecure.vault.services.expiring import note_expiring
from bizsecure.vault.wallet import PayingCard, expiring_cards
from notifications.kinds import KindKey
from notifications.services.posting import post

# How long before the time is over: enough to decide, and not so long that it is forgotten.
AHEAD = {Period.MONTH: timedelta(days=7), Period.YEAR: timedelta(days=30)}
AT_ONCE = 200


def post_receipt(*, order: Order, invoice: Invoice) -> None:
    """Write the receipt of an order, in the transaction in which it was paid."""
    customer = order.customer
    if not customer.email:
        return
    lines = [
        f"{line.quantity} x {line.name}: {written(line.net_money, customer.language)}"
        for line in order.lines.all()
    ]
    post(
        kind=KindKey.RECEIPT,
        customer=customer,
        facts={
            "order": order.number,
            "invoice": invoice.label,
            "lines": lines,
            "total": written(order.money, customer.language),
            "at": invoice.issued_at,
            "url": f"{settings.SITE_URL}{reverse('order', args=[order.number])}",
        },
        occasion=f"receipt-{invoice.number}",
    )


def post_refund(*, order: Order, credit: Invoice, reason: str) -> None:
    """Tell that an order was paid back, and why, in the transaction in which it was."""
    customer = order.customer
    if not customer.email:
        return
    post(
        kind=KindKey.REFUND,
        customer=customer,
        facts={
            "order": order.number,
            "invoice": credit.label,
            "reason": in_words(reason),
            "total": written(order.money, customer.language),
            "at": credit.issued_at,
            "url": f"{settings.SITE_URL}{reverse('order', args=[order.number])}",
        },
        occasion=f"refund-{credit.number}",
    )


def remind_of_renewals(*, now: datetime) -> int:
    """Tell of services whose time will soon be over; return how many were told of.

    Found by query, so whom a day without a sweep left out is told the next day.
    """
    soon = Q()
    for period, ahead in AHEAD.items():
        soon |= Q(period=period, paid_until__lte=now + ahead)
    due = HeldService.objects.filter(soon, state=ServiceState.ACTIVE, cancels_at__isnull=True)
    due = due.exclude(reminded_of=F("paid_until")).select_related("customer").order_by("pk")
    return sum(_remind(service) for service in due[:AT_ONCE])


def remind_of_expiring_cards(*, now: datetime) -> int:
    """Tell of cards that will soon be good no longer; return how many were told of."""
    found = expiring_cards(now.date())
    return sum(_remind_of_card(customer, card) for customer, card in found)


@transaction.atomic
def _remind(service: HeldService) -> bool:
    same = HeldService.objects.filter(pk=service.pk, paid_until=service.paid_until)
    if not same.update(reminded_of=service.paid_until):
        return False
    if service.customer.email and service.paid_until:
        post(
            kind=KindKey.RENEWAL_REMINDER,
            customer=service.customer,
            facts={
                "service": service.name,
                "site": service.site,
                "until": service.paid_until,
                "url": f"{settings.SITE_URL}{service.get_absolute_url()}",
            },
            occasion=f"renewal-{service.uid}-{service.paid_until.date()}",
        )
    return True


@transaction.atomic
def _remind_of_card(customer: Customer, card: PayingCard) -> bool:
    if not note_expiring(uid=card.uid):
        return False
    if customer.email:
        post(
            kind=KindKey.CARD_EXPIRING,
            customer=customer,
            facts={
                "card": card.label,
                "until": card.expiry,
                "url": f"{settings.SITE_URL}{reverse('cards')}",
            },
            occasion=f"card-{card.uid}",
        )
    return True
