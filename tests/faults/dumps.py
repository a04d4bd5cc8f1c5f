"""Dumping, losing and restoring a database, with the programs that operators use."""

from __future__ import annotations

import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import environ

from bizsecure.local.services import postgres_client


def dump(database_url: str, folder: Path) -> Path:
    """Write a dump of the database, taken while others may use it, and return where it is."""
    if _is_sqlite(database_url):
        target = folder / "dump.sqlite3"
        with (
            closing(sqlite3.connect(_file(database_url))) as source,
            closing(sqlite3.connect(target)) as copy,
        ):
            source.backup(copy)
        return target
    target = folder / "dump.pgdump"
    _run("pg_dump", *_server(database_url), "--format", "custom", "--file", str(target))
    return target


def destroy(database_url: str) -> None:
    """Lose the database."""
    if _is_sqlite(database_url):
        for each in _file(database_url).parent.glob(f"{_file(database_url).name}*"):
            each.unlink()
        return
    _run("dropdb", *_server(database_url)[:2], "--force", _name(database_url))


def restore(kept: Path, database_url: str) -> None:
    """Bring the dump back under the same name."""
    if _is_sqlite(database_url):
        _file(database_url).write_bytes(kept.read_bytes())
        return
    _run("createdb", *_server(database_url)[:2], "--template", "template0", _name(database_url))
    _run("pg_restore", *_server(database_url), "--exit-on-error", "--no-owner", str(kept))


def _is_sqlite(database_url: str) -> bool:
    return database_url.startswith("sqlite")


def _file(database_url: str) -> Path:
    return Path(database_url.removeprefix("sqlite:///"))


def _name(database_url: str) -> str:
    return str(environ.Env.db_url_config(database_url)["NAME"])


def _server(database_url: str) -> list[str]:
    parts = environ.Env.db_url_config(database_url)
    return [f"--host={parts['HOST']}", f"--username={parts['USER']}", f"--dbname={parts['NAME']}"]


def _run(program: str, *arguments: str) -> None:
    subprocess.run([postgres_client(program), *arguments], check=True)
