"""What goes with a cart and the services held (COOKIE-2).

Computed from what we sell and what the customer has, with nothing from elsewhere and nothing
kept. Of a customer's services the gate is asked first; a visitor's cart is in the visitor's own
browser, and can be looked at without suggestions all the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer
from bizsecure.core.cookies import SignedCookie
from bizsecure.store.cart import Cart
from bizsecure.store.models import HeldService, Kind, Product
from consent.gate import may_use

USE = "suggestions"
# Where a visitor's no is kept. A customer's is a choice like every other, and follows them.
NO_SUGGESTIONS = SignedCookie("no-suggestions", "store.suggestions", max_age=timedelta(days=365))
MOST_SUGGESTIONS = 2

# What goes with what, and why: read from the first line on, so the nearest need comes first.
REASONS: tuple[tuple[str, str, Any], ...] = (
    (Kind.HOSTING, Kind.BACKUP, _("because you have hosting, and backups are not part of it")),
    (Kind.HOSTING, Kind.CERTIFICATE, _("because you have hosting, and a site should be encrypted")),
    (Kind.HOSTING, Kind.DOMAIN, _("because you have hosting, and a site needs a name")),
    (Kind.DOMAIN, Kind.HOSTING, _("because you have a domain name, and it could show a site")),
    (Kind.CERTIFICATE, Kind.SCANNING, _("because you have a certificate, and care about safety")),
    (Kind.BACKUP, Kind.SCANNING, _("because you have backups, and care about safety")),
)


@dataclass(frozen=True)
class Suggestion:
    """A product, and why it is suggested."""

    product: Product
    why: str


def suggested_kinds(kinds: Iterable[str]) -> dict[str, Any]:
    """Return which kinds go with those somebody has, the nearest first, each with the reason.

    Pure. Nothing is suggested that somebody has already.
    """
    have = set(kinds)
    found: dict[str, Any] = {}
    for has, goes_with, why in REASONS:
        if has in have and goes_with not in have:
            found.setdefault(goes_with, why)
    return found


def are_wanted(request: HttpRequest, customer: Customer | None, now: datetime) -> bool:
    """Return whether whoever is in front of the browser lets us suggest something."""
    if customer is None:
        return NO_SUGGESTIONS.read(request).value is None
    return may_use(customer, USE, at=now).allowed


def suggestions_for(customer: Customer | None, cart: Cart, now: datetime) -> list[Suggestion]:
    """Return what goes with this cart and the services held. `are_wanted` is asked before."""
    held: list[str] = []
    if customer is not None:
        services = HeldService.objects.visible_to(customer).running()
        held = list(services.values_list("kind", flat=True).distinct())
    if not (held or cart.lines):
        return []
    products = list(Product.objects.on_sale().with_prices(now))
    chosen = [product.kind for product in products if product.slug in cart.slugs]
    wanted = suggested_kinds([*held, *chosen])
    of_kind = {kind: [p for p in products if p.kind == kind and p.prices.all()] for kind in wanted}
    suggestions = [
        Suggestion(of_kind[kind][0], str(why)) for kind, why in wanted.items() if of_kind[kind]
    ]
    return suggestions[:MOST_SUGGESTIONS]
