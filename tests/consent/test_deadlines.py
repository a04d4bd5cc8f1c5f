"""The thirty days, case by case (CHANGE-2)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.deadlines import (
    earliest_effective,
    earliest_publishable,
    last_posting_day,
    letter_arrived,
    told_before,
)

INSTANT = timedelta(microseconds=1)
HOURS_OF_THE_PROMISE = timedelta(hours=720)
NEW_YORK = "America/New_York"

# told, in the zone; the first instant a change may bind, in the zone; why the case is there.
CASES = {
    "an ordinary day: the rest of it, thirty days, then midnight": (
        NEW_YORK,
        "2027-06-01 10:00",
        "2027-07-02 00:00",
    ),
    "told at the first instant of a day: that day still does not count": (
        NEW_YORK,
        "2027-06-01 00:00",
        "2027-07-02 00:00",
    ),
    "told at the last instant of a day: the hours are over a moment before the days": (
        NEW_YORK,
        "2027-06-01 23:59:59.999999",
        "2027-07-02 00:00",
    ),
    "summer time begins: thirty days are an hour short, so the hours decide": (
        NEW_YORK,
        "2027-02-20 23:59",
        "2027-03-23 00:59",
    ),
    "summer time begins: the last instant of the day waits the whole hour": (
        NEW_YORK,
        "2027-02-20 23:59:59.999999",
        "2027-03-23 00:59:59.999999",
    ),
    "summer time begins: who is told before eleven in the evening waits for midnight": (
        NEW_YORK,
        "2027-02-20 22:59",
        "2027-03-23 00:00",
    ),
    "summer time begins: exactly 720 hours before midnight": (
        NEW_YORK,
        "2027-02-20 23:00",
        "2027-03-23 00:00",
    ),
    "summer time begins on the day of the notice: that hour is lost before counting": (
        NEW_YORK,
        "2027-03-14 03:00",
        "2027-04-14 00:00",
    ),
    "summer time ends: thirty days are an hour long, so the days decide": (
        NEW_YORK,
        "2027-10-20 23:59:59.999999",
        "2027-11-20 00:00",
    ),
    "summer time ends: the first of two equal hours": (
        NEW_YORK,
        "2027-11-07 01:30",
        "2027-12-08 00:00",
    ),
    "leap day counts as a day": (NEW_YORK, "2028-02-01 12:00", "2028-03-03 00:00"),
    "no leap day in 2027": (NEW_YORK, "2027-02-01 12:00", "2027-03-04 00:00"),
    "told on leap day": (NEW_YORK, "2028-02-29 12:00", "2028-03-31 00:00"),
    "across the end of the year": (NEW_YORK, "2027-12-15 09:00", "2028-01-15 00:00"),
    "told in the last second of the year": (
        NEW_YORK,
        "2027-12-31 23:59:59",
        "2028-01-31 00:00",
    ),
    "thirty days from 31 January are not a month": (
        NEW_YORK,
        "2027-01-31 12:00",
        "2027-03-03 00:00",
    ),
    "thirty days from 31 January of a leap year": (
        NEW_YORK,
        "2028-01-31 12:00",
        "2028-03-02 00:00",
    ),
    "the earliest zone of the world": (
        "Pacific/Kiritimati",
        "2027-06-01 00:30",
        "2027-07-02 00:00",
    ),
    "the latest zone of the world": (
        "Pacific/Pago_Pago",
        "2027-06-01 23:30",
        "2027-07-02 00:00",
    ),
    "Lisbon, where summer time begins at one": (
        "Europe/Lisbon",
        "2027-03-10 23:30",
        "2027-04-10 00:30",
    ),
    "Lisbon, where summer time ends at two": (
        "Europe/Lisbon",
        "2027-10-10 23:30",
        "2027-11-10 00:00",
    ),
    "Lord Howe, where summer time is half an hour": (
        "Australia/Lord_Howe",
        "2027-09-10 23:45",
        "2027-10-11 00:15",
    ),
    "Santiago, where the day summer time begins has no midnight": (
        "America/Santiago",
        "2027-08-05 12:00",
        "2027-09-05 01:00",
    ),
    "Santiago, where the evening summer time ends comes twice": (
        "America/Santiago",
        "2027-03-04 12:00",
        "2027-04-04 00:00",
    ),
    "the company's own zone may be UTC": ("UTC", "2027-06-01 23:59:59", "2027-07-02 00:00"),
}

zones = st.sampled_from(
    [
        ZoneInfo(name)
        for name in (
            NEW_YORK,
            "UTC",
            "Europe/Lisbon",
            "Pacific/Kiritimati",
            "Pacific/Pago_Pago",
            "Australia/Lord_Howe",
            "America/Santiago",
            "Africa/Cairo",
            "Asia/Kathmandu",
        )
    ]
)
instants = st.datetimes(
    min_value=datetime(2012, 1, 1),  # noqa: DTZ001 - the zone is given beside it
    max_value=datetime(2099, 12, 31),  # noqa: DTZ001 - the same
    timezones=st.just(UTC),
)
# Around these the two ways to count differ, and random instants would never meet them.
turns = st.builds(
    lambda day, seconds, fraction: day + timedelta(seconds=seconds, microseconds=fraction),
    st.sampled_from(
        [
            datetime(2027, month, day, tzinfo=UTC)
            for month, day in ((2, 12), (3, 14), (4, 13), (10, 8), (11, 7), (12, 7), (1, 31))
        ]
    ),
    st.integers(min_value=-2 * 86_400, max_value=2 * 86_400),
    st.sampled_from([0, 1, 999_999]),
)
moments = instants | turns


def local(text: str, zone: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def midnight_after(moment: datetime, days: int, zone: ZoneInfo) -> datetime:
    day = moment.astimezone(zone).date() + timedelta(days=days)
    return datetime.combine(day, time.min, tzinfo=zone).astimezone(UTC)


@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_a_change_binds_from_the_first_instant_after_thirty_full_days(
    case: tuple[str, str, str],
) -> None:
    zone, told, binds = case
    expected = local(binds, zone).astimezone(UTC)
    assert earliest_effective(local(told, zone), ZoneInfo(zone)) == expected


@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_the_gate_opens_in_that_instant_and_not_a_microsecond_earlier(
    case: tuple[str, str, str],
) -> None:
    zone, told_text, binds_text = case
    told, binds = local(told_text, zone), local(binds_text, zone).astimezone(UTC)
    assert told < told_before(binds, ZoneInfo(zone))
    assert not told < told_before(binds - INSTANT, ZoneInfo(zone))


def test_the_day_is_that_of_the_policy_wherever_the_customer_lives() -> None:
    told = datetime(2027, 6, 2, 2, tzinfo=UTC)  # still the first of June in New York
    in_new_york = earliest_effective(told, ZoneInfo(NEW_YORK))
    in_lisbon = earliest_effective(told, ZoneInfo("Europe/Lisbon"))
    assert in_new_york == local("2027-07-02 00:00", NEW_YORK)
    assert in_lisbon == local("2027-07-03 00:00", "Europe/Lisbon")


def test_the_answer_does_not_depend_on_the_zone_the_moment_is_written_in() -> None:
    told = datetime(2027, 2, 21, 4, 59, tzinfo=UTC)
    zone = ZoneInfo(NEW_YORK)
    written = {told.astimezone(ZoneInfo(name)) for name in ("Asia/Tokyo", NEW_YORK, "UTC")}
    assert len({earliest_effective(moment, zone) for moment in written}) == 1
    assert len({told_before(moment, zone) for moment in written}) == 1


def test_both_of_two_equal_hours_are_told_apart() -> None:
    zone = ZoneInfo("America/Santiago")  # at midnight the clock goes back to eleven
    first = datetime(2027, 4, 3, 23, 30, tzinfo=zone)
    second = first.replace(fold=1)
    assert second.astimezone(UTC) - first.astimezone(UTC) == timedelta(hours=1)
    assert earliest_effective(second, zone) >= earliest_effective(first, zone)


def test_what_is_announced_leaves_thirty_days_to_the_one_who_is_told_last() -> None:
    zone = ZoneInfo(NEW_YORK)
    now = local("2027-06-01 10:00", NEW_YORK)
    assert earliest_publishable(now, timedelta(hours=24), zone) == local(
        "2027-07-03 00:00", NEW_YORK
    )
    assert earliest_publishable(now, timedelta(0), zone) == earliest_effective(now, zone)


def test_the_sending_time_is_counted_in_real_hours() -> None:
    # The night has lost an hour: 24 hours later it is midnight, and the fifteenth.
    announced = earliest_publishable(
        local("2027-03-13 23:00", NEW_YORK), timedelta(hours=24), ZoneInfo(NEW_YORK)
    )
    assert announced == local("2027-04-15 00:00", NEW_YORK)


@given(told=moments, now=moments, zone=zones)
def test_asking_all_customers_at_once_gives_the_answer_that_each_would_get(
    told: datetime, now: datetime, zone: ZoneInfo
) -> None:
    assert (earliest_effective(told, zone) <= now) == (told < told_before(now, zone))


@given(told=moments, zone=zones)
def test_the_two_ways_to_ask_agree_at_the_very_edge(told: datetime, zone: ZoneInfo) -> None:
    edge = earliest_effective(told, zone)
    assert told < told_before(edge, zone)
    assert not told < told_before(edge - INSTANT, zone)


@given(told=moments, zone=zones)
def test_nobody_ever_has_less_than_720_hours(told: datetime, zone: ZoneInfo) -> None:
    assert earliest_effective(told, zone) - told >= HOURS_OF_THE_PROMISE


@given(told=moments, zone=zones)
def test_nobody_ever_has_less_than_thirty_full_calendar_days(
    told: datetime, zone: ZoneInfo
) -> None:
    edge = earliest_effective(told, zone)
    full_days = [
        days
        for days in range(1, 35)
        if midnight_after(told, days, zone) >= told and midnight_after(told, days + 1, zone) <= edge
    ]
    assert len(full_days) >= 30


@given(told=moments, zone=zones)
def test_nobody_waits_longer_than_both_ways_of_counting_ask(told: datetime, zone: ZoneInfo) -> None:
    edge = earliest_effective(told, zone)
    assert edge in {told + HOURS_OF_THE_PROMISE, midnight_after(told, 31, zone)}


@given(first=moments, second=moments, zone=zones)
def test_who_is_told_earlier_is_never_bound_later(
    first: datetime, second: datetime, zone: ZoneInfo
) -> None:
    earlier, later = sorted([first, second])
    assert earliest_effective(earlier, zone) <= earliest_effective(later, zone)
    assert told_before(earlier, zone) <= told_before(later, zone)


@given(now=moments, hours=st.integers(min_value=0, max_value=240), zone=zones)
def test_what_may_be_announced_binds_everyone_told_in_time(
    now: datetime, hours: int, zone: ZoneInfo
) -> None:
    sending = timedelta(hours=hours)
    announced = earliest_publishable(now, sending, zone)
    assert earliest_effective(now + sending, zone) <= announced
    assert earliest_effective(now, zone) <= announced


@pytest.mark.parametrize(
    ("posted_on", "arrived"),
    [
        (date(2027, 1, 4), datetime(2027, 1, 15, 5, tzinfo=UTC)),
        # Into summer time, and out of it again: the day begins an hour earlier, or later.
        (date(2027, 3, 10), datetime(2027, 3, 21, 4, tzinfo=UTC)),
        (date(2027, 11, 1), datetime(2027, 11, 12, 5, tzinfo=UTC)),
        (date(2028, 2, 20), datetime(2028, 3, 2, 5, tzinfo=UTC)),
    ],
)
def test_a_letter_counts_as_received_after_ten_full_days(
    posted_on: date, arrived: datetime
) -> None:
    assert letter_arrived(posted_on, ZoneInfo(NEW_YORK)) == arrived


@given(told=moments, zone=zones)
def test_whoever_posts_on_the_last_day_is_in_time_and_a_day_later_is_not(
    told: datetime, zone: ZoneInfo
) -> None:
    day = last_posting_day(told, zone)
    assert letter_arrived(day, zone) < told <= letter_arrived(day + timedelta(days=1), zone)
