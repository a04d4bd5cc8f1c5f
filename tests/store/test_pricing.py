from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from moneyed import EUR, JPY, USD, Currency, Money, get_currency

from bizsecure.store.cart import LARGEST_QUANTITY
from bizsecure.store.pricing import line_total, rounded, total, written

amounts = st.decimals("0.01", "99999999.99", places=2)


@pytest.mark.parametrize(
    ("exact", "cents"),
    [
        ("1.004", "1.00"),
        ("1.005", "1.01"),
        ("1.015", "1.02"),
        ("1.025", "1.03"),
        ("2.675", "2.68"),
        ("0.0049", "0.00"),
        ("-1.005", "-1.01"),
    ],
)
def test_half_a_cent_is_rounded_away_from_zero(exact: str, cents: str) -> None:
    assert rounded(Money(exact, USD)) == Money(cents, USD)


@pytest.mark.parametrize(
    ("currency", "exact", "smallest"),
    [(EUR, "1.005", "1.01"), (JPY, "1.5", "2"), (get_currency("KWD"), "1.0005", "1.001")],
)
def test_each_currency_is_rounded_to_its_own_smallest_unit(
    currency: Currency, exact: str, smallest: str
) -> None:
    assert rounded(Money(exact, currency)) == Money(smallest, currency)


@given(amounts, st.integers(1, LARGEST_QUANTITY))
def test_a_line_costs_its_price_as_often_as_it_is_wanted(amount: Decimal, quantity: int) -> None:
    assert line_total(Money(amount, USD), quantity).amount == amount * quantity


@given(st.lists(amounts, max_size=20))
def test_a_total_is_the_sum_of_its_lines_to_the_cent(lines: list[Decimal]) -> None:
    assert total(Money(amount, USD) for amount in lines).amount == sum(lines, Decimal(0))


def test_a_total_of_nothing_is_zero() -> None:
    assert total([]) == Money(0, USD)


def test_two_currencies_are_never_added() -> None:
    with pytest.raises(TypeError):
        total([Money(1, USD), Money(1, EUR)])


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "$1,234.50"),
        ("de", "1.234,50\N{NO-BREAK SPACE}$"),
        ("pt-br", "US$\N{NO-BREAK SPACE}1.234,50"),
        ("zh-hans", "US$1,234.50"),
        ("tlh", "$1,234.50"),
        ("no such language", "$1,234.50"),
    ],
)
def test_an_amount_is_written_as_readers_of_the_language_do(language: str, text: str) -> None:
    assert written(Money("1234.5", USD), language) == text
