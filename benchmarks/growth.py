"""`make bench`: what queueing, asking, reporting and checking cost, against how many customers.

    python -m benchmarks.growth [--sizes 1000,10000,100000,1000000] [--quick] [--write]

Each size is a run of `benchmarks.queueing` in a process and on a database of its own, on
PostgreSQL and on SQLite. With --write the table and the chart go into docs/performance.md;
--quick stays below a hundred thousand and writes nothing. The exit code is 1 when a run breaks a
promise, or when the cost of queueing a customer grows with their number.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

from benchmarks.chart import chart
from benchmarks.queueing import FIGURES
from bizsecure.local.services import PrivatePostgres, Unavailable

ROOT = Path(__file__).resolve().parents[1]
DOCUMENT, PICTURES = ROOT / "docs" / "performance.md", ROOT / "docs" / "pictures"
BEGIN, END = "<!-- growth: written by make bench -->", "<!-- /growth -->"
SIZES, QUICK = (1_000, 10_000, 100_000, 1_000_000), (20_000,)
DRAWN = {
    "queue_seconds": "queue everybody",
    "copy_seconds": "copy as many rows",
    "told_pass_seconds": "a pass with nothing to do",
    "allowing_seconds": "of whom may we use this",
    "verify_seconds": "check as many rows",
    "report_ms": "report",
}
# How much dearer one customer may be among many than among a tenth of them.
MOST_GROWTH = 3.0


def main() -> int:
    """Measure each size on each database, and return 1 if a promise is broken."""
    chosen = _arguments()
    runs: dict[str, list[Mapping[str, Any]]] = {}
    broken = False
    with tempfile.TemporaryDirectory(prefix="bizsecure-bench-") as folder:
        for name, database_url in _databases():
            for size in chosen.sizes:
                figures, is_good = _run(size, database_url, Path(folder) / "figures.json")
                runs.setdefault(name, []).append(figures)
                broken |= not is_good
    for name, figures_of in runs.items():
        broken |= not _is_straight(name, figures_of)
    if chosen.write:
        _write(runs)
    return int(broken)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    sizes = parser.add_mutually_exclusive_group()
    sizes.add_argument("--sizes", type=_sizes, default=SIZES, help="numbers, with commas between")
    sizes.add_argument("--quick", action="store_const", dest="sizes", const=QUICK)
    parser.add_argument("--write", action="store_true", help="write docs/performance.md")
    return parser.parse_args()


def _sizes(written: str) -> tuple[int, ...]:
    return tuple(int(size) for size in written.split(","))


def _databases() -> Iterator[tuple[str, str | None]]:
    with _postgres() as url:
        if url:
            yield "PostgreSQL", url
    yield "SQLite", None


@contextmanager
def _postgres() -> Iterator[str | None]:
    try:
        with PrivatePostgres() as server:
            yield server.url()
    except Unavailable as reason:
        print(reason)
        yield None


def _run(size: int, database_url: str | None, target: Path) -> tuple[Mapping[str, Any], bool]:
    command = [sys.executable, "-m", "benchmarks.queueing", "--customers", str(size)]
    command += ["--json", str(target)]
    if database_url:
        command += ["--database-url", database_url]
    ended = subprocess.run(command, cwd=ROOT, check=False)
    if not target.exists():
        raise SystemExit(f"The run with {size:,} customers did not come to an end.")
    figures: Mapping[str, Any] = json.loads(target.read_text(encoding="utf-8"))
    target.unlink()
    return figures, ended.returncode == 0


def _is_straight(database: str, runs: Sequence[Mapping[str, Any]]) -> bool:
    """Whether queueing a customer costs the same however many there are."""
    per_customer = [run["queue_seconds"] / run["customers"] for run in runs[1:]]
    growth = max((after / before for before, after in pairwise(per_customer)), default=1.0)
    print(
        f"{database}: a customer costs at most {growth:.1f} times as much among ten times as many"
    )
    return growth <= MOST_GROWTH


def _write(runs: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    of = f"Measured with {os.cpu_count()} processors and Python {sys.version.split()[0]}."
    parts = [f"{of} The machine had other work, too.\n"]
    for database, figures in runs.items():
        name = f"growth-{database.lower()}.svg"
        lines = {
            label: [(run["customers"], _seconds(key, run[key])) for run in figures]
            for key, label in DRAWN.items()
        }
        title = f"Cost against size on {database}"
        drawing = chart(title, lines, "customers", "seconds")
        (PICTURES / name).write_text(drawing, encoding="utf-8")
        parts += [f"### {database}\n", _table(figures), f"![{title}](pictures/{name})\n"]
    text = DOCUMENT.read_text(encoding="utf-8")
    before, after = text.split(BEGIN)[0], text.split(END)[1]
    measured = "\n".join(parts)
    DOCUMENT.write_text(f"{before}{BEGIN}\n\n{measured}\n{END}{after}", encoding="utf-8")


def _seconds(key: str, figure: float) -> float:
    # Nothing is drawn below a tenth of a millisecond.
    return max(figure / (1000 if key.endswith("_ms") else 1), 1e-4)


def _table(runs: Sequence[Mapping[str, Any]]) -> str:
    sizes = " | ".join(f"{run['customers']:,}" for run in runs)
    rows = [f"| customers | {sizes} | at most |", "|---|" + "---:|" * (len(runs) + 1)]
    for key, label, unit, most in FIGURES:
        values = " | ".join(f"{run[key]:.3g} {unit}" for run in runs)
        limit = f"{most:g} {unit}" if most is not None else ""
        rows.append(f"| {label.strip()} | {values} | {limit} |")
    return "\n".join(rows) + "\n"


if __name__ == "__main__":
    sys.exit(main())
