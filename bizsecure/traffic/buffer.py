"""Counts between a request and the database: in the memory of each process, for a minute.

Of an address there is its network, as a count, and a hash under the key of the day. A process gets
that key when it writes, not while somebody waits for a page: what comes before is not in the number
of different networks.

A process that dies takes up to a minute of counts along. That is the price of a page that does
not wait for its being counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from threading import Lock
from time import monotonic

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from bizsecure.traffic.counting import token
from bizsecure.traffic.days import key_of, note_seen
from bizsecure.traffic.models import LONGEST_VALUE, DayCount, VisitCount

MOST_VALUES = 20_000
"""Whoever invents referrers fills no memory: what comes after these is not counted."""

Fact = tuple[str, str]


class Buffer:
    """Counts that wait to be written. Any number of threads may add."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._counts: Counter[tuple[datetime, str, str]] = Counter()
        self._since = monotonic()
        self._day: date | None = None
        self._key = b""
        self._seen: set[str] = set()

    def add(self, hour: datetime, facts: Iterable[Fact], cut_address: bytes = b"") -> None:
        """Count each fact once, and the network the visit came from once a day."""
        with self._lock:
            if cut_address and self._key:
                self._see(hour.date(), cut_address)
            for dimension, value in facts:
                key = (hour, dimension, value[:LONGEST_VALUE])
                if key in self._counts or len(self._counts) < MOST_VALUES:
                    self._counts[key] += 1

    def is_due(self) -> bool:
        """Return whether the counts have waited long enough."""
        return monotonic() - self._since >= settings.TRAFFIC_FLUSH_SECONDS

    def flush(self) -> None:
        """Add the counts to those in the database; they stay here when it does not answer."""
        today = timezone.now().date()
        with self._lock:
            if self._day != today:
                self._forget_day()
            counts, self._counts = self._counts, Counter()
            seen, self._seen = self._seen, set()
            key, self._since = self._key, monotonic()
        try:
            _write(counts, today, seen)
        except DatabaseError:
            with self._lock:
                self._counts.update(counts)
                self._seen |= seen
            return
        if not key:
            self._begin_day(today)

    def _see(self, day: date, cut_address: bytes) -> None:
        if day != self._day:
            self._forget_day()
        elif len(self._seen) < MOST_VALUES:
            self._seen.add(token(self._key, cut_address))

    def _begin_day(self, today: date) -> None:
        try:
            key = key_of(today)
        except (DatabaseError, ObjectDoesNotExist):
            return
        with self._lock:
            self._day, self._key = today, key

    def _forget_day(self) -> None:
        self._day, self._key, self._seen = None, b"", set()


BUFFER = Buffer()


def this_hour(now: datetime) -> datetime:
    """Return when the hour of this instant began."""
    return now.replace(minute=0, second=0, microsecond=0)


def forget_old(*, now: datetime) -> int:
    """Delete the counts of hours that are kept long enough; return how many."""
    begin = now - timedelta(days=settings.TRAFFIC_KEEP_DAYS)
    deleted, _each = VisitCount.objects.filter(hour__lt=begin).delete()
    DayCount.objects.filter(day__lt=begin.date()).delete()
    return deleted


def _write(counts: Counter[tuple[datetime, str, str]], today: date, seen: set[str]) -> None:
    """Write all of it or nothing, for what is not written stays in the buffer."""
    with transaction.atomic():
        _add_counts(counts)
        note_seen(today, seen)


def _add_counts(counts: Counter[tuple[datetime, str, str]]) -> None:
    if not counts:
        return
    adapt = connection.ops.adapt_datetimefield_value
    table = connection.ops.quote_name(VisitCount._meta.db_table)
    # Always in the same order, so that two processes do not wait for each other.
    rows = [(adapt(hour), what, value, n) for (hour, what, value), n in sorted(counts.items())]
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {table} (hour, dimension, value, number) VALUES (%s, %s, %s, %s) "  # noqa: S608  our own name
            f"ON CONFLICT (dimension, hour, value) "
            f"DO UPDATE SET number = {table}.number + excluded.number",
            rows,
        )


def count_now(facts: Iterable[Fact], cut_address: bytes) -> None:
    """Count the facts of a request in the hour that is, and write when it is time."""
    BUFFER.add(this_hour(timezone.now()), facts, cut_address)
    if BUFFER.is_due():
        BUFFER.flush()
