"""The account log as a file, made while it is sent."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from zoneinfo import ZoneInfo

from django.utils import translation

from accounts.account_log import LogEntry
from bizsecure.core.spreadsheets import lines_of_csv

COLUMNS = ("at", "kind", "what", "who", "source", "row")


def as_csv(entries: Iterable[LogEntry], zone: ZoneInfo) -> Iterator[str]:
    """Yield the lines of a table with these entries."""
    rows = (list(_row(entry, zone).values()) for entry in _translated(entries))
    yield from lines_of_csv([COLUMNS])
    yield from lines_of_csv(rows)


def as_json(entries: Iterable[LogEntry], zone: ZoneInfo) -> Iterator[str]:
    """Yield a list with these entries, an entry a line."""
    between = "[\n"
    for entry in _translated(entries):
        yield between + json.dumps(_row(entry, zone), ensure_ascii=False)
        between = ",\n"
    yield "[]\n" if between == "[\n" else "\n]\n"


def _row(entry: LogEntry, zone: ZoneInfo) -> Mapping[str, str | int]:
    at = entry.at.astimezone(zone).isoformat(timespec="seconds")
    values = (at, entry.label, entry.text, entry.who, entry.source, entry.row)
    return dict(zip(COLUMNS, values, strict=True))


def _translated(entries: Iterable[LogEntry]) -> Iterator[LogEntry]:
    """A file is sent after the request is over, and with it the reader's language."""
    language = translation.get_language()

    def kept() -> Iterator[LogEntry]:
        with translation.override(language):
            yield from entries

    return kept()
