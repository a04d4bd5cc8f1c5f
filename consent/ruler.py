"""The thirty-day ruler: a picture of where a customer stands between notice and effect."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

# Geometry of the picture, in units of its own view box.
STEP = 20
MARGIN = 10
TALL_EVERY = 5
# More days than this are drawn as this many steps; the words beside it stay exact.
MOST_TICKS = 62


@dataclass(frozen=True)
class Tick:
    x: int
    state: str
    tall: bool


@dataclass(frozen=True)
class Ruler:
    """Days since the notice, of the days until the change binds. Words stand beside it."""

    told_on: date
    binds_on: date
    day: int
    days: int
    ticks: tuple[Tick, ...]

    @property
    def days_left(self) -> int:
        return max(self.days - self.day, 0)

    @property
    def over(self) -> bool:
        return self.day >= self.days

    @property
    def width(self) -> int:
        return 2 * MARGIN + STEP * (len(self.ticks) - 1)


def thirty_day_ruler(
    told_at: datetime, binds_from: datetime, now: datetime, zone: ZoneInfo
) -> Ruler:
    """Return the ruler of a customer told at `told_at`, in days of the policy's `zone`."""
    first, today = told_at.astimezone(zone).date(), now.astimezone(zone).date()
    last = max(binds_from.astimezone(zone).date(), first + timedelta(days=1))
    days = (last - first).days
    shown = min(days, MOST_TICKS)
    ticks = tuple(_tick(index, shown, days, first, today) for index in range(shown + 1))
    return Ruler(first, last, min((today - first).days, days), days, ticks)


def _tick(index: int, shown: int, days: int, first: date, today: date) -> Tick:
    day = first + timedelta(days=round(index * days / shown))
    state = "past" if day < today else "now" if day == today else "future"
    return Tick(x=MARGIN + STEP * index, state=state, tall=index % TALL_EVERY == 0)
