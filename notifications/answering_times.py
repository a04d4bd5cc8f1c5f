"""How long people wait for our answer, week by week (MAIL-1)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

from notifications.models import Case
from notifications.working_days import plus_working_days

WEEKS = 12
WEEK = timedelta(days=7)
HOUR = timedelta(hours=1)
# The picture, in its own units.
WIDTH, HEIGHT, GAP = 720, 200, 12
BAR = (WIDTH - (WEEKS + 1) * GAP) // WEEKS


@dataclass(frozen=True)
class Week:
    """The answers of one week, by the day on which it began."""

    monday: date
    answered: int
    median_hours: float | None
    in_time: int
    # Where its bar stands in the picture.
    x: int = 0
    y: int = 0
    height: int = 0

    @property
    def percent(self) -> int | None:
        """How many of a hundred were answered within the target."""
        return round(100 * self.in_time / self.answered) if self.answered else None

    @property
    def middle(self) -> int:
        return self.x + BAR // 2


@dataclass(frozen=True)
class Times:
    """What the page of answering times shows."""

    weeks: list[Week]
    highest: float
    waiting: int
    overdue: int
    oldest: datetime | None
    target_days: int
    width: int = WIDTH
    height: int = HEIGHT
    bar: int = BAR


def answering_times(now: datetime) -> Times:
    """Return the weeks up to now, and what waits."""
    weeks = _weeks(now)
    highest = max((week.median_hours or 0 for week in weeks), default=0) or 1
    waiting = Case.objects.waiting()
    return Times(
        weeks=[_placed(week, number, highest) for number, week in enumerate(weeks)],
        highest=highest,
        waiting=waiting.count(),
        overdue=Case.objects.overdue(now).count(),
        oldest=waiting.order_by("waiting_since").values_list("waiting_since", flat=True).first(),
        target_days=settings.CASE_TARGET_DAYS,
    )


def _weeks(now: datetime) -> list[Week]:
    zone = ZoneInfo(settings.POLICY_TIME_ZONE)
    this = _monday(now, zone)
    mondays = [this - number * WEEK for number in reversed(range(WEEKS))]
    since = timezone.make_aware(datetime.combine(mondays[0], datetime.min.time()), zone)
    waits: dict[date, list[tuple[timedelta, bool]]] = defaultdict(list)
    answered = Case.objects.filter(answered_at__gte=since, answered_at__lte=now)
    rows: Iterable[Any] = answered.values_list("received_at", "answered_at")
    for received, first in rows:
        due = plus_working_days(received, settings.CASE_TARGET_DAYS)
        waits[_monday(first, zone)].append((first - received, first <= due))
    return [_week(monday, waits[monday]) for monday in mondays]


def _week(monday: date, waits: list[tuple[timedelta, bool]]) -> Week:
    hours = [wait / HOUR for wait, _in_time in waits]
    middle = round(median(hours), 1) if hours else None
    return Week(monday, len(waits), middle, sum(in_time for _wait, in_time in waits))


def _placed(week: Week, number: int, highest: float) -> Week:
    height = round((HEIGHT - 40) * (week.median_hours or 0) / highest)
    x = GAP + number * (BAR + GAP)
    return Week(
        week.monday,
        week.answered,
        week.median_hours,
        week.in_time,
        x,
        HEIGHT - 20 - height,
        height,
    )


def _monday(at: datetime, zone: ZoneInfo) -> date:
    day = at.astimezone(zone).date()
    return day - timedelta(days=day.weekday())
