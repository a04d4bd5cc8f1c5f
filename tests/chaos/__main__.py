"""`make chaos`: storms over the notice job, one seed after the other, on both databases by turns.

    python -m tests.chaos [--seed 1] [--runs 20] [--customers 300] [--events 8]
                          [--database sqlite|postgres]

It stops at the first run that cannot prove that everyone was told, prints its story, and exits
with 1; the same --seed with --runs 1 raises the same storm again.
"""

from __future__ import annotations

import argparse
import importlib
import itertools
import os
import shutil
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from bizsecure.local.services import PrivatePostgres, PrivateRedis
from tests.migrated import migrate, migrated_file

DATABASES = ("sqlite", "postgres")


def main() -> int:
    """Raise the storms and return 1 at the first that leaves damage."""
    chosen = _arguments()
    # Models can be imported only in the environment of the tests.
    importlib.import_module("tests.environment")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bizsecure.settings")
    importlib.import_module("django").setup()
    databases = [chosen.database] if chosen.database else DATABASES
    seeds = range(chosen.seed, chosen.seed + chosen.runs)
    with ExitStack() as cleanup:
        folder = Path(cleanup.enter_context(tempfile.TemporaryDirectory(prefix="bizsecure-")))
        places = {name: Place(name, folder, cleanup) for name in databases}
        for seed, database in zip(seeds, itertools.cycle(databases), strict=False):
            began = time.monotonic()
            try:
                happened = places[database].run(seed, chosen.customers, chosen.events)
            except AssertionError as failure:
                print(f"seed {seed} on {database}: FAILED\n{failure}")
                return 1
            seconds = time.monotonic() - began
            print(f"seed {seed} on {database}: {seconds:.0f} s: {happened}", flush=True)
    return 0


class Place:
    """One kind of database, migrated once and copied for each run."""

    def __init__(self, database: str, folder: Path, cleanup: ExitStack) -> None:
        self._folder = folder / database
        self._folder.mkdir()
        self._server: PrivatePostgres | None = None
        if database == "postgres":
            # What a commit promised must hold after a crash.
            self._server = cleanup.enter_context(PrivatePostgres(careful=True))
            self._server.make_database("template_of_all")
            migrate(self._server.url("template_of_all"))

    def run(self, seed: int, customers: int, events: int) -> str:
        """Raise one storm over a fresh database and return what happened in it."""
        storm = importlib.import_module("tests.chaos.storm")
        works = importlib.import_module("tests.faults.works")
        sinks = importlib.import_module("tests.notifications.smtp_sink")
        folder = self._folder / str(seed)
        folder.mkdir()
        with ExitStack() as cleanup:
            url = self._copy(seed, folder)
            redis = cleanup.enter_context(PrivateRedis())
            sink = cleanup.enter_context(sinks.Sink())
            cleanup.enter_context(works.looking_into(url))
            job = cleanup.enter_context(works.Works(url, redis, sink, folder))
            story = storm.weather(
                job, seed, customers=customers, events=events, server=self._server
            )
        return ", ".join(story.events)

    def _copy(self, seed: int, folder: Path) -> str:
        if self._server is not None:
            self._server.make_database(f"storm_{seed}", template="template_of_all")
            return self._server.url(f"storm_{seed}")
        copy = folder / "portal.sqlite3"
        shutil.copy(migrated_file(), copy)
        return f"sqlite:///{copy}"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--customers", type=int, default=300)
    parser.add_argument("--events", type=int, default=8)
    parser.add_argument("--database", choices=DATABASES)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
