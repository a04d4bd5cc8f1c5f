"""The arithmetic of money in the shop. It knows no clock, no database and no visitor."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from babel.core import UnknownLocaleError
from babel.numbers import get_currency_precision
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import to_locale
from moneyed import USD, Money
from moneyed.l10n import format_money

# Everything is sold in one currency, so a cart that was kept can never meet another one.
SELLING_CURRENCY = USD
FALLBACK_LOCALE = "en"


class Period(models.TextChoices):
    """For how long a price buys the product."""

    MONTH = "month", _("a month")
    YEAR = "year", _("a year")
    ONCE = "once", _("once")


def rounded(money: Money) -> Money:
    """Return the amount in the smallest unit of its currency, half a unit rounded up.

    The one rounding rule of the shop: applied to each line, never again to their total.
    """
    unit = Decimal(1).scaleb(-get_currency_precision(money.currency.code))
    return Money(money.amount.quantize(unit, ROUND_HALF_UP), money.currency)


def line_total(price: Money, quantity: int) -> Money:
    """Return what a line of the cart costs."""
    return rounded(price * quantity)


def total(amounts: Iterable[Money]) -> Money:
    """Return the sum, nothing at all being zero in the currency we sell in."""
    return sum(amounts, Money(0, SELLING_CURRENCY))


def written(money: Money, language: str) -> str:
    """Return the amount as readers of a language write it: $1,234.50 or 1.234,50 $."""
    try:
        return format_money(money, locale=to_locale(language))
    except (UnknownLocaleError, ValueError):
        return format_money(money, locale=FALLBACK_LOCALE)


@dataclass(frozen=True)
class Place:
    """Where an order is billed to, as far as taxes want to know."""

    country: str = ""
    region: str = ""


@dataclass(frozen=True)
class Tax:
    """A tax as it is named on an invoice, and its rate: 0.19 for 19 percent."""

    name: str = ""
    rate: Decimal = Decimal(0)

    def on(self, net: Money) -> Money:
        """Return the tax on an amount, by the one rounding rule."""
        return rounded(net * self.rate)


# A rule says which tax is on a kind of product that is billed to a place. STORE_TAX_RULE in the
# settings names the one that counts.
TaxRule = Callable[[str, Place], Tax]


def without_tax(kind: str, place: Place) -> Tax:
    """Charge no tax: the rule of a company that has to collect none."""
    return Tax()


@dataclass(frozen=True)
class TaxByPlace:
    """Charge the tax of the region, or of the whole country, that an order is billed to."""

    taxes: Mapping[tuple[str, str], Tax]

    def __call__(self, kind: str, place: Place) -> Tax:
        nation_wide = self.taxes.get((place.country, ""), Tax())
        return self.taxes.get((place.country, place.region), nation_wide)
