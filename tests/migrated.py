"""Databases that are migrated already, to be copied: running every migration takes seconds.

The one of SQLite lies in pytest's cache, under a digest of all that makes it what it is. Removing
the cache is always safe. On PostgreSQL a run has one migrated database, DATABASE_TEMPLATE, for all
its processes to copy; without it each migrates its own.

    DATABASE_URL=... python -m tests.migrated     migrate this database, in the tests' environment
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
KEPT_IN = ROOT / ".pytest_cache" / "d" / "migrated"
# Migrations, what they call, the roles that are laid behind them, and the packages with their own.
MADE_OF = (
    "*/migrations/*.py",
    "bizsecure/*/migrations/*.py",
    "bizsecure/core/counting.py",
    "bizsecure/core/triggers.py",
    "consent/tallying.py",
    "notifications/tallying.py",
    "notifications/telling_tallies.py",
    "notifications/revisiting.py",
    "accounts/*.py",
    "accounts/services/confiding.py",
    "accounts/**/*.md",
    "bizsecure/settings.py",
    "requirements.txt",
    "constraints.txt",
)


def migrated_file() -> Path:
    """Return the file of a migrated, empty SQLite database, to be copied and not written into.

    Whoever comes first makes it, and the others wait.
    """
    kept = KEPT_IN / f"{_digest()}.sqlite3"
    if not kept.exists():
        KEPT_IN.mkdir(parents=True, exist_ok=True)
        with (KEPT_IN / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not kept.exists():
                _make(kept)
    return kept


def migrate(database_url: str) -> None:
    """Migrate a database, in a process of its own."""
    environment = {**os.environ, "DATABASE_URL": database_url}
    command = [sys.executable, "-m", "tests.migrated"]
    subprocess.run(command, cwd=ROOT, env=environment, check=True)


def _make(kept: Path) -> None:
    new = kept.with_suffix(".new")
    new.unlink(missing_ok=True)
    migrate(f"sqlite:///{new}")
    with closing(sqlite3.connect(new)) as whole:
        # So that all of it is in the one file that is copied.
        whole.execute("PRAGMA journal_mode = DELETE")
    new.replace(kept)


def _digest() -> str:
    parts = [path for pattern in MADE_OF for path in sorted(ROOT.glob(pattern))]
    made_of = hashlib.sha256()
    for path in parts:
        made_of.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes())
    return made_of.hexdigest()[:24]


def main() -> None:
    """Migrate the database of the environment."""
    # Models can be imported only in the environment of the tests.
    importlib.import_module("tests.environment")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bizsecure.settings")
    importlib.import_module("django").setup()
    management = importlib.import_module("django.core.management")
    management.call_command("migrate", verbosity=0)
    management.call_command("createcachetable", verbosity=0)


if __name__ == "__main__":
    main()
