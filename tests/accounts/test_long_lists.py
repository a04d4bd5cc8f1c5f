"""Countries and time zones to choose from: as any other list, at a fraction of the cost."""

from __future__ import annotations

import pytest
from django import forms
from django.test.html import parse_html
from django.utils import translation
from django.utils.html import escape

from accounts.long_lists import Choices, LongSelect, country_choices, time_zone_choices


def pairs(options: Choices) -> list[tuple[str, str]]:
    return [(value, label) for value, label in options]


@pytest.mark.parametrize("value", ["", "US", "no country", "<script>", None])
@pytest.mark.parametrize("language", ["en", "de", "ar"])
def test_a_long_list_is_written_as_django_writes_one(language: str, value: str | None) -> None:
    attributes = {"id": "id_country", "autocomplete": "billing country", "aria-invalid": "true"}
    with translation.override(language):
        ours = LongSelect(country_choices).render("country", value, attributes)
        known = value if value in dict(country_choices()) else ""
        plain = forms.Select(choices=pairs(country_choices()))
        theirs = plain.render("country", known, attributes)
    assert parse_html(ours) == parse_html(theirs)


def test_nothing_that_was_typed_stands_in_it() -> None:
    typed = '"><script>'
    written = LongSelect(time_zone_choices).render("zone", typed)
    assert typed not in written
    assert escape(typed) not in written


def test_countries_are_listed_by_their_names_in_the_readers_language() -> None:
    with translation.override("en"):
        english = country_choices()
    with translation.override("de"):
        german = country_choices()
    assert dict(english)["DE"] == "Germany"
    assert dict(german)["DE"] == "Deutschland"
    assert english[0] == german[0] == ("", "---------")


def test_a_field_with_a_long_list_takes_what_stands_in_it_and_nothing_else() -> None:
    field = forms.ChoiceField(choices=time_zone_choices, widget=LongSelect(time_zone_choices))
    assert field.clean("Europe/Berlin") == "Europe/Berlin"
    with pytest.raises(forms.ValidationError):
        field.clean("Europe/Nowhere")
