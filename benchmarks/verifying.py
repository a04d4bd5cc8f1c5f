"""`make bench-verify`: how long `manage.py verify_ledger` takes for a million rows.

    python -m benchmarks.verifying [--rows 1000000] [--database-url postgres://...] [--json FILE]

Rows of account logs in chains of ten, loaded in SQL; a twentieth as many rows of a table without a
customer, linked as the sweep links them; and two signed heads, of which the second covers them all.
What is held is less than a minute a million rows, heads and streams included. Beside it stands how
long it takes to hash as many rows, which nothing that checks them can do without. The exit code is
1 when it takes longer.
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
import tempfile
from pathlib import Path

from benchmarks.database import set_up

MOST_SECONDS_A_MILLION = 60


def main() -> int:
    """Measure, print what was measured, and return 1 if it is not good enough."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--database-url", help="where to measure, instead of in a SQLite file")
    parser.add_argument("--json", type=Path, help="write the figures into this file, too")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bizsecure-bench-") as folder:
        database_url = chosen.database_url or f"sqlite:///{folder}/portal.sqlite3"
        set_up(database_url)
        # Models can be imported only now.
        measures = importlib.import_module("benchmarks.verifying_measures")
        figures = measures.measure(rows=chosen.rows)
    most = MOST_SECONDS_A_MILLION * figures["rows"] / 1_000_000
    print(
        f"Verifying {figures['rows']:,} rows of ledgers on {figures['database']}:\n"
        f"  verify_ledger, whole   {figures['verify_seconds']:>8.1f} s (at most {most:.0f})\n"
        f"  the ledger alone       {figures['ledger_seconds']:>8.1f} s\n"
        f"  the signed heads       {figures['heads_seconds']:>8.1f} s\n"
        f"  hashing as many rows   {figures['hash_seconds']:>8.1f} s\n"
        f"  linking {figures['linked']:,} rows of a stream: {figures['link_seconds']:.1f} s\n"
        f"  the most memory        {figures['peak_mb']:>8.0f} MB"
    )
    if chosen.json:
        chosen.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    return int(figures["verify_seconds"] > most)


if __name__ == "__main__":
    sys.exit(main())
