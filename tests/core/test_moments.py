"""Days and times are written as Django writes them, in each language and zone."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.template import Context, Template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from bizsecure.core.moments import written

ZONES = (UTC, ZoneInfo("America/New_York"), ZoneInfo("Asia/Kathmandu"))
OF_MOMENTS = ("DATETIME_FORMAT", "DATE_FORMAT", "TIME_FORMAT", "MONTH_DAY_FORMAT")
# Every letter that Django knows, and some text between them.
EVERY_LETTER = r"a A b c d D e E f F g G h H i I j l L m M n N o O P r s S t T u U w W y Y z Z \d\e"


@given(moment=st.datetimes(min_value=datetime(1900, 1, 1)), zone=st.sampled_from(ZONES))  # noqa: DTZ001
@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("form", [*OF_MOMENTS, EVERY_LETTER])
def test_a_moment_is_written_as_django_writes_it(
    moment: datetime, zone: ZoneInfo, language: str, form: str
) -> None:
    here = moment.replace(tzinfo=zone)
    with override(language):
        assert written(here, form) == date_format(here, form)


@given(day=st.dates())
@pytest.mark.parametrize("language", ["en", "es"])
def test_a_day_is_written_as_django_writes_it(day: date, language: str) -> None:
    with override(language):
        assert written(day, "DATE_FORMAT") == date_format(day, "DATE_FORMAT")


def test_on_pages_a_moment_is_in_the_zone_of_the_reader_and_readable_by_machines() -> None:
    page = Template("{% load moments %}{{ at|moment:'DATETIME_FORMAT' }}")
    at = datetime(2027, 1, 5, 15, 30, tzinfo=UTC)
    with timezone.override("America/New_York"):
        assert page.render(Context({"at": at})) == (
            '<time class="num" datetime="2027-01-05T10:30:00-05:00">5 January 2027, 10:30</time>'
        )
