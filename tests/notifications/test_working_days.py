"""Working days: what is due when, and from which moment on it is overdue."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.working_days import overdue_before, plus_working_days
from tests.builders import NEW_YORK

CASES = [
    ("Monday 09:00", (2027, 1, 4, 9), (2027, 1, 6, 9)),
    ("Thursday 09:00", (2027, 1, 7, 9), (2027, 1, 11, 9)),
    ("Friday 23:59", (2027, 1, 8, 23, 59), (2027, 1, 12, 23, 59)),
    ("Saturday 00:00", (2027, 1, 9), (2027, 1, 13)),
    ("Sunday 15:00", (2027, 1, 10, 15), (2027, 1, 13)),
    ("before the clocks change", (2027, 3, 12, 9), (2027, 3, 16, 9)),
]


@pytest.mark.parametrize(("name", "at", "due"), CASES)
def test_what_comes_now_is_due_two_working_days_later(
    name: str, at: tuple[int, ...], due: tuple[int, ...]
) -> None:
    came = datetime(*at, tzinfo=NEW_YORK)  # type: ignore[misc,arg-type]
    assert plus_working_days(came, 2) == datetime(*due, tzinfo=NEW_YORK)  # type: ignore[misc,arg-type]


minutes = st.integers(min_value=0, max_value=60 * 24 * 400)


@given(minutes, minutes, st.integers(min_value=1, max_value=9))
def test_overdue_is_what_was_due_before_now(at: int, later: int, days: int) -> None:
    began = datetime(2026, 6, 1, tzinfo=NEW_YORK)
    # Half a minute apart, so that nothing falls on the very moment.
    came = began + timedelta(minutes=at)
    now = came + timedelta(minutes=later, seconds=30)
    assert (came < overdue_before(now, days)) == (plus_working_days(came, days) < now)
