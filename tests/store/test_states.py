from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import pytest

from bizsecure.store.states import (
    COLLECTED_PAYMENTS,
    FAILED_PAYMENTS,
    ORDER_MOVES,
    PAYMENT_MOVES,
    SERVICE_MOVES,
    SETTLED,
    UNPAID,
    OrderState,
    PaymentState,
    ServiceState,
)

GUARDS = import_module("bizsecure.store.migrations.0005_order_guards")
LATER_GUARDS = import_module("bizsecure.store.migrations.0014_pages_of_providers")
TABLES: list[tuple[Any, Mapping[Any, Any], Mapping[str, tuple[str, ...]]]] = [
    (OrderState, ORDER_MOVES, GUARDS.ORDER_MOVES),
    (PaymentState, PAYMENT_MOVES, LATER_GUARDS.PAYMENT_MOVES),
    (ServiceState, SERVICE_MOVES, GUARDS.SERVICE_MOVES),
]
every_table = pytest.mark.parametrize(
    ("states", "moves", "guarded"), TABLES, ids=lambda table: getattr(table, "__name__", None)
)


@every_table
def test_each_state_says_where_it_leads(states: Any, moves: Any, guarded: Any) -> None:
    assert set(moves) == set(states)


@every_table
def test_the_database_allows_exactly_the_moves_of_the_table(
    states: Any, moves: Any, guarded: Any
) -> None:
    assert {old: set(news) for old, news in guarded.items()} == {
        old.value: {new.value for new in news} for old, news in moves.items() if news
    }


def test_an_order_is_paid_only_from_awaiting_payment() -> None:
    assert [old for old, news in ORDER_MOVES.items() if OrderState.PAID in news] == [
        OrderState.AWAITING_PAYMENT
    ]


def test_money_is_collected_only_by_an_authorised_payment() -> None:
    into = [old for old, news in PAYMENT_MOVES.items() if PaymentState.CAPTURING in news]
    assert into == [PaymentState.AUTHORISED]


def test_a_payment_that_failed_stays_failed() -> None:
    assert all(not PAYMENT_MOVES[state] for state in FAILED_PAYMENTS)
    assert not FAILED_PAYMENTS & COLLECTED_PAYMENTS


def test_no_order_is_both_unpaid_and_settled() -> None:
    assert not UNPAID & SETTLED
