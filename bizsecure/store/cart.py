"""The cart: what a visitor means to buy, as a value that never changes.

It knows neither browsers nor prices. Which products exist and what they cost is asked of the
catalogue each time the cart is shown, so that a cart kept for weeks never holds an old price.
"""

from __future__ import annotations

import re
from collections.abc import Container
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, NamedTuple

from bizsecure.core.errors import Refused
from bizsecure.store.pricing import Period

MOST_LINES = 20
LARGEST_QUANTITY = 99
LONGEST_SLUG = 50
SLUG = re.compile(rf"[-a-zA-Z0-9_]{{1,{LONGEST_SLUG}}}", re.ASCII)


class Refusal(StrEnum):
    """Why a change of a cart is refused."""

    FULL = "full"
    NOT_IN_CART = "not-in-cart"
    NOT_FOR_SALE = "not-for-sale"
    WRONG_QUANTITY = "wrong-quantity"
    TOO_MANY = "too-many"


class Flaw(StrEnum):
    """Why part of a cart that was kept is left out."""

    UNREADABLE = "unreadable"
    TOO_MANY_LINES = "too-many-lines"


class Item(NamedTuple):
    """A product for a period: what one line of a cart is about."""

    slug: str
    period: str


@dataclass(frozen=True)
class CartLine:
    """So many of one item."""

    item: Item
    quantity: int = 1


@dataclass(frozen=True)
class Cart:
    """At most 20 lines, each another item, in the order they were added."""

    lines: tuple[CartLine, ...] = ()

    def __contains__(self, item: object) -> bool:
        return any(line.item == item for line in self.lines)

    @property
    def count(self) -> int:
        """How many things are in the cart altogether."""
        return sum(line.quantity for line in self.lines)

    @property
    def slugs(self) -> set[str]:
        """The products in the cart."""
        return {line.item.slug for line in self.lines}


def add(cart: Cart, item: Item) -> Cart:
    """Return the cart with one of `item`, unchanged if some are in it already.

    So a form that is sent twice, reloaded, or sent again from a page in the browser's history
    never adds a second one; a visitor who wants more says how many in the cart.
    """
    if item in cart:
        return cart
    if len(cart.lines) >= MOST_LINES:
        raise Refused(Refusal.FULL)
    return Cart((*cart.lines, CartLine(item)))


def change(cart: Cart, item: Item, quantity: int) -> Cart:
    """Return the cart with `quantity` of `item`; none at all takes it out.

    What counts is the quantity wanted, not a difference, so sending it twice does no harm. An
    item that is not in the cart, perhaps removed in another window, is refused.
    """
    if quantity == 0:
        return remove(cart, item)
    if not _is_quantity(quantity):
        raise Refused(Refusal.WRONG_QUANTITY)
    if item not in cart:
        raise Refused(Refusal.NOT_IN_CART)
    return Cart(
        tuple(
            replace(line, quantity=quantity) if line.item == item else line for line in cart.lines
        )
    )


def remove(cart: Cart, item: Item) -> Cart:
    """Return the cart without `item`, whether it was in it or not."""
    return Cart(tuple(line for line in cart.lines if line.item != item))


def sift(cart: Cart, for_sale: Container[Item]) -> tuple[Cart, list[Item]]:
    """Return the cart with what is still for sale, and the items that are not."""
    kept = tuple(line for line in cart.lines if line.item in for_sale)
    gone = [line.item for line in cart.lines if line.item not in for_sale]
    return Cart(kept), gone


class Merged(NamedTuple):
    """Two carts made one: the result, what it gained, and what no longer fitted into it."""

    cart: Cart
    added: tuple[Item, ...]
    left: Cart


def merged(kept: Cart, brought: Cart) -> Merged:
    """Return `kept` with the lines of `brought`; of what is in both, the larger quantity counts.

    So a cart that is brought twice is in the result once. What does not fit is named, not lost.
    """
    quantities = {line.item: line.quantity for line in kept.lines}
    added, left = [], []
    for line in brought.lines:
        before = quantities.get(line.item, 0)
        if not before and len(quantities) >= MOST_LINES:
            left.append(line)
        elif line.quantity > before:
            quantities[line.item] = line.quantity
            added.append(line.item)
    lines = tuple(CartLine(item, quantity) for item, quantity in quantities.items())
    return Merged(Cart(lines), tuple(added), Cart(tuple(left)))


def without(cart: Cart, bought: Cart) -> Cart:
    """Return what is left of a cart after `bought` was ordered from it."""
    ordered = {line.item: line.quantity for line in bought.lines}
    lines = (
        replace(line, quantity=line.quantity - ordered.get(line.item, 0)) for line in cart.lines
    )
    return Cart(tuple(line for line in lines if line.quantity > 0))


def pack(cart: Cart) -> list[list[str | int]]:
    """Return the cart in the form it is kept in: contents only, no price, nobody's name."""
    return [[*line.item, line.quantity] for line in cart.lines]


def unpack(packed: Any) -> tuple[Cart, set[Flaw]]:
    """Return what can be used of something that may be a packed cart, and what was wrong.

    Whatever type a part has, nothing is guessed or repaired: a line is taken as it is or left
    out.
    """
    if not isinstance(packed, list):
        return Cart(), {Flaw.UNREADABLE}
    lines: dict[Item, CartLine] = {}
    flaws = set()
    for line in map(_unpack_line, packed):
        if line is None or line.item in lines:
            flaws.add(Flaw.UNREADABLE)
        elif len(lines) == MOST_LINES:
            flaws.add(Flaw.TOO_MANY_LINES)
        else:
            lines[line.item] = line
    return Cart(tuple(lines.values())), flaws


def _unpack_line(packed: Any) -> CartLine | None:
    match packed:
        case [str(slug), str(period), quantity] if (
            SLUG.fullmatch(slug) and period in Period.values and _is_quantity(quantity)
        ):
            return CartLine(Item(slug, period), quantity)
    return None


def _is_quantity(number: Any) -> bool:
    """A whole number of things. True is no number here, although Python counts it as 1."""
    return type(number) is int and 1 <= number <= LARGEST_QUANTITY
