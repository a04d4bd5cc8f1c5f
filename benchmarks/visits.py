"""`make bench-visits`: what it costs a page to be counted (LOG-1), in microseconds.

    python -m benchmarks.visits [--rounds 40] [--database-url postgres://...] [--json FILE]

The middleware that counts is called around a page that does nothing, by turns with that page alone,
for visitors from many networks who come from elsewhere or go from page to page. What is held is
less than 50 microseconds a page, in the median of the rounds. Writing the counts, which a process
does once a minute, is divided by the pages that were counted since. Beside it stands a whole page
of Django for somebody who is signed in, opened in the same run, because times differ between
machines and hours. The exit code is 1 when counting costs more.
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
import tempfile
from pathlib import Path

from benchmarks.database import set_up

MOST_MICROSECONDS = 50


def main() -> int:
    """Measure, print what was measured, and return 1 if it is not good enough."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=40, help="of a thousand pages each")
    parser.add_argument("--database-url", help="where to measure, instead of in a SQLite file")
    parser.add_argument("--json", type=Path, help="write the figures into this file, too")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bizsecure-bench-") as folder:
        database_url = chosen.database_url or f"sqlite:///{folder}/portal.sqlite3"
        set_up(database_url)
        # Models can be imported only now.
        measures = importlib.import_module("benchmarks.visit_measures")
        figures = measures.measure(rounds=chosen.rounds)
    print(
        f"Counting a page on {figures['database']}, medians of {figures['rounds']} rounds:\n"
        f"  while a visitor waits  {figures['counting_us']:>8.1f} µs a page"
        f" (at most {MOST_MICROSECONDS})\n"
        f"  and once a minute      {figures['writing_us']:>8.1f} µs a page for writing\n"
        f"  an empty page          {figures['empty_page_us']:>8.1f} µs: counting is"
        f" {figures['ratio']:.3f} of it"
    )
    if chosen.json:
        chosen.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    return int(figures["counting_us"] > MOST_MICROSECONDS)


if __name__ == "__main__":
    sys.exit(main())
