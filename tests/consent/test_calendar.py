"""The policy's own calendar, wherever one reads."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.template.response import TemplateResponse
from django.test import RequestFactory
from django.utils import timezone
from pytest_django import Settings

from consent.calendar import in_policy_zone, policy_day, policy_zone
from tests.builders import INSTANT

MIDNIGHT = datetime(2027, 1, 5, 5, tzinfo=UTC)


def test_a_day_begins_at_midnight_in_the_policys_zone() -> None:
    assert policy_day(MIDNIGHT - INSTANT) == date(2027, 1, 4)
    assert policy_day(MIDNIGHT) == date(2027, 1, 5)


def test_a_moment_has_one_day_in_whichever_zone_it_is_written() -> None:
    for zone in ("Asia/Tokyo", "Pacific/Honolulu", "Europe/London"):
        assert policy_day(MIDNIGHT.astimezone(ZoneInfo(zone))) == date(2027, 1, 5)


@pytest.mark.parametrize("zone", ["America/New_York", "Pacific/Kiritimati", "UTC"])
def test_the_zone_is_a_setting(settings: Settings, zone: str) -> None:
    settings.POLICY_TIME_ZONE = zone
    assert policy_zone() == ZoneInfo(zone)
    assert policy_day(MIDNIGHT) == MIDNIGHT.astimezone(ZoneInfo(zone)).date()


def test_a_day_with_a_change_of_the_clocks_is_still_one_day() -> None:
    start = datetime(2027, 3, 14, 5, tzinfo=UTC)
    assert policy_day(start) == policy_day(start + timedelta(hours=23) - INSTANT)
    assert policy_day(start + timedelta(hours=23)) == date(2027, 3, 15)


def test_a_page_shows_times_in_the_policys_zone_and_leaves_the_readers_as_it_was(
    rf: RequestFactory,
) -> None:
    def page(request: HttpRequest) -> HttpResponse:
        return HttpResponse(timezone.get_current_timezone_name())

    with timezone.override("Asia/Tokyo"):
        assert in_policy_zone(page)(rf.get("/")).content == b"America/New_York"
        assert timezone.get_current_timezone_name() == "Asia/Tokyo"


def test_a_page_that_is_filled_in_late_is_filled_in_with_the_policys_times(
    rf: RequestFactory,
) -> None:
    words: Any = engines["django"].from_string("{{ moment|date:'H:i' }}")

    def page(request: HttpRequest) -> TemplateResponse:
        return TemplateResponse(request, words, {"moment": MIDNIGHT})

    with timezone.override("Asia/Tokyo"):
        response = in_policy_zone(page)(rf.get("/"))
    assert response.content == b"00:00"
