"""How a customer can pay: with a card that is kept, or on the provider's own page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any

from csp.decorators import csp_update
from django.http import HttpResponseBase
from django.utils import timezone

from accounts.models import Customer
from bizsecure.store.gateways.choosing import payment_gateway
from bizsecure.store.models import Order, Payment
from bizsecure.store.states import PaymentState
from bizsecure.vault.wallet import PayingCard, cards_to_pay_with


@dataclass(frozen=True)
class WaysToPay:
    """The cards a customer can choose from, and whether another can be typed elsewhere."""

    cards: Sequence[PayingCard] = ()
    elsewhere: bool = False

    def __bool__(self) -> bool:
        return bool(self.cards) or self.elsewhere


def ways_to_pay(customer: Customer) -> WaysToPay:
    """Return how this customer can pay now."""
    cards = cards_to_pay_with(customer, timezone.localdate())
    return WaysToPay(cards, payment_gateway().asks_for_card)


def page_after_paying(order: Order) -> str:
    """Return where a customer who has just pressed *pay* goes on.

    That is the provider's page where the card is typed there. A bank that wants a confirmation is
    left to the page of the order, which says what it is about first (LINK-1).
    """
    page = Payment.objects.filter(
        order=order, state=PaymentState.CHALLENGED, card__isnull=True
    ).values_list("challenge_url", flat=True)
    return str(page.first() or order.get_absolute_url())


def leads_to_the_provider(
    view: Callable[..., HttpResponseBase],
) -> Callable[..., HttpResponseBase]:
    """Let the forms of a page lead on to the provider's pages; browsers forbid it otherwise."""

    @wraps(view)
    def allowed(*args: Any, **kwargs: Any) -> HttpResponseBase:
        pages = payment_gateway().pages
        shown = csp_update({"form-action": list(pages)})(view) if pages else view
        return shown(*args, **kwargs)

    return allowed
