"""What fixtures write into the database, written once a process and then written again.

Publishing a policy asks a dozen questions and takes thirty milliseconds, and thousands of tests
begin with it. The first test of a process that begins so does what the portal does, and the
statements that changed something are kept; later ones run just these. Only where everything is
as it was then: the same rows have been added before, the clock stands at the same moment, the
keys are the same, and nothing is committed. PostgreSQL gives each row a new key, so there every
test does the whole of it.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any, NamedTuple, TypeVar

from django.conf import settings
from django.db import connection
from django.utils import timezone

Made = TypeVar("Made")

READING = ("SELECT", "SAVEPOINT", "RELEASE")


class Memory(NamedTuple):
    """What was written, and what the fixture gave."""

    statements: list[tuple[str, Any]]
    given: Any


_memories: dict[tuple[Any, ...], Memory] = {}


def remembered(name: str, make: Callable[[], Made]) -> Made:
    """Return what `make` returns, having written what it writes. `name` stands for what that is."""
    if connection.vendor != "sqlite" or not connection.in_atomic_block:
        return make()
    key = (name, _world())
    memory = _memories.get(key)
    if memory is None:
        made, statements = _recorded(make)
        _memories[key] = Memory(statements, deepcopy(made))
        return made
    with connection.cursor() as cursor:
        for sql, parameters in memory.statements:
            cursor.execute(sql, parameters)
            if "RETURNING" in sql:
                # SQLite goes on with a statement as its rows are read.
                cursor.fetchall()
    given: Made = deepcopy(memory.given)
    return given


def _world() -> tuple[Any, ...]:
    """What it must be the same under: the moment, the keys, and how many rows were ever added."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, seq FROM sqlite_sequence ORDER BY name")
        added = tuple(cursor.fetchall())
    keys = (*settings.CRYPTOGRAPHY_KEYS, settings.DIGEST_KEY, settings.SECRET_KEY)
    return timezone.now(), settings.SITE_URL, settings.LANGUAGE_CODE, keys, added


def _recorded(make: Callable[[], Made]) -> tuple[Made, list[tuple[str, Any]]]:
    statements: list[tuple[str, Any]] = []

    def listen(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if not sql.startswith(READING):
            statements.extend([(sql, each) for each in params] if many else [(sql, params)])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(listen):
        return make(), statements
