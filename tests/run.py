"""`make test`: one check after the other, each with its heading, and a table at the end.

    python -m tests.run                  everything
    python -m tests.run types sqlite     only these
    python -m tests.run drill-postgres   one that runs only when it is asked for

Tests that failed, if they are few, run once more, alone: what passes then is called unsteady and
named, and is to be mended, but does not stop a change that has nothing to do with it.

It brings its own PostgreSQL, Redis and, as root on Debian, Chromium. What cannot be had is reported
as skipped; with CI set in the environment it is a failure.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from bizsecure.local.services import PrivatePostgres, Unavailable
from tests.chromium import chromium_program, install_chromium
from tests.environment import ENVIRONMENT, PRODUCTION
from tests.migrated import migrate, migrated_file

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
LAST_FAILED = ROOT / ".pytest_cache" / "v" / "cache" / "lastfailed"
# Whoever has nothing left takes over from the other: the longest tests take half a minute.
PYTEST = [
    *("pytest", "--quiet", "-rs", "--numprocesses", "2", "--dist", "worksteal"),
    *("--durations", "15", "--durations-min", "5"),
]
if os.environ.get("CI"):
    # Developers' runs shuffle the tests anew each time; where a change is judged the order is kept.
    PYTEST += ["--randomly-seed", "20070127"]
TESTS = [*PYTEST, "--ignore", "tests/journeys"]
DRILL = ["pytest", "--verbose", "-rs", "-s", "tests/faults/test_restoring.py"]
ON_SQLITE, ON_POSTGRES = ["migrated_sqlite"], ["postgres"]
# More failures than this are no accident.
UNSTEADY_AT_MOST = 5
SOME_TESTS_FAILED = 1


@dataclass
class Check:
    """One command, why it is run, in which environment, and what it needs (`Needs`)."""

    name: str
    title: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=lambda: ENVIRONMENT)
    needs: Sequence[str] = ()
    only_when_asked: bool = False


CHECKS = [
    Check("layout", "The code is laid out by ruff", ["ruff", "format", "--check", "."]),
    Check(
        "lint",
        "The code keeps the rules of ruff",
        ["ruff", "check", "--output-format", "concise", "."],
    ),
    Check("types", "The types agree", ["mypy"]),
    Check("imports", "Nobody imports what it must not", ["lint-imports", "--no-logo"]),
    Check("templates", "The templates are sound", ["djlint", "templates", "--lint", "--quiet"]),
    Check(
        "migrations",
        "The models have their migrations",
        ["python", "manage.py", "makemigrations", "--check", "--dry-run"],
    ),
    Check(
        "deploy",
        "Django finds nothing wrong with production settings",
        ["python", "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        PRODUCTION,
    ),
    Check("sqlite", "The tests pass on SQLite", TESTS, needs=ON_SQLITE),
    Check(
        "postgres",
        "The tests pass on PostgreSQL",
        # Each waits for its server, which is a process of its own.
        [*TESTS, "--numprocesses", "3"],
        needs=ON_POSTGRES,
    ),
    Check(
        "chaos",
        "Whatever fails while notices go out, nobody is lost",
        [
            *("python", "-m", "tests.chaos", "--seed", "1", "--runs", "20", "--at-once", "4"),
            *("--customers", "40", "--events", "3"),
        ],
        needs=ON_SQLITE,
    ),
    Check(
        "journeys",
        "The site works in a browser",
        [*PYTEST, "tests/journeys"],
        needs=[*ON_SQLITE, "browser"],
    ),
    # Part of the tests above; by itself it is `make restore-drill`.
    Check(
        "drill-sqlite",
        "A lost SQLite database is restored",
        DRILL,
        needs=ON_SQLITE,
        only_when_asked=True,
    ),
    Check(
        "drill-postgres",
        "A lost PostgreSQL database is restored",
        DRILL,
        needs=ON_POSTGRES,
        only_when_asked=True,
    ),
]


def main(wanted: Sequence[str]) -> int:
    """Run the checks, all or those named, and return 1 if one of them failed."""
    chosen = [c for c in CHECKS if c.name in wanted or not (wanted or c.only_when_asked)]
    outcomes = []
    with ExitStack() as cleanup:
        needs = Needs(chosen, cleanup)
        for check in chosen:
            print(f"\n==> {check.title}  [{check.name}]", flush=True)
            began = time.monotonic()
            outcome = passes(check, needs)
            outcomes.append((check, outcome, time.monotonic() - began))
    print()
    for check, outcome, seconds in outcomes:
        print(f"{outcome:8} {seconds:6.1f} s  {check.title}  [{check.name}]")
    return int(any(outcome == "FAILED" for _, outcome, _ in outcomes))


class Needs:
    """What the tests need, made ready while the checks before them keep one core alone busy."""

    def __init__(self, chosen: Sequence[Check], cleanup: ExitStack) -> None:
        self._cleanup = cleanup
        beside = cleanup.enter_context(ThreadPoolExecutor(max_workers=1))
        needed = dict.fromkeys(need for check in chosen for need in check.needs)
        self._made = {need: beside.submit(getattr(self, need)) for need in needed}

    def of(self, check: Check) -> dict[str, str]:
        """Wait for what a check needs and return its part of the environment."""
        parts = [self._made[need].result() for need in check.needs]
        return dict(chain.from_iterable(part.items() for part in parts))

    def migrated_sqlite(self) -> dict[str, str]:
        """Migrate the SQLite database that the tests copy."""
        migrated_file()
        return {}

    def postgres(self) -> dict[str, str]:
        """Start a PostgreSQL with a migrated database, for every process to copy."""
        server = self._cleanup.enter_context(PrivatePostgres())
        server.make_database("migrated")
        migrate(server.url("migrated"))
        return {"DATABASE_URL": server.url(), "DATABASE_TEMPLATE": "migrated"}

    def browser(self) -> dict[str, str]:
        """Have a Chromium."""
        if chromium_program() is None:
            install_chromium()
        return {}


def passes(check: Check, needs: Needs) -> str:
    """Run one check with what it needs and return its outcome in a word."""
    LAST_FAILED.unlink(missing_ok=True)
    environment = {**os.environ, **check.environment, "PATH": f"{BIN}:{os.environ['PATH']}"}
    try:
        environment |= needs.of(check)
    except Unavailable as reason:
        print(reason)
        return "FAILED" if os.environ.get("CI") else "skipped"
    finished = subprocess.run(check.command, cwd=ROOT, env=environment, check=False)
    if finished.returncode == SOME_TESTS_FAILED and check.command[0] == "pytest":
        return second_look(check, environment)
    return "FAILED" if finished.returncode else "passed"


def second_look(check: Check, environment: Mapping[str, str]) -> str:
    """Run the few tests that failed once more, one after the other, and say what they are."""
    failed = json.loads(LAST_FAILED.read_text()) if LAST_FAILED.exists() else {}
    if not 0 < len(failed) <= UNSTEADY_AT_MOST:
        return "FAILED"
    print(f"\n==> A second look at {len(failed)} that failed  [{check.name}]", flush=True)
    again = [*check.command, "--numprocesses", "0", "--last-failed"]
    finished = subprocess.run(again, cwd=ROOT, env=environment, check=False)
    if finished.returncode:
        return "FAILED"
    print("These tests are unsteady and are to be mended:", *failed, sep="\n  ", flush=True)
    return "unsteady"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
