"""Addresses of the world: what each country asks for, and how it is written on a letter."""

from __future__ import annotations

import pytest
from django_countries import countries

from accounts.address_format import AddressFormat, format_of

HERE = {"street": "1 Long Street", "city": "Town", "region": "Region", "postcode": "12345"}


@pytest.mark.parametrize(
    ("country", "order", "labels", "lines"),
    [
        ("US", "city region postcode", "City State ZIP code", ["Town, Region 12345"]),
        ("DE", "postcode city", "City", ["12345 Town", "Region"]),
        ("GB", "city postcode", "Town", ["Town", "12345", "Region"]),
        ("JP", "region postcode", "Prefecture", ["1 Long Street, Region", "12345", "Town"]),
        ("IE", "city region postcode", "County Eircode", ["Town", "Region", "12345"]),
        ("IN", "city postcode region", "PIN code State", ["Town 12345", "Region"]),
        ("HK", "city region", "District Area", ["Town", "Region", "12345"]),
    ],
)
def test_each_country_has_its_own_lines_order_and_names(
    country: str, order: str, labels: str, lines: list[str]
) -> None:
    rules = format_of(country)
    assert rules.order == tuple(order.split())
    called = " ".join(str(rules.label(name)) for name in rules.order)
    assert all(word in called for word in labels.split())
    assert rules.lines(HERE)[-len(lines) :] == lines


@pytest.mark.parametrize("country", sorted(countries.countries))
def test_no_country_of_the_list_is_unknown_and_none_loses_a_line(country: str) -> None:
    rules = format_of(country)
    written = " ".join(rules.lines({**HERE, "extra": "Flat 2"}))
    assert [value for value in HERE.values() if value not in written] == []
    assert "Flat 2" in written
    assert rules.lines(dict.fromkeys(HERE, "")) == []
    assert not rules.postcode_example or rules.is_postcode(rules.postcode_example)
    assert rules.needed <= {"street", *rules.order}


@pytest.mark.parametrize("country", ["", "XX", "ZZ", "zz", "..", "\0\0", "US/CA", "٣٣"])
def test_any_other_text_has_loose_rules(country: str) -> None:
    assert format_of(country) == AddressFormat()
    assert format_of(country).is_postcode("whatever")


@pytest.mark.parametrize(
    ("country", "postcode", "fits"),
    [
        ("US", "07099", True),
        ("US", "07099-1234", True),
        ("US", "7099", False),
        ("GB", "ec1y 8sy", True),
        ("GB", "EC1Y8SY", True),
        ("GB", "12345", False),
        ("NL", "1234 AB", True),
        ("NL", "AB 1234", False),
        ("CA", "K1A 0B1", True),
        ("DE", "1234", False),
        ("DE", "12345\n", True),
    ],
)
def test_a_postal_code_is_one_of_its_country(country: str, postcode: str, *, fits: bool) -> None:
    assert format_of(country).is_postcode(postcode) is fits


@pytest.mark.parametrize(
    ("country", "region", "fits"),
    [
        ("US", "NJ", True),
        ("US", "new jersey", True),
        ("US", "Bavaria", False),
        ("JP", "東京都", True),
        ("JP", "Tokyo", True),
        ("DE", "Bavaria", True),
    ],
)
def test_a_region_is_one_of_its_country_where_there_is_a_list(
    country: str, region: str, *, fits: bool
) -> None:
    assert format_of(country).is_region(region) is fits


def test_what_is_not_known_leaves_no_comma_behind() -> None:
    assert format_of("US").lines({"city": "Town", "postcode": "12345"}) == ["Town 12345"]
    assert format_of("US").lines({"region": "NJ"}) == ["NJ"]
