"""Different networks of a day: counted by hashes whose key is destroyed when the day is over."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.test import Client
from time_machine import Traveller

from bizsecure.traffic import buffer as buffering
from bizsecure.traffic.buffer import Buffer, forget_old, this_hour
from bizsecure.traffic.counting import neighbourhood, token
from bizsecure.traffic.days import end_days, key_of, note_seen
from bizsecure.traffic.models import DayCount, DayKey, NetworkSeen
from bizsecure.traffic.tasks import forget_yesterdays_key
from bizsecure.traffic.trends import trends
from consent.models import PolicyVersion

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)
TODAY = NOON.date()
DAY = timedelta(days=1)
HERE, NEIGHBOUR, ELSEWHERE = "203.0.113.77", "203.0.113.78", "203.0.114.77"


@pytest.fixture
def noon(clock: Traveller) -> Traveller:
    """Give noon of a day."""
    clock.move_to(NOON)
    return clock


@pytest.fixture
def counting(buffer: Buffer, noon: Traveller) -> Buffer:
    """Give a buffer that has the key of today."""
    buffer.flush()
    return buffer


def comes(buffer: Buffer, *addresses: str) -> None:
    for address in addresses:
        buffer.add(this_hour(NOON), [("page", "/")], neighbourhood(address))


@pytest.mark.parametrize(
    ("address", "cut"),
    [
        (HERE, "cb0071"),
        (NEIGHBOUR, "cb0071"),
        ("::ffff:203.0.113.77", "cb0071"),
        ("2001:db8:1:2::3", "20010db80001"),
        ("2001:db8:1:ffff::4", "20010db80001"),
        ("", ""),
        ("unknown", ""),
    ],
)
def test_an_address_is_cut_before_anything_is_done_with_it(address: str, cut: str) -> None:
    assert neighbourhood(address).hex() == cut


def test_the_same_network_on_another_day_is_another_token(db: None) -> None:
    cut = neighbourhood(HERE)
    today, tomorrow = key_of(TODAY), key_of(TODAY + DAY)
    assert len(today) == 32
    assert token(today, cut) == token(key_of(TODAY), cut)
    assert token(today, cut) != token(tomorrow, cut)


def test_different_networks_are_counted_once_a_day_whoever_writes_them(counting: Buffer) -> None:
    other_process = Buffer()
    other_process.flush()
    comes(counting, HERE, NEIGHBOUR, HERE)
    comes(other_process, HERE, ELSEWHERE)
    counting.flush()
    other_process.flush()
    assert NetworkSeen.objects.count() == 2

    assert end_days(now=NOON + DAY) == 1
    assert list(DayCount.objects.values_list("day", "networks")) == [(TODAY, 2)]


def test_when_the_day_is_over_its_number_is_all_that_is_left(
    counting: Buffer, noon: Traveller
) -> None:
    comes(counting, HERE)
    counting.flush()
    end_days(now=NOON)
    assert DayKey.objects.count() == NetworkSeen.objects.count() == 1

    noon.shift(12 * 3600)
    for _twice in range(2):
        forget_yesterdays_key()

    assert not DayKey.objects.exists()
    assert not NetworkSeen.objects.exists()
    assert list(DayCount.objects.values_list("networks", flat=True)) == [1]


def test_no_process_goes_on_with_the_key_of_yesterday(counting: Buffer, noon: Traveller) -> None:
    comes(counting, HERE)
    noon.shift(12 * 3600)
    counting.add(this_hour(NOON + DAY), [("page", "/")], neighbourhood(HERE))
    assert counting._key == b""
    counting.flush()
    assert not NetworkSeen.objects.exists()
    assert counting._key == key_of(TODAY + DAY)


def test_a_day_on_which_nobody_came_has_no_number(db: None) -> None:
    key_of(TODAY)
    assert end_days(now=NOON + DAY) == 1
    assert not DayCount.objects.exists()


def test_a_hash_that_comes_late_goes_and_the_number_stays(db: None) -> None:
    note_seen(TODAY, ["a" * 32, "b" * 32])
    end_days(now=NOON + DAY)
    note_seen(TODAY, ["c" * 32])
    end_days(now=NOON + DAY)
    assert not NetworkSeen.objects.exists()
    assert DayCount.objects.get().networks == 2


def test_the_key_stands_nowhere_in_clear(counting: Buffer) -> None:
    comes(counting, HERE)
    counting.flush()
    with connection.cursor() as cursor:
        cursor.execute("SELECT key FROM traffic_daykey")
        [(sealed,)] = cursor.fetchall()
    assert key_of(TODAY).hex().encode() not in bytes(sealed)
    assert key_of(TODAY) not in bytes(sealed)
    assert re.fullmatch("[0-9a-f]{32}", NetworkSeen.objects.get().token)


def test_the_buffer_holds_no_address(counting: Buffer) -> None:
    comes(counting, HERE)
    held = repr(vars(counting))
    assert HERE not in held
    assert "203.0.113" not in held
    assert repr(neighbourhood(HERE)) not in held


def test_hashes_wait_for_a_database_that_does_not_answer(
    counting: Buffer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_day: date, _tokens: object) -> None:
        raise DatabaseError

    comes(counting, HERE)
    with monkeypatch.context() as broken:
        broken.setattr(buffering, "note_seen", away)
        counting.flush()
    counting.flush()
    assert NetworkSeen.objects.count() == 1


def test_pages_are_counted_while_there_is_no_key(
    buffer: Buffer, noon: Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_day: date) -> bytes:
        raise DatabaseError

    monkeypatch.setattr(buffering, "key_of", away)
    comes(buffer, HERE)
    buffer.flush()
    assert not NetworkSeen.objects.exists()
    assert trends(NOON).pages == 1


def test_many_networks_fill_no_memory(counting: Buffer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(buffering, "MOST_VALUES", 3)
    comes(counting, *(f"203.0.{number}.1" for number in range(10)))
    counting.flush()
    assert NetworkSeen.objects.count() == 3


def test_pages_are_counted_with_the_network_they_came_from(
    counting: Buffer, policy: PolicyVersion
) -> None:
    for address in (HERE, NEIGHBOUR, ELSEWHERE):
        Client().get("/shop/", REMOTE_ADDR=address)
    counting.flush()
    assert NetworkSeen.objects.count() == 2


def test_the_numbers_are_shown_and_forgotten_like_all_others(db: None, settings: Any) -> None:
    settings.TRAFFIC_KEEP_DAYS = 30
    for age, number in ((1, 20), (2, 9), (31, 50)):
        DayCount.objects.create(day=TODAY - age * DAY, networks=number)
    seen = trends(NOON).networks
    assert [line.number for line in seen[-3:]] == [0, 9, 20]
    assert seen[-2].is_masked
    forget_old(now=NOON)
    assert DayCount.objects.count() == 2
