"""Months and years on the calendar. Pure: whoever asks gives the moment."""

from __future__ import annotations

from calendar import monthrange
from datetime import datetime

from bizsecure.store.pricing import Period

MONTHS = {Period.MONTH: 1, Period.YEAR: 12}


def added_to(moment: datetime, period: str) -> datetime | None:
    """Return the moment a period later, on the same day of the month if it has that day.

    None for what is bought once and never ends.
    """
    months = MONTHS.get(Period(period))
    if months is None:
        return None
    years, month = divmod(moment.month - 1 + months, 12)
    year = moment.year + years
    day = min(moment.day, monthrange(year, month + 1)[1])
    return moment.replace(year=year, month=month + 1, day=day)


def years_before(moment: datetime, years: int) -> datetime:
    """Return the same day so many years earlier; of 29 February, the 28th."""
    year = moment.year - years
    day = min(moment.day, monthrange(year, moment.month)[1])
    return moment.replace(year=year, day=day)
