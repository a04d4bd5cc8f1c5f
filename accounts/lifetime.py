"""How long somebody stays signed in.

A session ends after a time without any use, and at the latest so long after it began, however
much it is used. Staff, who see more, are signed out sooner.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

# When the session began and when it was last used, in seconds since 1970, kept in the session.
BEGAN, USED = "began", "used"
# To the minute is exact enough, and spares a write with every page.
RESOLUTION = timedelta(minutes=1)


@dataclass(frozen=True)
class Limits:
    """The longest time without use, and the longest time at all."""

    idle: timedelta
    absolute: timedelta

    def are_over(self, *, began: float, used: float, now: float) -> bool:
        """Return whether a session that began and was last used then has ended by now."""
        return now - used >= self.idle.total_seconds() or now - began >= (
            self.absolute.total_seconds()
        )


CUSTOMERS = Limits(idle=timedelta(hours=12), absolute=timedelta(days=30))
STAFF = Limits(idle=timedelta(hours=1), absolute=timedelta(hours=24))


def limits_of(*, is_staff: bool) -> Limits:
    return STAFF if is_staff else CUSTOMERS
