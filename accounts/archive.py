"""Everything we know about a customer, written into one ZIP from front to back (OPT-3).

Rows go through one by one and are never collected, so an account with a hundred thousand of
them takes no more memory than one with ten.
"""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import IO, Any, Protocol

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from accounts.holdings import Holding, Row, Value
from accounts.models import Customer

# A table calculation takes what begins so for a formula, and may run it (CSV injection).
FORMULA = ("=", "+", "-", "@", "\t", "\r")

# Told how many steps and rows are done, each time a step is. No question to the database is
# open then.
Report = Callable[[int, int], None]


class Writable(Protocol):
    """Where the file goes: it is only ever written to."""

    def write(self, content: bytes, /) -> int: ...

    def flush(self) -> None: ...


@dataclass
class Progress:
    """How far the work is: steps done, and rows written."""

    report: Report
    steps: int = 0
    rows: int = 0

    def step(self) -> None:
        self.steps += 1
        self.report(self.steps, self.rows)

    def counted(self, rows: Iterable[Row]) -> Iterator[Row]:
        """Yield the rows on, counting them."""
        for row in rows:
            self.rows += 1
            yield row


def number_of_steps(held: Sequence[Holding]) -> int:
    """Return how many steps `write_archive` reports: three forms of everything."""
    return 3 * len(held)


def write_archive(
    file: Writable, customer: Customer, held: Sequence[Holding], now: datetime, report: Report
) -> None:
    """Write the ZIP: JSON and CSV of each kind, one page to read, and what is in it."""
    progress = Progress(report)
    output: Any = file
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as archive:
        with _entry(archive, "everything.html", now) as page:
            _write_page(page, customer, held, now, progress)
        kinds = [_write_kind(archive, customer, holding, now, progress) for holding in held]
        manifest = {
            "customer_number": customer.number,
            "made_at": _plain(now),
            "made_by": settings.SITE_URL,
            "to_read": "everything.html",
            "kinds": kinds,
        }
        with _entry(archive, "manifest.json", now) as entry:
            entry.write(json.dumps(manifest, indent=2, ensure_ascii=False).encode())


@contextmanager
def _entry(archive: zipfile.ZipFile, name: str, now: datetime) -> Iterator[IO[bytes]]:
    moment = now.astimezone(UTC)
    info = zipfile.ZipInfo(name, moment.timetuple()[:6])
    info.compress_type = zipfile.ZIP_DEFLATED
    with archive.open(info, "w") as entry:
        yield entry


def _write_kind(
    archive: zipfile.ZipFile,
    customer: Customer,
    holding: Holding,
    now: datetime,
    progress: Progress,
) -> dict[str, Any]:
    """Write one kind as JSON and as a table, and return what the manifest says of it."""
    names = {"json": f"json/{holding.key}.json", "csv": f"csv/{holding.key}.csv"}
    with _entry(archive, names["json"], now) as entry:
        number = _write_json(entry, progress.counted(holding.rows(customer)))
    progress.step()
    with _entry(archive, names["csv"], now) as entry:
        _write_csv(entry, progress.counted(holding.rows(customer)))
    progress.step()
    return {"key": holding.key, "title": str(holding.title), "rows": number, **names}


def _write_json(entry: IO[bytes], rows: Iterable[Row]) -> int:
    """Write an array of objects, and return how many there are."""
    number = 0
    entry.write(b"[")
    for number, row in enumerate(rows, start=1):
        plain = {name: _plain(value) for name, value in row.items()}
        entry.write(b",\n" if number > 1 else b"\n")
        entry.write(json.dumps(plain, ensure_ascii=False).encode())
    entry.write(b"\n]\n")
    return number


def _write_csv(entry: IO[bytes], rows: Iterable[Row]) -> None:
    """Write a table with a heading; nothing at all where there are no rows."""
    with io.TextIOWrapper(entry, encoding="utf-8", newline="", write_through=True) as text:
        writer: csv.DictWriter[str] | None = None
        for row in rows:
            if writer is None:
                writer = csv.DictWriter(text, list(row))
                writer.writeheader()
            writer.writerow({name: _harmless(_plain(value)) for name, value in row.items()})


def _write_page(
    page: IO[bytes], customer: Customer, held: Sequence[Holding], now: datetime, progress: Progress
) -> None:
    """Write one page that needs nothing else: no script, no picture, no other file."""
    facts = {"customer": customer, "made_at": timezone.localtime(now), "held": held}
    before, after = render_to_string("accounts/archive/page.html", facts).split("<!-- rows -->")
    page.write(before.encode())
    for holding in held:
        opening = '<section id="{}"><h2>{}</h2>'
        page.write(format_html(opening, holding.key, holding.title).encode())
        _write_section(page, progress.counted(holding.rows(customer)))
        page.write(b"</section>\n")
        progress.step()
    page.write(after.encode())


def _write_section(page: IO[bytes], rows: Iterator[Row]) -> None:
    first = next(rows, None)
    if first is None:
        page.write(format_html("<p>{}</p>", _("Nothing.")).encode())
        return
    names = [(capfirst(name.replace("_", " ")),) for name in first]
    heads = format_html_join("", '<th scope="col">{}</th>', names)
    page.write(format_html('<div class="table"><table><tr>{}</tr>\n', heads).encode())
    for row in _with(first, rows):
        cells = format_html_join("", "<td>{}</td>", ((_readable(v),) for v in row.values()))
        page.write(format_html("<tr>{}</tr>\n", cells).encode())
    page.write(b"</table></div>")


def _with(first: Row, others: Iterator[Row]) -> Iterator[Row]:
    yield first
    yield from others


def _plain(value: Value) -> str | int | bool | None:
    """A value as JSON has it: moments in UTC, amounts exact."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    return value if value is None or isinstance(value, (bool, int)) else str(value)


def _harmless(value: str | int | bool | None) -> str | int | bool | None:  # noqa: FBT001  a cell
    """A cell that no table calculation takes for a formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def _readable(value: Value) -> str:
    """A value as the customer reads it: moments by the customer's clock."""
    if isinstance(value, datetime):
        return date_format(timezone.localtime(value), "DATETIME_FORMAT")
    if isinstance(value, date):
        return date_format(value, "DATE_FORMAT")
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    return "" if value is None else str(value)
