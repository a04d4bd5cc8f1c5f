"""What our style sheets, and those of the staff's theme, have to keep to."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path

from bizsecure.promises import PROJECT

# Between these the journeys take a page to show the same parts (tests/journeys/conftest.py).
NARROWEST, PHONE = 320, 400
PIXELS = {"px": 1.0, "rem": 16.0, "em": 16.0}
WIDTH = re.compile(r"width\s*[:<>=]+\s*([\d.]+)(px|rem|em)\s*\)")
CONDITION = re.compile(r"@(?:media|container)[^{]*\{")


def breakpoints(sheet: str) -> list[float]:
    """Return the widths, in pixels, at which a style sheet shows a page differently."""
    conditions = " ".join(CONDITION.findall(sheet))
    return [float(number) * PIXELS[unit] for number, unit in WIDTH.findall(conditions)]


def test_nothing_changes_between_the_narrowest_screen_and_a_phone() -> None:
    theme = find_spec("unfold")
    assert theme is not None
    assert theme.origin is not None
    ours = PROJECT / "bizsecure" / "static"
    sheets = [*ours.rglob("*.css"), *(Path(theme.origin).parent / "static").rglob("*.css")]
    found = {sheet.name: breakpoints(sheet.read_text(encoding="utf-8")) for sheet in sheets}
    assert any(found.values())
    between = {
        name: [width for width in widths if NARROWEST < width <= PHONE]
        for name, widths in found.items()
    }
    assert {name: widths for name, widths in between.items() if widths} == {}


def test_breakpoints_are_found() -> None:
    sheet = "@media (max-width: 22rem) {} @container (width < 390px) { p { max-width: 30ch; } }"
    assert breakpoints(sheet) == [352, 390]
