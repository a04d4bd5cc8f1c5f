"""How long a card number is needed. Pure: dates in, answers out (PCI 3.2.1)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import Enum

from bizsecure.vault.cards import Expiry

# A check that stays open is not worth keeping a number for.
LONGEST_CHECK = timedelta(hours=24)
# After its date a card can pay nothing; a month remains to notice the reminder.
AFTER_EXPIRY = timedelta(days=30)
# The longest period we sell is a year; a card that paid nothing for longer is not needed.
UNUSED_FOR = timedelta(days=400)
# When the customer hears that a card is about to expire, and how far ahead.
REMIND_AHEAD = timedelta(days=30)


class Over(Enum):
    """Why a number is not needed any more."""

    UNCHECKED = "unchecked"
    EXPIRED = "expired"
    UNUSED = "unused"


def no_longer_needed(
    *,
    added_at: datetime,
    last_used_at: datetime | None,
    expiry: Expiry | None,
    is_settled: bool,
    now: datetime,
) -> Over | None:
    """Return why a card's number is to be forgotten at `now`, or None while it is needed."""
    if not is_settled:
        return Over.UNCHECKED if added_at + LONGEST_CHECK <= now else None
    if expiry is not None and expiry.last_day + AFTER_EXPIRY < now.date():
        return Over.EXPIRED
    if max(added_at, last_used_at or added_at) + UNUSED_FOR <= now:
        return Over.UNUSED
    return None


def is_about_to_expire(expiry: Expiry, today: date) -> bool:
    """Whether the customer should think of another card: it is still good, but not for long."""
    ahead = today + REMIND_AHEAD
    return not expiry.is_over(today) and (expiry.year, expiry.month) <= (ahead.year, ahead.month)
