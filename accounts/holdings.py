"""What each room keeps about a person: how it is handed out, erased, and what stays (OPT-3).

A room declares its tables here when it starts (`AppConfig.ready`), beside nothing else: the
download, the page that closes an account and the job that erases one read this register alone.
A test walks all models and fails for one that leads to a customer and that nobody declared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from accounts.models import Customer

Value = str | int | bool | Decimal | date | datetime | None
Row = Mapping[str, Value]


@dataclass(frozen=True)
class Obstacle:
    """What stands in the way of closing an account, and the page on which it can be removed."""

    sentence: Any
    link: str


class Erase(Protocol):
    """A service that erases what a holding has of a customer, but for what it `keeps`.

    Called inside one transaction with all others and under the customer's lock, and safe to be
    called again. Whom the holding knows nothing of is no error.
    """

    def __call__(self, *, customer: Customer, now: datetime) -> None: ...


def nothing_in_the_way(customer: Customer) -> Iterable[Obstacle]:
    """For what never keeps an account from being closed."""
    return ()


@dataclass(frozen=True)
class Holding:
    """A kind of information about a person that one room keeps.

    `key` names its files in the download. `models` are labels such as "accounts.Customer".
    `rows` yields flat rows that all have the same names in the same order, straight from the
    database (`iterator()`), for there may be very many. `keeps` says in a sentence what stays
    after closing, why and how long; it is empty where nothing stays.
    """

    key: str
    title: Any
    models: tuple[str, ...]
    rows: Callable[[Customer], Iterator[Row]]
    erase: Erase
    keeps: Any = ""
    blocks: Callable[[Customer], Iterable[Obstacle]] = nothing_in_the_way


class DeclaredTwice(Exception):
    """A key or a model that another holding has already."""


_holdings: dict[str, Holding] = {}
_left_out: dict[str, str] = {}


def declare(holding: Holding) -> None:
    """Enter a holding into the register; called while the rooms start."""
    taken = {label for other in _holdings.values() for label in other.models} | set(_left_out)
    twice = taken.intersection(holding.models) | {holding.key}.intersection(_holdings)
    if twice:
        raise DeclaredTwice(f"{holding.key}: {', '.join(sorted(twice))}")
    _holdings[holding.key] = holding


def leave_out(model: str, *, because: str) -> None:
    """Say that a model which leads to a user holds nothing about any customer, and why."""
    _left_out[model] = because


def holdings() -> tuple[Holding, ...]:
    """Return all holdings, in the order in which the rooms declared them."""
    return tuple(_holdings.values())


def left_out() -> Mapping[str, str]:
    """Return the models that hold nothing about customers, with the reasons."""
    return dict(_left_out)


def obstacles(customer: Customer) -> list[Obstacle]:
    """Return all that keeps this customer's account from being closed."""
    return [obstacle for holding in holdings() for obstacle in holding.blocks(customer)]
