"""Lists of hundreds to choose from: countries and time zones.

A template for each option would make the page of personal information cost more than all the rest
of it. Here the options of a list are written once a language and process, and put together anew
with what is chosen among them.
"""

from __future__ import annotations

import zoneinfo
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString  # noqa: TID251 - a constant, and what format_html gives
from django.utils.translation import get_language
from django_countries import countries

Choices = list[tuple[str, str]]
NOTHING_CHOSEN = ("", "---------")
LANGUAGES_KEPT = 32
SELECTED = SafeString(" selected")


def country_choices() -> Choices:
    """Return every country by its name in the reader's language, and none at first."""
    return _countries_in(get_language() or "")


def time_zone_choices() -> Choices:
    """Return every time zone by its name."""
    return _time_zones()


class LongSelect(forms.Select):
    """A list of hundreds of options; looks and works as any other."""

    def __init__(self, options: Callable[[], Choices], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._options = options

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        attributes = self.build_attrs(self.attrs, {**(attrs or {}), "name": name})
        chosen = next(iter(self.format_value(value)), "")
        # What is no option marks none, and is not kept.
        known = chosen if chosen in dict(self._options()) else ""
        written = _written(self._options, get_language() or "", known)
        return format_html("<select{}>{}</select>", flatatt(attributes), written)


@lru_cache(maxsize=LANGUAGES_KEPT)
def _countries_in(language: str) -> Choices:
    return [NOTHING_CHOSEN, *((country.code, str(country.name)) for country in countries)]


@lru_cache(maxsize=1)
def _time_zones() -> Choices:
    return [(name, name.replace("_", " ")) for name in sorted(zoneinfo.available_timezones())]


# For what is chosen often, such as nothing, or where most customers live.
@lru_cache(maxsize=256)
def _written(options: Callable[[], Choices], language: str, chosen: str) -> SafeString:
    return format_html_join(
        "\n",
        "<option{}{}>{}</option>",
        (
            (_value(value, label), SELECTED if value == chosen else "", label)
            for value, label in options()
        ),
    )


def _value(value: str, label: str) -> SafeString | str:
    # An option without a value has its label as its value; most time zones need no second name.
    return "" if value == label else format_html(' value="{}"', value)
