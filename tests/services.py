"""Fixtures for the real parts: Redis, databases for processes of their own, Chromium.

A test asks for what it needs by name. What this machine cannot give is a skipped test with its
reason, and a failure where CI is set.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from base64 import b64decode
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from itertools import count
from pathlib import Path
from typing import NoReturn

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from psycopg import sql
from pytest_django import DjangoDbBlocker
from redis import Redis

from bizsecure.local.services import PrivateRedis, Unavailable
from tests.chromium import chromium_program
from tests.migrated import migrate, migrated_file

ROOT = Path(__file__).resolve().parents[1]
_numbers = count(1)


def missing(reason: str) -> NoReturn:
    """End the test: skipped with this reason, failed where CI is set."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture
def redis_server() -> Iterator[PrivateRedis]:
    """Give a real, empty Redis of the test's own, to stop and start as it likes."""
    with ExitStack() as cleanup:
        try:
            server = cleanup.enter_context(PrivateRedis())
        except Unavailable as reason:
            missing(str(reason))
        yield server


@pytest.fixture
def redis_url(redis_server: PrivateRedis) -> str:
    """Give the REDIS_URL of a real, empty Redis."""
    return redis_server.url


def held_by(redis_url: str) -> str:
    """Return everything a Redis holds, as text."""
    with Redis.from_url(redis_url.replace("redis+socket://", "unix://")) as broker:
        kept = []
        for key in broker.scan_iter():
            kind = broker.type(key)
            read = broker.lrange(key, 0, -1) if kind == b"list" else broker.dump(key)
            kept.append(f"{key!r} {read!r}")
            if kind == b"list":
                kept += [str(b64decode(json.loads(message)["body"])) for message in read]
        return "\n".join(kept)


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """Give the path of a Chromium."""
    path = chromium_program()
    if path is None:
        missing("No Chromium is on PATH.")
    return path


@pytest.fixture(scope="session")
def database_template() -> Iterator[str]:
    """Give the DATABASE_URL of a migrated, empty database that is there to be copied.

    It is of the kind that the run is about. Processes cannot use the run's own test database:
    nothing in it is ever committed, and on SQLite it is in the memory of this process.
    """
    if _on_sqlite():
        yield f"sqlite:///{migrated_file()}"
    elif template := os.environ.get("DATABASE_TEMPLATE"):
        yield _url_of(template)
    else:
        with _database(f"template_{os.getpid()}") as url:
            migrate(url)
            yield url


@pytest.fixture(scope="session")
def own_database(
    django_test_environment: None, django_db_blocker: DjangoDbBlocker, database_template: str
) -> Iterator[None]:
    """Give the models of this process a copy of that database: on SQLite in its memory."""
    before = connection.settings_dict["NAME"]
    with ExitStack() as cleanup:
        if _on_sqlite():
            name = connection.creation._get_test_db_name()  # type: ignore[attr-defined]
        else:
            name = cleanup.enter_context(_copy(database_template)).rpartition("/")[2]
        with django_db_blocker.unblock():
            _look_into(name)
            if _on_sqlite():
                with closing(sqlite3.connect(_file_of(database_template))) as kept:
                    kept.backup(connection.connection)
        yield
        with django_db_blocker.unblock():
            _look_into(before)
            connection.close()


@pytest.fixture
def database_url(database_template: str, tmp_path: Path) -> Iterator[str]:
    """Give the DATABASE_URL of a fresh database for processes the test starts."""
    with copied_database(database_template, tmp_path) as url:
        yield url


@contextmanager
def copied_database(template: str, folder: Path) -> Iterator[str]:
    """Lend the DATABASE_URL of a copy of the template; a file lies in the folder."""
    if _on_sqlite():
        copy = folder / "portal.sqlite3"
        shutil.copy(_file_of(template), copy)
        yield f"sqlite:///{copy}"
        return
    with _copy(template) as url:
        yield url


def manage(environment: Mapping[str, str], *command: str) -> str:
    """Run a command of manage.py in a process of its own and return what it printed.

    The environment adds to the one of the tests.
    """
    finished = subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=ROOT,
        env={**os.environ, **environment},
        check=False,
        capture_output=True,
        text=True,
    )
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


def _on_sqlite() -> bool:
    return connection.vendor == "sqlite"


def _look_into(name: str) -> None:
    """Connect the models of this process to another database."""
    connection.close()
    connection.settings_dict["NAME"] = settings.DATABASES["default"]["NAME"] = name
    connection.ensure_connection()


def _file_of(database_url: str) -> str:
    return database_url.removeprefix("sqlite:///")


def _url_of(name: str) -> str:
    return f"{os.environ['DATABASE_URL'].rpartition('/')[0]}/{name}"


def _copy(template: str) -> AbstractContextManager[str]:
    """Lend a copy, on the PostgreSQL server of this run, of a database of it."""
    return _database(f"copy_{os.getpid()}_{next(_numbers)}", template.rpartition("/")[2])


@contextmanager
def _database(name: str, template: str = "template1") -> Iterator[str]:
    """Lend the DATABASE_URL of a new database on the PostgreSQL server of this run."""
    server = {**connection.get_connection_params(), "dbname": "postgres"}
    with psycopg.connect(**server, autocommit=True) as session:
        made = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        session.execute(made.format(sql.Identifier(name), sql.Identifier(template)))
        yield _url_of(name)
        session.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
