"""The thirty days (CHANGE-2). Pure arithmetic: no clock, no database.

A change of policy may bind a customer only when, since that customer was told, both

- 720 hours have passed, and
- 30 full calendar days lie between, counted in the policy's own zone; the day of the notice
  is not one of them.

The later of the two counts. Around a change to daylight saving time either can be the later
one. Hours are counted in UTC, because the difference of two local times hides the lost hour.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

NOTICE_DAYS = 30
NOTICE_PERIOD = timedelta(days=NOTICE_DAYS)
# How long a letter may be on its way, wherever its reader lives. Longer than the post takes nearly
# everywhere: nobody's thirty days begin before they can have read it.
LETTER_DAYS = 10
CLOCK_TICK = timedelta(microseconds=1)


def earliest_effective(told_at: datetime, zone: ZoneInfo) -> datetime:
    """Return the first instant, in UTC, at which a change may bind a customer told at `told_at`.

    Thirty whole days lie between, counted in the policy's own `zone` (CHANGE-2).
    """
    first_free_day = told_at.astimezone(zone).date() + timedelta(days=NOTICE_DAYS + 1)
    return max(told_at.astimezone(UTC) + NOTICE_PERIOD, _start_of_day(first_free_day, zone))


def told_before(now: datetime, zone: ZoneInfo) -> datetime:
    """Return the instant before which a customer must have been told to be bound at `now`.

    The inverse of `earliest_effective`, so that a database can ask for all customers at once:
    `told_at < told_before(now)` exactly when `earliest_effective(told_at) <= now`.
    """
    last_day = now.astimezone(zone).date() - timedelta(days=NOTICE_DAYS)
    return min(now.astimezone(UTC) - NOTICE_PERIOD + CLOCK_TICK, _start_of_day(last_day, zone))


def letter_arrived(posted_on: date, zone: ZoneInfo) -> datetime:
    """Return the instant, in UTC, from which a letter posted on this day counts as received.

    Ten whole days lie between, counted in the policy's own `zone`; the day on which it was posted
    is not one of them.
    """
    return _start_of_day(posted_on + timedelta(days=LETTER_DAYS + 1), zone)


def last_posting_day(tell_by: datetime, zone: ZoneInfo) -> date:
    """Return the last day on which a letter may be posted to be received before `tell_by`.

    The inverse of `letter_arrived`.
    """
    day = tell_by.astimezone(zone).date() - timedelta(days=LETTER_DAYS + 1)
    return day if letter_arrived(day, zone) < tell_by else day - timedelta(days=1)


def earliest_publishable(now: datetime, sending: timedelta, zone: ZoneInfo) -> datetime:
    """Return the earliest effective date that may be announced at `now`.

    `sending` is how long telling everyone may take; the last one told has 30 days too.
    """
    return earliest_effective(now.astimezone(UTC) + sending, zone)


def _start_of_day(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, tzinfo=zone).astimezone(UTC)
