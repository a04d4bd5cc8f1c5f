"""What a card pays for, and which orders it paid: the rooms above say so, for the page of cards."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from accounts.models import Customer


@dataclass(frozen=True)
class Payee:
    """Something that a card pays for or has paid, and the page about it."""

    name: str
    url: str


Lookup = Callable[[Customer], Mapping[UUID, Iterable[Payee]]]
_lookups: list[Lookup] = []
_lookups_of_paid: list[Lookup] = []


def register(lookup: Lookup, *, paid: Lookup) -> None:
    """Let a room say what each card of a customer pays for, and what it has paid.

    Each in one question for all cards.
    """
    _lookups.append(lookup)
    _lookups_of_paid.append(paid)


def payees(customer: Customer) -> dict[UUID, list[Payee]]:
    """Return what each card of the customer pays for, by the uid of the card."""
    return _by_card(_lookups, customer)


def paid_with(customer: Customer) -> dict[UUID, list[Payee]]:
    """Return what each card of the customer has paid, the newest first."""
    return _by_card(_lookups_of_paid, customer)


def _by_card(lookups: Iterable[Lookup], customer: Customer) -> dict[UUID, list[Payee]]:
    found: dict[UUID, list[Payee]] = {}
    for lookup in lookups:
        for uid, names in lookup(customer).items():
            found.setdefault(uid, []).extend(names)
    return found
