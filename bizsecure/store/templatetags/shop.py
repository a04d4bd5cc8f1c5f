"""Amounts and pictures on the pages of the shop."""

from __future__ import annotations

from django import template
from django.utils.translation import get_language
from moneyed import Money

from bizsecure.store.first_words import spoken
from bizsecure.store.models import Kind, Product
from bizsecure.store.pricing import FALLBACK_LOCALE, written
from bizsecure.store.reasons import in_words
from bizsecure.store.states import OrderState, PaymentState, ServiceState

register = template.Library()

ICONS = {
    Kind.HOSTING: "server-stack",
    Kind.DOMAIN: "globe-alt",
    Kind.CERTIFICATE: "lock-closed",
    Kind.SCANNING: "shield-check",
    Kind.BACKUP: "archive-box",
}

TONES: dict[str, str] = {
    OrderState.DELIVERED: "ok",
    OrderState.AWAITING_PAYMENT: "warn",
    OrderState.DECLINED: "bad",
    PaymentState.CAPTURED: "ok",
    PaymentState.CHALLENGED: "warn",
    ServiceState.ACTIVE: "ok",
    ServiceState.ORDERED: "warn",
    ServiceState.SUSPENDED: "bad",
}


@register.filter
def money(amount: Money) -> str:
    """Show an amount as readers of the page's language write it."""
    return written(amount, get_language() or FALLBACK_LOCALE)


register.filter(spoken)


@register.filter
def icon(product: Product) -> str:
    """Return the name of the picture that stands for a product's kind."""
    return ICONS[Kind(product.kind)]


@register.filter
def why(reason: str) -> str:
    """Show the reason in a log in words."""
    return in_words(reason)


@register.filter
def tone(state: str) -> str:
    """Return the color that a state of an order, payment or service has beside its word."""
    return TONES.get(state, "")
