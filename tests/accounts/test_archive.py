"""The file with everything: whole, readable, harmless, and as small in memory for any account."""

from __future__ import annotations

import csv
import io
import json
import tracemalloc
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.utils import timezone

from accounts.archive import number_of_steps, write_archive
from accounts.holdings import Holding, Row
from accounts.models import Customer
from accounts.services.erasing import keep

NOW = datetime(2027, 1, 4, 15, tzinfo=UTC)
ALICE = Customer(number="BZ-ALICE", name="Alice", time_zone="America/New_York")
STRANGE = '<script>alert(1)</script> "quoted", a\nline; Zoë \U0001f600 \u202e'


def holding(*rows: Row, key: str = "log") -> Holding:
    return Holding(
        key=key, title="Log <all>", models=(), rows=lambda _customer: iter(rows), erase=keep
    )


def archive_of(*held: Holding) -> zipfile.ZipFile:
    file = io.BytesIO()
    write_archive(file, ALICE, held, NOW, lambda _steps, _rows: None)
    return zipfile.ZipFile(file)


def table(archive: zipfile.ZipFile, key: str = "log") -> list[dict[str, str]]:
    text = archive.read(f"csv/{key}.csv").decode()
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_each_kind_is_there_for_readers_programs_and_tables() -> None:
    archive = archive_of(holding({"at": NOW, "what": "Signed in"}), holding(key="cards"))
    assert archive.testzip() is None
    assert archive.namelist() == [
        "everything.html",
        *("json/log.json", "csv/log.csv", "json/cards.json", "csv/cards.csv"),
        "manifest.json",
    ]
    assert json.loads(archive.read("json/log.json")) == [
        {"at": "2027-01-04T15:00:00Z", "what": "Signed in"}
    ]
    assert table(archive) == [{"at": "2027-01-04T15:00:00Z", "what": "Signed in"}]
    assert json.loads(archive.read("json/cards.json")) == []


def test_the_manifest_says_what_there_is() -> None:
    manifest = json.loads(archive_of(holding({"a": 1}, {"a": 2})).read("manifest.json"))
    assert manifest["customer_number"] == "BZ-ALICE"
    assert manifest["kinds"] == [
        {
            "key": "log",
            "title": "Log <all>",
            "rows": 2,
            "json": "json/log.json",
            "csv": "csv/log.csv",
        }
    ]


def test_the_page_shows_words_and_runs_nothing() -> None:
    page = archive_of(holding({"what": STRANGE, "yes": True, "none": None})).read("everything.html")
    text = page.decode()
    assert "<script" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "Log &lt;all&gt;" in text
    assert "http" not in text


@pytest.mark.parametrize("value", [STRANGE, "", 0, False, None, Decimal("12.30")])
def test_values_come_back_from_json_as_they_were(value: str | int | Decimal | None) -> None:
    (row,) = json.loads(archive_of(holding({"value": value})).read("json/log.json"))
    assert row["value"] == (str(value) if isinstance(value, Decimal) else value)


@pytest.mark.parametrize("formula", ["=1+1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1"])
def test_no_table_calculation_takes_a_cell_for_a_formula(formula: str) -> None:
    (row,) = table(archive_of(holding({"value": formula})))
    assert row["value"] == f"'{formula}"


def test_times_on_the_page_are_those_of_the_customers_clock() -> None:
    with timezone.override(ALICE.zone):
        page = archive_of(holding({"at": NOW})).read("everything.html").decode()
    assert "4 January 2027, 10:00" in page


class Nowhere:
    """A file that keeps nothing."""

    def write(self, content: bytes, /) -> int:
        return len(content)

    def flush(self) -> None:
        pass


def peak(number: int) -> int:
    """Return the most memory that an archive of so many rows took while it was written."""

    def rows(_customer: Customer) -> Iterator[Row]:
        for index in range(number):
            yield {"at": NOW, "sequence": index, "what": "You signed in with your passkey."}

    many = Holding(key="log", title="Log", models=(), rows=rows, erase=keep)
    tracemalloc.start()
    write_archive(Nowhere(), ALICE, [many], NOW, lambda _steps, _rows: None)
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most


def test_twenty_times_the_rows_take_no_more_memory() -> None:
    peak(10)
    assert peak(2000) < 2 * peak(100)


def test_every_step_is_reported() -> None:
    told: list[tuple[int, int]] = []
    held = [holding({"a": 1}), holding(key="cards")]
    write_archive(Nowhere(), ALICE, held, NOW, lambda steps, rows: told.append((steps, rows)))
    assert [steps for steps, _rows in told] == list(range(1, number_of_steps(held) + 1))
    assert told[-1] == (6, 3)
