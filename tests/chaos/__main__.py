"""`make chaos`: storms over the notice job, one seed after the other, on both databases.

    python -m tests.chaos [--seed 1] [--runs 20] [--at-once 2] [--customers 300] [--events 8]
                          [--database sqlite|postgres]

Odd seeds are on SQLite and even ones on PostgreSQL, so the same --seed with --runs 1 raises the
same storm again; --database chooses one for all. Twenty in a row meet every kind of weather. A
run that cannot prove that everyone was told prints its story, and is raised once more where CI is
set: what holds then is called unsteady. The exit code is 1 when a run failed. Several at once are
processes of their own, each with a database server of its own.
"""

from __future__ import annotations

import argparse
import importlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from bizsecure.local.services import PrivatePostgres, PrivateRedis
from tests.migrated import migrate, migrated_file

ROOT = Path(__file__).resolve().parents[2]
DATABASES = ("postgres", "sqlite")
# What is migrated once for all runs: a database in the cluster of a server that is halted.
CLUSTER, TEMPLATE = "cluster", "template_of_all"
# Others raise their storms at the same time, and each process is a mail server, too.
GRACE_AMONG_OTHERS = 5.0


def main() -> int:
    """Raise the storms and return 1 if one of them left damage."""
    chosen = _arguments()
    # Models can be imported only in the environment of the tests.
    importlib.import_module("tests.environment")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bizsecure.settings")
    importlib.import_module("django").setup()
    with ExitStack() as cleanup:
        folder = Path(cleanup.enter_context(tempfile.TemporaryDirectory(prefix="bizsecure-")))
        if chosen.prepared is None:
            _prepare(folder, {_database_of(seed, chosen) for seed in _seeds(chosen)})
            if chosen.at_once > 1:
                return _at_once(chosen, folder)
        places = Places(folder, chosen.prepared or folder, cleanup)
        failed = [seed for seed in _seeds(chosen) if not _is_survived(places, seed, chosen)]
        if failed and os.environ.get("CI"):
            print(f"unsteady, and raised once more: {failed}", flush=True)
            failed = [seed for seed in failed if not _is_survived(places, seed, chosen)]
        return int(bool(failed))


def _seeds(chosen: argparse.Namespace) -> range:
    return range(chosen.seed, chosen.seed + chosen.runs, chosen.step)


def _database_of(seed: int, chosen: argparse.Namespace) -> str:
    return chosen.database or DATABASES[seed % 2]


def _is_survived(places: Places, seed: int, chosen: argparse.Namespace) -> bool:
    database, began = _database_of(seed, chosen), time.monotonic()
    try:
        happened = places.run(seed, database, chosen)
    except AssertionError as failure:
        print(f"seed {seed} on {database}: FAILED\n{failure}", flush=True)
        return False
    print(f"seed {seed} on {database}: {time.monotonic() - began:.0f} s: {happened}", flush=True)
    return True


def _prepare(folder: Path, databases: set[str]) -> None:
    """Migrate an empty database of each kind, for every run to copy."""
    if "sqlite" in databases:
        migrated_file()
    if "postgres" in databases:
        with PrivatePostgres() as server:
            server.make_database(TEMPLATE)
            migrate(server.url(TEMPLATE))
            server.halt()
            shutil.copytree(server.cluster, folder / CLUSTER)


def _at_once(chosen: argparse.Namespace, prepared: Path) -> int:
    """Share the seeds out among processes: much of a storm is waiting."""
    options = ["--customers", str(chosen.customers), "--events", str(chosen.events)]
    options += ["--database", chosen.database] if chosen.database else []
    running = [
        subprocess.Popen(
            [
                *(sys.executable, "-m", "tests.chaos", "--seed", str(chosen.seed + place)),
                *("--runs", str(chosen.runs - place), "--step", str(chosen.at_once)),
                *("--prepared", str(prepared), *options),
            ],
            cwd=ROOT,
        )
        for place in range(min(chosen.at_once, chosen.runs))
    ]
    ended = [process.wait() for process in running]
    return int(any(ended))


class Places:
    """Where storms are raised: a fresh copy of a migrated database for each."""

    def __init__(self, folder: Path, prepared: Path, cleanup: ExitStack) -> None:
        self._folder, self._prepared, self._cleanup = folder, prepared, cleanup
        self._server: PrivatePostgres | None = None
        self._runs = 0

    def run(self, seed: int, database: str, chosen: argparse.Namespace) -> str:
        """Raise one storm and return what happened in it."""
        storm = importlib.import_module("tests.chaos.storm")
        works = importlib.import_module("tests.faults.works")
        sinks = importlib.import_module("tests.notifications.smtp_sink")
        self._runs += 1
        folder = self._folder / f"{seed}_{self._runs}"
        folder.mkdir()
        with ExitStack() as cleanup:
            url = self._copy(folder, database)
            redis = cleanup.enter_context(PrivateRedis())
            sink = cleanup.enter_context(sinks.Sink())
            cleanup.enter_context(works.looking_into(url))
            job = cleanup.enter_context(works.Works(url, redis, sink, folder))
            story = storm.weather(
                job,
                seed,
                customers=chosen.customers,
                events=chosen.events,
                server=self._server if database == "postgres" else None,
                grace=GRACE_AMONG_OTHERS if chosen.prepared else storm.GRACE,
            )
        return ", ".join(story.events)

    def _copy(self, folder: Path, database: str) -> str:
        if database == "postgres":
            name = f"storm_{folder.name}"
            self._postgres().make_database(name, template=TEMPLATE)
            return self._postgres().url(name)
        copy = folder / "portal.sqlite3"
        shutil.copy(migrated_file(), copy)
        return f"sqlite:///{copy}"

    def _postgres(self) -> PrivatePostgres:
        if self._server is None:
            # What a commit promised must hold after a crash.
            server = PrivatePostgres(careful=True, like=self._prepared / CLUSTER)
            self._server = self._cleanup.enter_context(server)
        return self._server


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--at-once", type=int, default=2, help="how many storms at a time")
    parser.add_argument("--customers", type=int, default=300)
    parser.add_argument("--events", type=int, default=8)
    parser.add_argument("--database", choices=DATABASES)
    # What a process that raises some of them is told by the one that began.
    parser.add_argument("--step", type=int, default=1, help=argparse.SUPPRESS)
    parser.add_argument("--prepared", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
