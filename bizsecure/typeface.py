"""Writes the typeface of the portal: Inter with the letters of Latin scripts, and no others.

    python -m bizsecure.typeface

What it writes is no part of the repository: whoever installs the site runs it before the static
files are collected, and `make` does so behind every install.

The files that come with the theme hold every script and weigh five times as much. They stay for
the letters that are left out here: a browser takes them only where a page has one
(bizsecure/static/bizsecure/css/tokens.css). The licence (OFL) goes with the files.
"""

from __future__ import annotations

import shutil
from importlib.util import find_spec
from pathlib import Path

from fontTools import subset

FONTS = Path(__file__).resolve().parent / "static" / "bizsecure" / "fonts"
WEIGHTS = ("Regular", "SemiBold")
# As `unicode-range` says it; tokens.css has the same.
RANGES = (
    "U+0000-017F, U+0218-021B, U+02C6-02DD, U+1E9E, U+2000-206F, U+20A0-20BF, U+2113-2122, "
    "U+2190-2199, U+2212, U+2260-2265"
)
# Beside what every text needs: figures of one width.
FEATURES = ("calt", "case", "ccmp", "kern", "locl", "mark", "mkmk", "tnum")


def letters() -> list[int]:
    """Return every code point of the ranges."""
    found: list[int] = []
    for each in RANGES.replace("U+", "").split(", "):
        first, _dash, last = each.partition("-")
        found += range(int(first, 16), int(last or first, 16) + 1)
    return found


def source() -> Path:
    """Return where the whole typeface is."""
    theme = find_spec("unfold")
    if theme is None or theme.origin is None:
        raise FileNotFoundError("django-unfold is not installed")
    return Path(theme.origin).parent / "static" / "unfold" / "fonts" / "inter"


def write(weight: str, path: Path) -> None:
    """Write one weight; the same bytes each time."""
    options = subset.Options(
        flavor="woff2", layout_features=list(FEATURES), hinting=False, recalc_timestamp=False
    )
    with subset.load_font(str(source() / f"Inter-{weight}.woff2"), options) as font:
        subsetter = subset.Subsetter(options)
        subsetter.populate(unicodes=letters())
        subsetter.subset(font)
        subset.save_font(font, str(path), options)


if __name__ == "__main__":
    FONTS.mkdir(exist_ok=True)
    for each in WEIGHTS:
        write(each, FONTS / f"Inter-{each}.woff2")
    shutil.copy(source() / "LICENSE", FONTS / "LICENSE")
