"""How many different networks come on a day, told by hashes whose key is gone the day after.

An address is cut before it is hashed, and the hash is forgotten with its key: what is left of a
day is one number (LOG-2). Days are those of UTC, as the hours of all counts are.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction

from bizsecure.traffic.models import DayCount, DayKey, NetworkSeen

ROWS_AT_ONCE = 1000


def key_of(day: date) -> bytes:
    """Return the key of this day, the same for all processes. Whoever asks first makes it."""
    kept = DayKey.objects.filter(day=day).first()
    if kept is None:
        DayKey.objects.bulk_create(
            [DayKey(day=day, key=secrets.token_hex(32))], ignore_conflicts=True
        )
        kept = DayKey.objects.get(day=day)
    return bytes.fromhex(kept.key)


def note_seen(day: date, tokens: Iterable[str]) -> None:
    """Note the networks that came on this day; one that was noted already stays noted once."""
    rows = [NetworkSeen(day=day, token=token) for token in sorted(tokens)]
    NetworkSeen.objects.bulk_create(rows, batch_size=ROWS_AT_ONCE, ignore_conflicts=True)


def end_days(*, now: datetime) -> int:
    """Leave of each day that is over its number alone: hashes and key go. Return how many days.

    One transaction a day, so that a task which is killed leaves all of a day or its number. A hash
    that comes late goes the next time, and the number stays.
    """
    over = {
        *DayKey.objects.filter(day__lt=now.date()).values_list("day", flat=True),
        *NetworkSeen.objects.filter(day__lt=now.date()).values_list("day", flat=True).distinct(),
    }
    for day in sorted(over):
        _end(day)
    return len(over)


@transaction.atomic
def _end(day: date) -> None:
    # Whoever deletes the key first ends the day; a second task waits, and finds nothing left.
    DayKey.objects.filter(day=day).delete()
    seen = NetworkSeen.objects.filter(day=day)
    if number := seen.count():
        DayCount.objects.bulk_create([DayCount(day=day, networks=number)], ignore_conflicts=True)
    seen.delete()
