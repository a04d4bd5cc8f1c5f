"""The picture of the thirty days: how many are drawn, which are over, and which one is today."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from consent.deadlines import earliest_effective
from consent.ruler import MARGIN, MOST_TICKS, STEP, Ruler, thirty_day_ruler
from tests.builders import DAY, INSTANT, NEW_YORK, TODAY

BINDS = earliest_effective(TODAY, NEW_YORK)


def ruler(after: timedelta, *, binds: datetime = BINDS) -> Ruler:
    return thirty_day_ruler(TODAY, binds, TODAY + after, NEW_YORK)


def test_it_goes_from_the_day_of_the_notice_to_the_day_the_change_binds() -> None:
    drawn = ruler(12 * DAY)
    assert (drawn.told_on, drawn.binds_on) == (date(2027, 1, 4), date(2027, 2, 4))
    assert (drawn.day, drawn.days, drawn.days_left) == (12, 31, 19)
    assert len(drawn.ticks) == 32


def test_days_over_today_and_days_to_come_are_told_apart() -> None:
    states = [tick.state for tick in ruler(12 * DAY).ticks]
    assert states == ["past"] * 12 + ["now"] + ["future"] * 19


@pytest.mark.parametrize(
    ("after", "day", "over"),
    [
        (0 * DAY, 0, False),
        (BINDS - TODAY - INSTANT, 30, False),
        (BINDS - TODAY, 31, True),
        (3650 * DAY, 31, True),
    ],
)
def test_it_ends_with_the_instant_that_binds_and_never_runs_past_it(
    after: timedelta, day: int, over: bool
) -> None:
    drawn = ruler(after)
    assert (drawn.day, drawn.over) == (day, over)
    assert drawn.days_left == 31 - day


def test_days_are_those_of_the_policys_zone() -> None:
    # Three in the morning in London is still the evening before in New York.
    night = datetime(2027, 1, 5, 3, tzinfo=UTC)
    drawn = thirty_day_ruler(TODAY, BINDS, night, NEW_YORK)
    assert drawn.day == 0


@pytest.mark.parametrize("days", [31, MOST_TICKS, MOST_TICKS + 1, 400, 3650])
def test_a_long_wait_is_drawn_in_fewer_steps_and_told_in_true_days(days: int) -> None:
    drawn = ruler(0 * DAY, binds=TODAY + days * DAY)
    assert drawn.days == drawn.days_left == days
    assert len(drawn.ticks) == min(days, MOST_TICKS) + 1
    assert drawn.ticks[0].state == "now"
    assert drawn.ticks[-1].state == "future"


def test_the_ticks_fill_the_picture() -> None:
    drawn = ruler(0 * DAY)
    assert drawn.ticks[0].x == MARGIN
    assert drawn.ticks[-1].x == drawn.width - MARGIN
    places = [tick.x for tick in drawn.ticks]
    assert places == list(range(MARGIN, drawn.width, STEP))
    assert [tick.tall for tick in drawn.ticks[:6]] == [True, False, False, False, False, True]


def test_a_change_that_bound_before_one_was_told_still_has_two_ends() -> None:
    drawn = ruler(0 * DAY, binds=TODAY - 5 * DAY)
    assert drawn.days == 1
    assert len(drawn.ticks) == 2
