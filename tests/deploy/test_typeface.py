"""The typeface of the portal: small, the same each time, and the one its style sheet names."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from bizsecure.typeface import FONTS, RANGES, WEIGHTS, letters, source, write

TOKENS = FONTS.parent / "css" / "tokens.css"
HEAVIEST = 25_000
# Names of the demonstration, what Spanish has, and what our pages write beside letters.
WRITTEN = "Çağla Đorđe Dvořák Anaïs Bjørn ¿Qué? ¡Sí! “ ” … · € № ™ → ← ≤"


@pytest.mark.parametrize("weight", WEIGHTS)
def test_the_files_are_what_the_program_writes(weight: str, tmp_path: Path) -> None:
    write(weight, tmp_path / "again.woff2")
    kept = (FONTS / f"Inter-{weight}.woff2").read_bytes()
    assert kept == (tmp_path / "again.woff2").read_bytes()
    assert len(kept) < HEAVIEST


def test_the_style_sheet_asks_for_them_where_they_have_the_letters() -> None:
    css = re.sub(r"\s+", " ", TOKENS.read_text(encoding="utf-8"))
    assert css.count(f"unicode-range: {RANGES};") == len(WEIGHTS)
    assert set(map(ord, WRITTEN)) <= set(letters())
    with TTFont(FONTS / "Inter-Regular.woff2") as font:
        found = font.getBestCmap()
    assert {letter for letter in WRITTEN if ord(letter) not in found} == set()


def test_the_licence_goes_with_them() -> None:
    assert (FONTS / "LICENSE").read_bytes() == (source() / "LICENSE").read_bytes()
