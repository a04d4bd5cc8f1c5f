"""What the shop does for a visitor beside showing pages."""

from __future__ import annotations

from datetime import datetime

from bizsecure.core.errors import Refused
from bizsecure.store.cart import Cart, Item, Refusal, add, change
from bizsecure.store.models import Price, Product


def put_into_cart(*, cart: Cart, item: Item, now: datetime) -> Cart:
    """Return the cart with `item` in it, once, however often that is asked for.

    Refused if the item is not for sale at `now`, or if the cart is full.
    """
    if not Price.objects.current(now).of(*item).exists():
        raise Refused(Refusal.NOT_FOR_SALE)
    return add(cart, item)


def set_quantity(*, cart: Cart, item: Item, quantity: int) -> Cart:
    """Return the cart with `quantity` of `item`, none at all taking it out.

    Refused if that is more than is sold at once, or if the item is not in the cart.
    """
    changed = change(cart, item, quantity)
    if Product.objects.filter(slug=item.slug, largest_quantity__lt=quantity).exists():
        raise Refused(Refusal.TOO_MANY)
    return changed
