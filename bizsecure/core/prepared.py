"""Questions that every page asks, each written down as a statement once a process.

Django writes the statement of a QuerySet anew whenever it is asked, which costs the processor up
to ten times as much as the answer. Here it is written once, with a stand-in for each value that
is known only when somebody asks; the answer is made of the rows as Django makes it. Nothing of an
answer is kept.

PostgreSQL is told to keep how it answers, too: planning takes it longer than answering. (As it
keeps that for a session, PgBouncer must be in session mode.)

Whatever else differs from one asking to the next, such as a day, must make a statement of its own:
the question may not read the clock by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any, Generic, TypeVar

import psycopg
from django.db import DEFAULT_DB_ALIAS, NotSupportedError, connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper
from django.db.models.query import (
    FlatValuesListIterable,
    ModelIterable,
    ValuesListIterable,
    get_related_populators,
)

from bizsecure.core.bulk import written_keys

Row = TypeVar("Row")
Value = int | str | None | Sequence[int]

# Stand-ins: no row has such a key, and no column such a word.
A_KEY = -(2**50)
SOME_KEYS = (A_KEY - 1,)
A_WORD = "\x1fa word that is given later\x1f"


class NotToBePrepared(ValueError):
    """The question has no statement of its own, or one without the places that are to be filled."""


class Statement(Generic[Row]):
    """The statement of a QuerySet, whose stand-ins are filled in whenever it is asked.

    `places` names each stand-in: a key, some keys (of `among`) or a word. NotToBePrepared when
    one of them does not stand in the statement, or the rows would take further questions.
    """

    def __init__(self, rows: models.QuerySet[Any, Row], /, **places: Value) -> None:
        asked: Any = rows
        if asked._prefetch_related_lookups:  # noqa: SLF001
            raise NotToBePrepared("What is fetched beside the rows takes questions of its own.")
        self._alias: str = asked.db
        database = connections[self._alias]
        compiler: Any = asked.query.get_compiler(self._alias)
        self.sql, given = compiler.as_sql()
        self.parameters: list[Any] = list(given)
        stand_ins = {_stored(value, database): name for name, value in places.items()}
        self._places = [
            (place, stand_ins[each])
            for place, each in enumerate(self.parameters)
            if isinstance(each, int | str) and each in stand_ins
        ]
        missing = places.keys() - {name for _place, name in self._places}
        if missing:
            raise NotToBePrepared(f"{', '.join(sorted(missing))} stands nowhere in it.")
        columns = [column for column, *_rest in compiler.select]
        self._converters = list(compiler.get_converters(columns).items())
        self._make = _maker(asked, compiler)

    def filled(self, **values: Value) -> list[Any]:
        """Return the parameters of the statement with these values in their places."""
        parameters = self.parameters.copy()
        database = connections[self._alias]
        for place, name in self._places:
            parameters[place] = _stored(values[name], database)
        return parameters

    def ask(self, **values: Value) -> list[Row]:
        """Return the rows as the QuerySet would, with these values in their places."""
        found = fetch(self.sql, self.filled(**values), self._alias)
        if self._converters and found:
            found = self._converted(found)
        return list(map(self._make, found))

    def _converted(self, found: Sequence[Any]) -> list[Any]:
        """Return the values of the rows as their fields give them."""
        database = connections[self._alias]
        rows = list(map(list, found))
        for place, (converters, column) in self._converters:
            for row in rows:
                for convert in converters:
                    row[place] = convert(row[place], column, database)
        return rows


def _maker(asked: Any, compiler: Any) -> Callable[[Any], Any]:
    """Return what makes of a row of the database one of the QuerySet, as its iteration does."""
    if asked._iterable_class is ValuesListIterable:  # noqa: SLF001
        return tuple
    if asked._iterable_class is FlatValuesListIterable:  # noqa: SLF001
        return itemgetter(0)
    if asked._iterable_class is not ModelIterable:  # noqa: SLF001
        raise NotToBePrepared("It has neither objects nor lists of values for rows.")
    alias, of_model = asked.db, compiler.klass_info
    first, last = of_model["select_fields"][0], of_model["select_fields"][-1] + 1
    names = [column.target.attname for column, *_rest in compiler.select[first:last]]
    model, annotations = of_model["model"], compiler.annotation_col_map
    # The stubs are of a younger Django, which takes one argument more.
    populators_of: Any = get_related_populators
    beside = populators_of(of_model, compiler.select, alias)

    def make(row: Any) -> Any:
        made = model.from_db(alias, names, row[first:last])
        for each in beside:
            each.populate(row, made)
        for name, place in annotations.items():
            setattr(made, name, row[place])
        return made

    return make


def fetch(sql: str, parameters: Sequence[Any], alias: str = DEFAULT_DB_ALIAS) -> list[Any]:
    """Return the rows of a statement that is asked again and again, as the database gives them.

    Also when a migration has altered a table meanwhile: PostgreSQL then refuses what it kept, and
    is asked on a new connection. Within a transaction the refusal is raised, as it ends that.
    """
    database = connections[alias]
    try:
        return _rows_of(database, sql, parameters)
    except NotSupportedError:
        if database.in_atomic_block:
            raise
        database.close()
        return _rows_of(database, sql, parameters)


def _rows_of(database: BaseDatabaseWrapper, sql: str, parameters: Sequence[Any]) -> list[Any]:
    with _cursor(database) as cursor:
        cursor.execute(sql, parameters)
        rows: list[Any] = cursor.fetchall()
        return rows


def _cursor(database: BaseDatabaseWrapper) -> CursorWrapper:
    """As Django gives it, but on PostgreSQL with parameters that travel beside the statement.

    Those of Django are written into it, so that no two of them are the same.
    """
    if database.vendor != "postgresql":
        return database.cursor()
    database.ensure_connection()
    cursor: Any = psycopg.Cursor(database.connection)
    wrap = database.make_debug_cursor if database.queries_logged else database.make_cursor
    return wrap(cursor)


def _stored(value: Value, database: BaseDatabaseWrapper) -> Any:
    if value is None or isinstance(value, int | str):
        return value
    return written_keys(value, database)
