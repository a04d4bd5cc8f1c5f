"""`make bench-pages`: how long pages take with many customers and many rows of their logs.

    python -m benchmarks.pages [--customers 20000] [--rows 200000] [--runs 15]
                               [--database-url postgres://...] [--json FILE]

The full size is --customers 1000000 --rows 10000000. Rows are loaded in SQL, every hundredth of
them belongs to the one customer whose pages are opened. Beside each page stands an empty page
of Django for somebody who is signed in, opened by turns in the same run, because times differ
between machines and hours. What is held is the time in the database: less than 50 ms a page, in
the median. The exit code is 1 when a page takes longer.

The database is a new one and is thrown away: a file, or test_NAME on the server of
--database-url.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import django

from tests.environment import ENVIRONMENT

MOST_DATABASE_MS = 50


def main() -> int:
    """Measure, print what was measured, and return 1 if it is not good enough."""
    chosen = _arguments()
    with tempfile.TemporaryDirectory(prefix="bizsecure-bench-") as folder:
        database_url = chosen.database_url or f"sqlite:///{folder}/portal.sqlite3"
        os.environ.update(ENVIRONMENT)
        os.environ.update(DATABASE_URL=database_url)
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bizsecure.settings")
        django.setup()
        # Models can be imported only now.
        measures = importlib.import_module("benchmarks.page_measures")
        figures = measures.measure(customers=chosen.customers, rows=chosen.rows, runs=chosen.runs)
    _show(figures)
    slow = [page["name"] for page in figures["pages"] if page["database_ms"] > MOST_DATABASE_MS]
    if slow:
        print(f"More than {MOST_DATABASE_MS} ms in the database: {', '.join(slow)}.")
    if chosen.json:
        chosen.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    return int(bool(slow))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--customers", type=int, default=20_000)
    parser.add_argument("--rows", type=int, default=200_000, help="rows of all account logs")
    parser.add_argument("--runs", type=int, default=15, help="how often each page is opened")
    parser.add_argument("--database-url", help="where to measure, instead of in a SQLite file")
    parser.add_argument("--json", type=Path, help="write the figures into this file, too")
    return parser.parse_args()


def _show(figures: Mapping[str, Any]) -> None:
    print(
        f"Pages on {figures['database']}: {figures['customers']:,} customers, "
        f"{figures['rows']:,} rows of logs, loaded in {figures['load_seconds']:.0f} s"
    )
    print(f"  {'medians of a page':<36}{'in all':>10}{'database':>12}{'queries':>9}{'ratio':>8}")
    for page in figures["pages"]:
        print(
            f"  {page['name']:<36}{page['ms']:>7.1f} ms{page['database_ms']:>9.1f} ms"
            f"{page['queries']:>9}{page['ratio']:>8.1f}"
        )


if __name__ == "__main__":
    sys.exit(main())
