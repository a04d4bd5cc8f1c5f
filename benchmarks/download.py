"""How much memory a customer's download takes, with few rows and with a hundred thousand.

    python -m benchmarks.download [--rows 100000] [--database-url postgres://...]

The file is made as a worker makes it, from a database that is thrown away. The exit code is 1 when
the process grows by more than MOST_GROWTH_MB from a file of a hundredth of the rows to the whole.
"""

from __future__ import annotations

import argparse
import importlib
import sys
import tempfile
from typing import Any

from benchmarks.database import set_up

MOST_GROWTH_MB = 32
FEWER = 100


def main() -> int:
    """Measure, print what was measured, and return 1 if memory grows with the rows."""
    parser: Any = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--database-url", help="where to measure, instead of in a SQLite file")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bizsecure-bench-") as folder:
        set_up(chosen.database_url or f"sqlite:///{folder}/portal.sqlite3")
        # Models can be imported only now.
        measures = importlib.import_module("benchmarks.download_measures")
        few, many = measures.measure(rows=(chosen.rows // FEWER, chosen.rows))
    growth = many.peak_mb - few.peak_mb
    for each in (few, many):
        print(
            f"  {each.rows:>9,} rows: {each.seconds:6.1f} s, {each.octets / 1e6:6.1f} MB in clear, "
            f"at most {each.peak_mb:.0f} MB of memory"
        )
    print(f"  growth {growth:.1f} MB (at most {MOST_GROWTH_MB})")
    return int(growth > MOST_GROWTH_MB)


if __name__ == "__main__":
    sys.exit(main())
