"""How many connections all workers together open: places at the mail server, held by leases.

`MAIL_CONNECTIONS` is divided by what one worker may open. A worker takes a place before it opens
a connection, keeps it with each commit, and leaves it at its end; one that is killed leaves it
when its lease ends. The first place is for single mails, for which somebody waits, as long as
there is a second.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from notifications.models import SendingPlace
from notifications.services.leasing import LostLease


@dataclass(frozen=True)
class Place:
    """A place held by this worker, as long as nobody counts a further epoch."""

    number: int
    epoch: int


@contextmanager
def taken_place(*, connections: int, for_single_mails: bool) -> Iterator[Place | None]:
    """Hold a place for a worker with so many connections; None when all are taken."""
    place = take_place(
        now=timezone.now(), connections=connections, for_single_mails=for_single_mails
    )
    try:
        yield place
    finally:
        if place is not None:
            _held(place).update(lease_until=None)


def take_place(*, now: datetime, connections: int, for_single_mails: bool) -> Place | None:
    """Take a free place, by compare-and-set on its epoch."""
    places = max(1, settings.MAIL_CONNECTIONS // connections)
    first = 0 if for_single_mails or places == 1 else 1
    mine = SendingPlace.objects.filter(number__gte=first, number__lt=places).order_by("number")
    rows = list(mine)
    if len(rows) < places - first:
        every = [SendingPlace(number=number) for number in range(places)]
        SendingPlace.objects.bulk_create(every, ignore_conflicts=True)
        rows = list(mine.all())
    for row in rows:
        if _is_held(row, now):
            continue
        place = Place(row.number, row.epoch + 1)
        same = SendingPlace.objects.filter(number=row.number, epoch=row.epoch)
        if same.update(epoch=place.epoch, lease_until=_lease_end(now)):
            return place
    return None


def keep_place(*, place: Place, now: datetime) -> None:
    """Hold the place for another lease from `now`. Raises LostLease when it is not ours."""
    if not _held(place).update(lease_until=_lease_end(now)):
        raise LostLease


def _held(place: Place) -> QuerySet[SendingPlace]:
    return SendingPlace.objects.filter(number=place.number, epoch=place.epoch)


def _is_held(row: SendingPlace, now: datetime) -> bool:
    """A lease further ahead than any that is written comes from a clock that was wrong."""
    longest = now + timedelta(seconds=2 * settings.NOTICE_LEASE_SECONDS)
    return row.lease_until is not None and now <= row.lease_until <= longest


def _lease_end(now: datetime) -> datetime:
    return now + timedelta(seconds=settings.NOTICE_LEASE_SECONDS)
