"""Working days: Monday to Friday, in the zone of the company. Arithmetic without a clock."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

SATURDAY = 5
DAY = timedelta(days=1)


def plus_working_days(at: datetime, days: int) -> datetime:
    """Return the time of day of `at`, so many working days later.

    What comes at a weekend counts as coming when Monday begins.
    """
    local = _local(at)
    if local.weekday() >= SATURDAY:
        local = _begin(local + (7 - local.weekday()) * DAY)
    while days:
        local += DAY
        days -= local.weekday() < SATURDAY
    return local


def overdue_before(now: datetime, days: int) -> datetime:
    """Return the moment such that `days` working days are over for all that came before it."""
    local = _local(now)
    if local.weekday() >= SATURDAY:
        # Nothing becomes overdue at a weekend: it is as if Friday had just ended.
        local = _begin(local - (local.weekday() - SATURDAY) * DAY)
    while days:
        local -= DAY
        days -= local.weekday() < SATURDAY
    return local


def _local(at: datetime) -> datetime:
    return at.astimezone(ZoneInfo(settings.POLICY_TIME_ZONE))


def _begin(day: datetime) -> datetime:
    return datetime.combine(day.date(), time(), day.tzinfo)
