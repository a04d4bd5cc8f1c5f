"""The cart of whoever is in front of the browser.

A visitor's is in a cookie. A customer's is saved with the account; what the browser still holds
from before the sign-in is shown along with it, and saved with the next change (COOKIE-1).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial

from django.http import HttpRequest, HttpResponse

from accounts.models import Customer
from bizsecure.store.cart import Cart, merged, unpack
from bizsecure.store.cart_cookie import KeptCart, keep_cart, kept_cart
from bizsecure.store.models import SavedCart
from bizsecure.store.services.saved_carts import save_change

Change = Callable[[Cart], Cart]


def customer_of(request: HttpRequest) -> Customer | None:
    """Return the customer who is signed in, if one is."""
    return getattr(request, "customer", None)


def cart_of(request: HttpRequest) -> KeptCart:
    """Return the cart to show: the browser's, or the account's with what the browser brings."""
    kept, customer = kept_cart(request), customer_of(request)
    if customer is None:
        return kept
    saved = SavedCart.objects.filter(customer=customer).first()
    contents = unpack(saved.contents if saved else [])[0]
    return replace(kept, cart=merged(contents, kept.cart).cart)


def keep(request: HttpRequest, change: Change, now: datetime) -> Callable[[HttpResponse], None]:
    """Change the cart where it is kept; return what has the browser keep its part.

    Refused as the change is.
    """
    cart, customer = kept_cart(request).cart, customer_of(request)
    if customer is None:
        cart = change(cart)
    else:
        cart = save_change(customer=customer, brought=cart, change=change, now=now)
    return partial(keep_cart, cart=cart)


def undoable(customer: Customer | None) -> SavedCart | None:
    """Return the saved cart if what was added to it at sign-in can still be undone."""
    if customer is None:
        return None
    return SavedCart.objects.filter(customer=customer, before__isnull=False).first()
