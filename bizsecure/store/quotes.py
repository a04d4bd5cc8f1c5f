"""A cart put beside the catalogue: what is still for sale, and what it costs today."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.messages.storage.base import Message
from moneyed import Money

from bizsecure.store.cart import Cart, Item, sift
from bizsecure.store.models import Price, Product
from bizsecure.store.pricing import Period, line_total, total
from bizsecure.store.remarks import News, Remark


@dataclass(frozen=True)
class Offer:
    """A product at its price for a period."""

    product: Product
    price: Price
    is_in_cart: bool = False


@dataclass(frozen=True)
class QuotedLine:
    """So many of an offer."""

    offer: Offer
    quantity: int

    @property
    def total(self) -> Money:
        return line_total(self.offer.price.money, self.quantity)

    @property
    def is_over_limit(self) -> bool:
        """Whether that is more than is sold in one order."""
        return self.quantity > self.offer.product.largest_quantity


@dataclass(frozen=True)
class Quote:
    """What a cart costs at today's prices. It binds nobody: checkout asks the prices again."""

    lines: tuple[QuotedLine, ...] = ()

    @property
    def total(self) -> Money:
        """The first payment: each line for its first period."""
        return total(line.total for line in self.lines)

    @property
    def can_be_ordered(self) -> bool:
        """Whether there is something, and nothing of it is more than is sold at once."""
        return bool(self.lines) and not any(line.is_over_limit for line in self.lines)

    @property
    def recipients(self) -> dict[str, str]:
        """Which partners receive something when this is bought, and what."""
        products = (line.offer.product for line in self.lines)
        return {
            product.delivered_by: product.partner_receives
            for product in products
            if product.delivered_by
        }

    @property
    def recurring(self) -> list[tuple[str, Money]]:
        """What is to be paid again each month and each year, where something is."""
        again = [
            (period, [line.total for line in self.lines if line.offer.price.period == period])
            for period in (Period.MONTH, Period.YEAR)
        ]
        return [(period.value, total(amounts)) for period, amounts in again if amounts]


@dataclass(frozen=True)
class Found:
    """What the catalogue says about a cart that was kept."""

    cart: Cart
    quote: Quote
    said: list[Message]
    gone: tuple[Item, ...] = ()


def shelf(products: Iterable[Product], cart: Cart) -> list[tuple[Product, list[Offer]]]:
    """Return the products that can be bought, each with its offers."""
    offered = [
        (
            product,
            [
                Offer(product, price, Item(product.slug, price.period) in cart)
                for price in product.prices.all()
            ],
        )
        for product in products
    ]
    return [(product, offers) for product, offers in offered if offers]


def look_up(
    cart: Cart, remarks: Sequence[Remark], now: datetime, *, gone_is: News = News.GONE
) -> Found:
    """Return the cart without what is no longer for sale at `now`, its quote, and what to say.

    `gone_is` is how it is said that something is not for sale any more.
    """
    slugs = cart.slugs | {remark.slug for remark in remarks if remark.slug}
    products = Product.objects.named(slugs).with_prices(now)
    for_sale = {
        Item(product.slug, price.period): Offer(product, price, is_in_cart=True)
        for product in products
        if product.is_on_sale
        for price in product.prices.all()
    }
    kept, gone = sift(cart, for_sale)
    quote = Quote(tuple(QuotedLine(for_sale[line.item], line.quantity) for line in kept.lines))
    news = [Remark(gone_is, item.slug) for item in gone]
    over = [line.offer.product.slug for line in quote.lines if line.is_over_limit]
    news += [Remark(News.OVER_LIMIT, slug) for slug in over]
    names = {product.slug: product.name for product in products}
    said = [remark.message(names) for remark in dict.fromkeys([*remarks, *news])]
    return Found(cart=kept, quote=quote, said=said, gone=tuple(gone))
