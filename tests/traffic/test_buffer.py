"""Counts on their way to the database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from bizsecure.traffic import buffer as buffering
from bizsecure.traffic.buffer import Buffer, forget_old, this_hour
from bizsecure.traffic.models import VisitCount
from bizsecure.traffic.trends import trends

NOON = datetime(2027, 3, 1, 12, 34, 56, 789, tzinfo=UTC)
FACTS = [("page", "/shop/"), ("network", "203.0.0.0/16")]


def counted() -> dict[tuple[str, str], int]:
    rows = VisitCount.objects.values_list("dimension", "value", "number")
    return {(dimension, value): number for dimension, value, number in rows}


def test_counts_of_an_hour_add_up_whoever_writes_them(buffer: Buffer) -> None:
    other_process = Buffer()
    for each in (buffer, other_process, buffer):
        each.add(this_hour(NOON), FACTS)
        each.flush()
    assert counted() == {("page", "/shop/"): 3, ("network", "203.0.0.0/16"): 3}


def test_each_hour_has_counts_of_its_own(buffer: Buffer) -> None:
    for later in (0, 59, 60):
        buffer.add(this_hour(NOON + timedelta(minutes=later)), FACTS)
    buffer.flush()
    pages = VisitCount.objects.filter(dimension="page").order_by("hour")
    assert list(pages.values_list("hour", "number")) == [
        (this_hour(NOON), 1),
        (this_hour(NOON) + timedelta(hours=1), 2),
    ]


def test_counts_wait_for_a_database_that_does_not_answer(
    buffer: Buffer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_written: object) -> None:
        raise DatabaseError

    buffer.add(this_hour(NOON), FACTS)
    with monkeypatch.context() as broken:
        broken.setattr(buffering, "_write", away)
        buffer.flush()
    assert counted() == {}
    buffer.flush()
    assert counted()[("page", "/shop/")] == 1


def test_whoever_invents_referrers_fills_no_memory(
    buffer: Buffer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(buffering, "MOST_VALUES", 3)
    for number in range(10):
        buffer.add(this_hour(NOON), [("referrer", f"{number}.example"), ("referrer", "0.example")])
    buffer.flush()
    assert len(counted()) == 3
    assert counted()[("referrer", "0.example")] == 11


def test_a_page_writes_nothing_until_it_is_time(
    buffer: Buffer,
    settings: Any,
    client: Client,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    client.get("/")
    with django_assert_num_queries(0):
        client.get("/")
    assert counted() == {}
    settings.TRAFFIC_FLUSH_SECONDS = 0
    client.get("/")
    assert counted()[("page", "/")] == 3


def test_old_counts_are_forgotten(buffer: Buffer, settings: Any) -> None:
    settings.TRAFFIC_KEEP_DAYS = 30
    for age in (29, 31):
        buffer.add(this_hour(NOON - timedelta(days=age)), FACTS)
    buffer.flush()
    assert forget_old(now=NOON) == 2
    assert forget_old(now=NOON) == 0
    assert len(counted()) == 2


def test_trends_show_thirty_days_and_mask_what_is_small(buffer: Buffer) -> None:
    buffer.add(this_hour(NOON), [("page", "/shop/")] * 20 + [("page", "/cart/")] * 9)
    buffer.add(this_hour(NOON - timedelta(days=40)), FACTS)
    buffer.flush()
    seen = trends(NOON)
    assert [line.number for line in seen.days] == [*[0] * 29, 29]
    assert seen.hours[12].number == seen.pages == 29
    shop, cart = seen.dimensions[0][1]
    assert [(shop.label, shop.is_masked), (cart.label, cart.is_masked)] == [
        ("/shop/", False),
        ("/cart/", True),
    ]
