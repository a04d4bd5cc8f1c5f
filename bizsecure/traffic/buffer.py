"""Counts between a request and the database: in the memory of each process, for a minute.

A process that dies takes up to a minute of counts along. That is the price of a page that does
not wait for its being counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from threading import Lock
from time import monotonic

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from bizsecure.traffic.models import LONGEST_VALUE, VisitCount

MOST_VALUES = 20_000
"""Whoever invents referrers fills no memory: what comes after these is not counted."""

Fact = tuple[str, str]


class Buffer:
    """Counts that wait to be written. Any number of threads may add."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._counts: Counter[tuple[datetime, str, str]] = Counter()
        self._since = monotonic()

    def add(self, hour: datetime, facts: Iterable[Fact]) -> None:
        """Count each fact once."""
        with self._lock:
            for dimension, value in facts:
                key = (hour, dimension, value[:LONGEST_VALUE])
                if key in self._counts or len(self._counts) < MOST_VALUES:
                    self._counts[key] += 1

    def is_due(self) -> bool:
        """Return whether the counts have waited long enough."""
        return monotonic() - self._since >= settings.TRAFFIC_FLUSH_SECONDS

    def flush(self) -> None:
        """Add the counts to those in the database; they stay here when it does not answer."""
        with self._lock:
            counts, self._counts = self._counts, Counter()
            self._since = monotonic()
        try:
            _write(counts)
        except DatabaseError:
            with self._lock:
                self._counts.update(counts)


BUFFER = Buffer()


def this_hour(now: datetime) -> datetime:
    """Return when the hour of this instant began."""
    return now.replace(minute=0, second=0, microsecond=0)


def forget_old(*, now: datetime) -> int:
    """Delete the counts of hours that are kept long enough; return how many."""
    begin = now - timedelta(days=settings.TRAFFIC_KEEP_DAYS)
    deleted, _each = VisitCount.objects.filter(hour__lt=begin).delete()
    return deleted


def _write(counts: Counter[tuple[datetime, str, str]]) -> None:
    if not counts:
        return
    adapt = connection.ops.adapt_datetimefield_value
    table = connection.ops.quote_name(VisitCount._meta.db_table)
    # Always in the same order, so that two processes do not wait for each other.
    rows = [(adapt(hour), what, value, n) for (hour, what, value), n in sorted(counts.items())]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {table} (hour, dimension, value, number) VALUES (%s, %s, %s, %s) "  # noqa: S608  our own name
            f"ON CONFLICT (dimension, hour, value) "
            f"DO UPDATE SET number = {table}.number + excluded.number",
            rows,
        )


def count_now(facts: Iterable[Fact]) -> None:
    """Count the facts of a request in the hour that is, and write when it is time."""
    BUFFER.add(this_hour(timezone.now()), facts)
    if BUFFER.is_due():
        BUFFER.flush()
