"""What becomes of the shop's rows when an account is erased, or when they are old enough."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings

from accounts.models import Customer
from bizsecure.store.models import BillingDetails, HeldService, Order, Payment, SavedCart
from bizsecure.store.periods import years_before


def erase_cart(*, customer: Customer, now: datetime) -> None:
    """Forget what the customer meant to buy."""
    SavedCart.objects.filter(customer=customer).delete()


def erase_orders(*, customer: Customer, now: datetime) -> None:
    """Forget whom orders that were never paid would have been billed to.

    An invoice must name its recipient and their address, so these stay with what was paid; the
    mail address stands on no invoice and goes at once.
    """
    mine = BillingDetails.objects.filter(order__customer=customer)
    mine.filter(order__in=Order.objects.filter(paid_at__isnull=True)).delete()
    mine.update(email="")


def erase_services(*, customer: Customer, now: datetime) -> None:
    """Forget which sites the customer's services served."""
    HeldService.objects.filter(customer=customer).update(site="")


def forget_old_records(*, now: datetime) -> dict[str, int]:
    """Forget to whom invoices went, and which cards paid, once the law no longer wants it kept.

    The years of `RECORDS_KEPT_YEARS` are counted from the order, or its last invoice. Amounts
    and dates stay, and say nothing of anybody. Safe to be done twice, and at any time.
    """
    cutoff = years_before(now, settings.RECORDS_KEPT_YEARS)
    old = Order.objects.filter(created_at__lt=cutoff).exclude(invoices__issued_at__gte=cutoff)
    cards = Payment.objects.filter(order__in=old).exclude(card_brand="", card_last_four="")
    return {
        "addresses forgotten": BillingDetails.objects.filter(order__in=old).delete()[0],
        "cards of payments forgotten": cards.update(card_brand="", card_last_four=""),
    }
