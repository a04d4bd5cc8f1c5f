"""Bars for the staff's pictures, drawn by the server. Pure: numbers in, places out.

The same numbers stand in a table beside each picture, so a picture is never the only copy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

WIDTH, HEIGHT, GAP = 720, 200, 4
# Room for half a word at either end.
EDGE = 20
# Room for the words below the bars, and for the number above the highest.
FOOT, HEAD = 20, 20


@dataclass(frozen=True)
class Line:
    """A number with what it counts, and how many of a hundred it is."""

    label: Any
    number: int
    percent: int


@dataclass(frozen=True)
class Bar:
    """A number with what it counts, and where its bar stands in the picture."""

    label: Any
    number: int
    x: int
    y: int
    height: int
    middle: int
    is_labelled: bool


@dataclass(frozen=True)
class Chart:
    """A row of bars. `base` is the line they stand on."""

    bars: list[Bar]
    bar: int
    most: int
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def base(self) -> int:
        return self.height - FOOT

    @property
    def foot(self) -> int:
        """Where the words below the bars stand."""
        return self.height - 4


def lines(pairs: Sequence[tuple[Any, int]], of: int | None = None) -> list[Line]:
    """Return numbers with their share of `of`, or of the largest. Rounded down, never above 100."""
    whole = (max((number for _label, number in pairs), default=0) if of is None else of) or 1
    return [Line(label, number, min(100 * number // whole, 100)) for label, number in pairs]


def chart(pairs: Sequence[tuple[Any, int]], *, label_every: int = 1) -> Chart:
    """Return the bars of these numbers, side by side, with a word below every so many."""
    most = max((number for _label, number in pairs), default=0)
    width = max((WIDTH - 2 * EDGE) // max(len(pairs), 1) - GAP, 1)
    tall = HEIGHT - FOOT - HEAD
    bars = []
    for place, (label, number) in enumerate(pairs):
        height = tall * number // most if most else 0
        x = EDGE + place * (width + GAP)
        bars.append(
            Bar(
                label=label,
                number=number,
                x=x,
                y=HEIGHT - FOOT - height,
                height=height,
                middle=x + width // 2,
                is_labelled=place % label_every == 0,
            )
        )
    return Chart(bars, width, most)
