"""Whether all ledgers are as they were written, also against a copy of their ends."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from itertools import groupby, islice
from operator import itemgetter
from typing import Any, TextIO

from accounts.models import Customer
from bizsecure.core.verifying import Finding, Head, chained, findings, heads

CUSTOMERS_AT_ONCE = 500


def verify(kept: TextIO | None = None) -> Iterator[dict[str, Any]]:
    """Yield what is wrong in any ledger, with customers' numbers, none where it is nobody's.

    `kept` is a list that write_heads made earlier.
    """
    ends = _read_heads(kept) if kept else iter(())
    waiting = next(ends, None)
    for model in chained():
        mine: Iterable[Head] = ()
        if waiting and waiting[0] == model._meta.db_table:
            mine = waiting[1]
        yield from with_numbers(findings(model, mine))
        if waiting and waiting[0] == model._meta.db_table:
            waiting = next(ends, None)


def write_heads(file: TextIO) -> int:
    """Write the last row of each chain of each ledger, to be kept elsewhere; return how many."""
    written = 0
    lines = csv.writer(file)
    for model in chained():
        for head in heads(model):
            lines.writerow([model._meta.db_table, head.customer, head.place, head.row_hash])
            written += 1
    return written


def _read_heads(file: TextIO) -> Iterator[tuple[str, Iterator[Head]]]:
    for table, lines in groupby(csv.reader(file), key=itemgetter(0)):
        yield (
            table,
            (Head(int(owner), int(place), row_hash) for _t, owner, place, row_hash in lines),
        )


def with_numbers(found: Iterator[Finding]) -> Iterator[dict[str, Any]]:
    """Yield findings as they are printed: with a customer's number, None where it is nobody's."""
    while page := list(islice(found, CUSTOMERS_AT_ONCE)):
        customers = Customer.objects.filter(pk__in={finding.customer for finding in page})
        numbers = dict(customers.values_list("pk", "number"))
        for finding in page:
            yield {**asdict(finding), "customer": numbers.get(finding.customer)}
