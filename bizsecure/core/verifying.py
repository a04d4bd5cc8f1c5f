"""Finds what somebody with all rights to the database did to a ledger.

A ledger is read once, in the order of its chains, and never held: a few rows of a chain say what
happened to the one between them. Tables that belong to no customer have one chain of links
(bizsecure.core.streams), which is compared with their rows. A chain cannot show that its last
rows are missing, or that it was written anew from some row on. Its end can: `heads` lists the last
row of every chain, and `findings` compares with such a list that was kept elsewhere.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from django.apps import apps
from django.utils import timezone

from bizsecure.core.ledger import FIRST, AppendOnlyRow, LedgerRow, hash_of
from bizsecure.core.streams import linked, linked_rows, settled_upto, streams, unlinked

ALTERED, REMOVED, INSERTED = "altered", "removed", "inserted"
ROWS_AT_ONCE = 5000
# Whose chain it is where it is nobody's.
NOBODY = 0


# Place, row, problem and number of rows: what a Finding says beside table and customer.
Wrong = tuple[int, int | None, str, int]


@dataclass(frozen=True)
class Finding:
    """What is wrong in a customer's chain or in that of a table, and where.

    `row` is the primary key of the row that was altered or inserted; of removed ones nothing
    but their places are known, of which `place` is the first. A row that follows no other counts
    as inserted, though it may be the one before it that was written anew.
    """

    table: str
    customer: int
    place: int
    row: int | None
    problem: str
    rows: int = 1


@dataclass(frozen=True)
class Head:
    """The last row of a chain, as it is kept elsewhere for a later comparison."""

    customer: int
    place: int
    row_hash: str


class _Link(NamedTuple):
    """A row of a chain. `sound` says whether its hash is that of its content."""

    row: int
    place: int
    previous_hash: str
    row_hash: str
    sound: bool
    # A link outlives its row where somebody removed that.
    is_there: bool = True


def ledgers() -> list[type[LedgerRow]]:
    """Return every chained ledger of every room, in the order of their tables."""
    models = [model for model in apps.get_models() if issubclass(model, LedgerRow)]
    return sorted(models, key=lambda model: model._meta.db_table)


def chained() -> list[type[AppendOnlyRow]]:
    """Return every table that is verified, in the order of their names: ledgers and streams."""
    return sorted([*ledgers(), *streams()], key=lambda model: model._meta.db_table)


def findings(model: type[AppendOnlyRow], kept: Iterable[Head] = ()) -> Iterator[Finding]:
    """Yield what is wrong with this table, also in comparison with heads kept elsewhere.

    The heads come in the order in which `heads` gives them.
    """
    if issubclass(model, LedgerRow):
        return _in_ledger(model, kept)
    return _in_stream(model, kept)


def _in_ledger(model: type[LedgerRow], kept: Iterable[Head]) -> Iterator[Finding]:
    table = model._meta.db_table
    waiting = iter(kept)
    head = next(waiting, None)
    for customer, chain in groupby(_rows(model), key=itemgetter(0)):
        while head and head.customer < customer:
            yield Finding(table, head.customer, 1, None, REMOVED, head.place)
            head = next(waiting, None)
        mine = head if head and head.customer == customer else None
        for wrong in _wrong(_links(model, chain), mine):
            yield Finding(table, customer, *wrong)
        if mine:
            head = next(waiting, None)
    while head:
        yield Finding(table, head.customer, 1, None, REMOVED, head.place)
        head = next(waiting, None)


def _in_stream(model: type[AppendOnlyRow], kept: Iterable[Head]) -> Iterator[Finding]:
    table = model._meta.db_table
    for wrong in _wrong(_links_of_stream(model), next(iter(kept), None)):
        yield Finding(table, NOBODY, *wrong)
    if upto := settled_upto(model, timezone.now()):
        # What came when its time was over has no place in the stream.
        for row in unlinked(model).filter(pk__lt=upto).values_list("pk", flat=True).iterator():
            yield Finding(table, NOBODY, 0, row, INSERTED)


def _links_of_stream(model: type[AppendOnlyRow]) -> Iterator[_Link]:
    for link, row in linked_rows(model):
        values = [row.get(column) for column in link.columns.split(",")] if row else []
        sound = row is not None and link.row_hash == link.hash_over(values)
        yield _Link(link.row, link.place, link.previous_hash, link.row_hash, sound, row is not None)


def heads(model: type[AppendOnlyRow]) -> Iterator[Head]:
    """Yield the last row of each chain, by customer; that of a stream is nobody's."""
    if not issubclass(model, LedgerRow):
        last_link = linked(model).order_by("-place").values_list("place", "row_hash").first()
        if last_link:
            yield Head(NOBODY, *last_link)
        return
    every: Any = model._base_manager
    rows = every.order_by("customer", "sequence").values_list("customer", "sequence", "row_hash")
    for customer, chain in groupby(rows.iterator(chunk_size=ROWS_AT_ONCE), key=itemgetter(0)):
        last = deque(chain, maxlen=1)[0]
        yield Head(customer, last[1], last[2])


def broken_rows(model: type[LedgerRow]) -> Iterator[tuple[int, int]]:
    """Yield (customer, place in the chain) of everything that is wrong with this ledger."""
    return ((found.customer, found.place) for found in findings(model))


def _rows(model: type[LedgerRow]) -> Iterator[tuple[Any, ...]]:
    every: Any = model._base_manager
    columns = ("customer_id", "sequence", "previous_hash", "row_hash", "pk", *model.hashed)
    rows = every.order_by("customer", "sequence").values_list(*columns)
    return iter(rows.iterator(chunk_size=ROWS_AT_ONCE))


def _links(model: type[LedgerRow], chain: Iterable[tuple[Any, ...]]) -> Iterator[_Link]:
    for customer, place, previous_hash, row_hash, row, *values in chain:
        sound = row_hash == hash_of(customer, place, previous_hash, values)
        yield _Link(row, place, previous_hash, row_hash, sound)


def _wrong(chain: Iterator[_Link], head: Head | None) -> Iterator[Wrong]:
    before: _Link | None = None
    link = next(chain, None)
    while link:
        after = next(chain, None)
        yield from _wrong_between(before, link, after)
        if head and link.place == head.place and link.sound and link.row_hash != head.row_hash:
            yield link.place, link.row, ALTERED, 1
        before, link = link, after
    last = before.place if before else 0
    if head and last < head.place:
        yield last + 1, None, REMOVED, head.place - last


def _wrong_between(before: _Link | None, link: _Link, after: _Link | None) -> Iterator[Wrong]:
    place, row_hash = (before.place, before.row_hash) if before else (0, FIRST)
    is_gap = link.place > place + 1
    if is_gap:
        yield place + 1, None, REMOVED, link.place - place - 1
    # After a gap, or after a row that is itself wrong, there is nothing to be compared with.
    is_comparable = not is_gap and (before is None or before.sound)
    is_joined = not is_comparable or link.previous_hash == row_hash
    is_vouched_for = after is not None and after.previous_hash == link.row_hash
    if link.place <= place or (not is_joined and not is_vouched_for):
        yield link.place, link.row, INSERTED, 1
    elif not link.sound:
        yield link.place, link.row, ALTERED if link.is_there else REMOVED, 1
    elif not is_joined:
        # The next row vouches for this one, so it is the one before that was written anew.
        wrong = before or link
        yield wrong.place, wrong.row, ALTERED, 1
