"""What every page may say about the cart."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.http import HttpRequest

from bizsecure.store.cart_cookie import kept_cart
from bizsecure.store.whose_cart import cart_of, customer_of


def cart(request: HttpRequest) -> dict[str, Any]:
    """Give pages `cart_count`, how many things are in the cart.

    Of a visitor it costs no query; of a customer one, and only on a page that says it. A page
    that has looked the cart up in the catalogue passes its own count, which wins.
    """
    if customer_of(request) is None:
        return {"cart_count": kept_cart(request).cart.count}
    return {"cart_count": cache(lambda: cart_of(request).cart.count)}
