"""Where the cart is kept: in the visitor's own browser, and nowhere else (COOKIE-1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.http import HttpRequest, HttpResponse

from bizsecure.core.cookies import Problem, SignedCookie
from bizsecure.store.cart import Cart, pack, unpack
from bizsecure.store.remarks import Remark

CART_COOKIE = SignedCookie("cart", "store.cart", max_age=timedelta(days=30))
# The 30 days begin anew with a visit, but at most once a day: a page that rewrites the cart each
# time it is looked at could overwrite what another window has just added.
RENEWED_AFTER = timedelta(days=1)


@dataclass(frozen=True)
class KeptCart:
    """What the browser kept: the usable part of the cart, and a remark on each thing wrong."""

    cart: Cart
    remarks: tuple[Remark, ...] = ()
    age: timedelta = timedelta(0)

    @property
    def is_due(self) -> bool:
        """Whether its 30 days should begin anew."""
        return self.age > RENEWED_AFTER


def kept_cart(request: HttpRequest) -> KeptCart:
    """Return the cart of this browser. Never raises: what is unusable is left out and remarked."""
    reading = CART_COOKIE.read(request)
    if reading.problem is Problem.MISSING:
        return KeptCart(Cart())
    if reading.problem:
        return KeptCart(Cart(), (Remark(reading.problem),))
    cart, flaws = unpack(reading.value)
    return KeptCart(cart, tuple(map(Remark, sorted(flaws))), reading.age)


def keep_cart(response: HttpResponse, cart: Cart) -> None:
    """Have the browser keep the cart for 30 days from now; an empty one needs no cookie."""
    if cart.lines:
        CART_COOKIE.write(response, pack(cart))
    else:
        CART_COOKIE.clear(response)
