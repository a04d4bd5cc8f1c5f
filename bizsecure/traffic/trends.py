"""What the counts show: days, and what was seen most. Small numbers are not shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Sum
from django.db.models.functions import ExtractHour, TruncDate

from bizsecure.traffic.models import DayCount, VisitCount

DAYS = 30
MOST_VALUES = 10
SMALLEST_SHOWN = 10
"""A number below this might say something about somebody."""

Dimension = VisitCount.Dimension


@dataclass(frozen=True)
class Line:
    """A number with what it counts, and how long its bar is beside the largest."""

    label: Any
    number: int
    percent: int

    @property
    def is_masked(self) -> bool:
        return 0 < self.number < SMALLEST_SHOWN


@dataclass(frozen=True)
class Trends:
    """The last thirty days: pages by day and by hour, and the commonest of each dimension."""

    days: list[Line]
    # How many different networks came on each day that is over.
    networks: list[Line]
    hours: list[Line]
    dimensions: list[tuple[Any, list[Line]]]
    pages: int
    visits: int


def trends(now: datetime) -> Trends:
    """Return what the counts of the last thirty days show, in days of UTC."""
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    counts = VisitCount.objects.since(today - timedelta(days=DAYS - 1))
    pages = counts.filter(dimension=Dimension.PAGE)
    by_day = pages.annotate(day=TruncDate("hour")).values("day").annotate(total=Sum("number"))
    seen = dict(by_day.values_list("day", "total"))
    days = [today.date() - timedelta(days=back) for back in reversed(range(DAYS))]
    by_hour = pages.annotate(part=ExtractHour("hour")).values("part").annotate(total=Sum("number"))
    in_hour = dict(by_hour.values_list("part", "total"))
    visits = counts.filter(dimension=Dimension.DEVICE).aggregate(total=Sum("number"))["total"]
    came = dict(DayCount.objects.filter(day__gte=days[0]).values_list("day", "networks"))
    return Trends(
        days=_lines([(day, seen.get(day, 0)) for day in days]),
        networks=_lines([(day, came.get(day, 0)) for day in days[:-1]]),
        hours=_lines([(f"{hour:02}:00", in_hour.get(hour, 0)) for hour in range(24)]),
        dimensions=[(each.label, _most(counts, each)) for each in Dimension],
        pages=sum(seen.values()),
        visits=visits or 0,
    )


def _most(counts: Any, dimension: VisitCount.Dimension) -> list[Line]:
    ranked = (
        counts.filter(dimension=dimension)
        .values("value")
        .annotate(total=Sum("number"))
        .order_by("-total", "value")
    )
    return _lines(list(ranked.values_list("value", "total")[:MOST_VALUES]))


def _lines(pairs: Sequence[tuple[str | date, int]]) -> list[Line]:
    largest = max((number for _label, number in pairs), default=0) or 1
    return [Line(label, number, 100 * number // largest) for label, number in pairs]
