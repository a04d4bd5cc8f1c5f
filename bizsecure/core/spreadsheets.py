"""Lines of CSV that no spreadsheet takes for anything but text."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from typing import Any

# What a spreadsheet takes for the beginning of a formula, also after a space.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


class _Line:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text


def lines_of_csv(rows: Iterable[Iterable[Any]]) -> Iterator[str]:
    """Yield each row as a line of CSV (RFC 4180), one at a time."""
    writer = csv.writer(_Line())
    for row in rows:
        yield writer.writerow([harmless(cell) for cell in row])


def harmless(cell: Any) -> Any:
    """Return the cell with an apostrophe before whatever a spreadsheet would compute."""
    if isinstance(cell, str) and cell.lstrip(" ").startswith(FORMULA_STARTS):
        return f"'{cell}"
    return cell
