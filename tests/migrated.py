"""A migrated SQLite database that is kept between runs: running every migration takes seconds.

It lies in pytest's cache, under a digest of all that makes it what it is. Removing the cache is
always safe. On PostgreSQL a run has one migrated database, DATABASE_TEMPLATE, for all its
processes to copy; without it each migrates its own.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from pytest_django import DjangoDbBlocker

ROOT = Path(__file__).resolve().parents[1]
# Migrations, what they call, the roles that are laid behind them, and the packages with their own.
MADE_OF = (
    "*/migrations/*.py",
    "bizsecure/*/migrations/*.py",
    "bizsecure/core/counting.py",
    "bizsecure/core/triggers.py",
    "consent/tallying.py",
    "notifications/tallying.py",
    "accounts/*.py",
    "accounts/services/confiding.py",
    "accounts/**/*.md",
    "bizsecure/settings.py",
    "requirements.txt",
    "constraints.txt",
)


def pytest_configure() -> None:
    """Have Django copy its test database from the template of the run, if there is one."""
    if template := os.environ.get("DATABASE_TEMPLATE"):
        connection.settings_dict["TEST"]["TEMPLATE"] = template


@pytest.fixture(scope="session")
def migrated_database(request: pytest.FixtureRequest) -> Path:
    """Give the file of a migrated, empty SQLite database. Nobody writes into it."""
    folder = Path(request.config.cache.mkdir("migrated"))
    return folder / f"{_digest()}.sqlite3"


def restore(kept: Path) -> None:
    """Fill the database in the memory of this process from the file; make that if need be."""
    if kept.exists():
        with closing(sqlite3.connect(kept)) as source:
            source.backup(connection.connection)
        return
    call_command("migrate", verbosity=0)
    call_command("createcachetable")
    # Two processes may both make it: each writes its own, and the last one stays.
    own = kept.with_suffix(f".{os.getpid()}")
    with closing(sqlite3.connect(own)) as copy:
        connection.connection.backup(copy)
    own.replace(kept)


@pytest.fixture(scope="session")
def in_memory(
    django_test_environment: None, django_db_blocker: DjangoDbBlocker, migrated_database: Path
) -> Iterator[None]:
    """Give the models of this process a migrated SQLite database in its memory."""
    with django_db_blocker.unblock():
        connection.close()
        before = connection.settings_dict["NAME"]
        name = connection.creation._get_test_db_name()  # type: ignore[attr-defined]
        connection.settings_dict["NAME"] = settings.DATABASES["default"]["NAME"] = name
        connection.ensure_connection()
        restore(migrated_database)
    yield
    with django_db_blocker.unblock():
        connection.close()
        connection.settings_dict["NAME"] = settings.DATABASES["default"]["NAME"] = before


def _digest() -> str:
    parts = [path for pattern in MADE_OF for path in sorted(ROOT.glob(pattern))]
    made_of = hashlib.sha256()
    for path in parts:
        made_of.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes())
    return made_of.hexdigest()[:24]
