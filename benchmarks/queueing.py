"""How long it takes to queue, ask, report and check, with as many customers as you like.

    python -m benchmarks.queueing [--customers 1000000] [--database-url postgres://...]
                                  [--json FILE]

One run on a new database that is thrown away: a file, or test_NAME on the server of
--database-url. Customers are loaded in SQL; what is measured is the portal's own code. Beside it
stands what the database itself takes to copy as many rows into a table of the same shape, because
times differ between machines and hours. The exit code is 1 when a promise is broken: memory that
grows with the customers, a second pass that takes a second, an answer for all that takes two, or
a report of 200 ms.
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.database import set_up

# Name of the figure, what it is called, and how much may come of it.
FIGURES = (
    ("queue_seconds", "queue everybody", "s", None),
    ("copy_seconds", "  a plain INSERT ... SELECT of as many rows", "s", None),
    ("second_pass_seconds", "a second pass, nothing to do", "s", 1.0),
    ("told_pass_seconds", "a pass when everybody is told", "s", 1.0),
    ("allowing_seconds", "of whom may we use this, for all", "s", 2.0),
    ("may_use_ms", "may we use this, for one", "ms", None),
    ("report_ms", "how far the telling has come", "ms", 200.0),
    ("announce_seconds", "queue an announcement to everybody", "s", None),
    ("verify_seconds", "check as many rows of a ledger", "s", 60.0),
    ("growth_mb", "growth of the process in all of it", "MB", 64.0),
    ("peak_mb", "the most memory it had", "MB", 200.0),
)


def main() -> int:
    """Measure, print what was measured, and return 1 if a promise is broken."""
    chosen = _arguments()
    with tempfile.TemporaryDirectory(prefix="bizsecure-bench-") as folder:
        set_up(chosen.database_url or f"sqlite:///{folder}/portal.sqlite3")
        # Models can be imported only now.
        measures = importlib.import_module("benchmarks.queueing_measures")
        figures = measures.measure(customers=chosen.customers)
    show(figures)
    broken = [
        label.strip()
        for name, label, _unit, most in FIGURES
        if most is not None and figures[name] > most
    ]
    if broken:
        print(f"More than promised: {', '.join(broken)}.")
    if chosen.json:
        chosen.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    return int(bool(broken))


def show(figures: Mapping[str, Any]) -> None:
    """Print the figures of one run."""
    print(f"{figures['customers']:,} customers on {figures['database']}")
    for name, label, unit, most in FIGURES:
        limit = f"   (at most {most:g})" if most is not None else ""
        print(f"  {label:<46}{figures[name]:>10.2f} {unit}{limit}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--database-url", help="where to measure, instead of in a SQLite file")
    parser.add_argument("--json", type=Path, help="write the figures into this file, too")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
