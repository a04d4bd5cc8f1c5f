"""Counts that the database keeps by itself, in the transaction of what is counted.

For SQLite and PostgreSQL alike. What is added at once is counted at once on PostgreSQL, and as a
row of its own, so that no two transactions wait for one another; rows of one count are summed.
SQLite has one writer at a time and no triggers of whole statements: it adds to one row.

A migration lists what `counted` returns among its operations. On SQLite a later change of a
table that is counted, or that a statement reads, makes the table anew: that migration takes the
counters off first (`uncounted`) and puts them on again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from bizsecure.core.triggers import OnTables

# A trigger meets a table that was empty when its plan was made, and may be large by now.
PLAN_FOR_MANY = "SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off"
ROWS_OF = {
    "INSERT": "NEW TABLE AS added",
    "UPDATE": "OLD TABLE AS removed NEW TABLE AS added",
    "DELETE": "OLD TABLE AS removed",
}
# What was there before the first of the rows just added. As a sum no index knows it: by the key
# itself a plan would read all earlier rows for each customer, and not the few of that customer.
EARLIER = " AND {}.id + 0 < t.first"
# To be joined with what was so before (-1) and what is so now (1).
SIGNS = "(SELECT 1 AS sign UNION ALL SELECT -1)"


@dataclass(frozen=True)
class Spelling:
    """How a statement is spelled for one database.

    `added` stands for the rows that a statement has just added, or changed, as they are now, and
    `removed` for those that it removed, or changed, as they were; both with these columns.
    """

    vendor: str
    columns: tuple[str, ...] = ()

    @property
    def added(self) -> str:
        return self._rows("added", "NEW")

    @property
    def removed(self) -> str:
        return self._rows("removed", "OLD")

    def _rows(self, of_statement: str, of_row: str) -> str:
        if self.vendor == "postgresql":
            return of_statement
        return f"(SELECT {', '.join(f'{of_row}.{name} AS {name}' for name in self.columns)})"

    def bucket(self, moment: str, seconds: int) -> str:
        """The number of the stretch of so many seconds, since 1970, in which a moment lies."""
        if self.vendor == "postgresql":
            return f"FLOOR(EXTRACT(EPOCH FROM {moment}) / {seconds})::bigint"
        # It would round up what is nearly the next second.
        return f"CAST(strftime('%s', substr({moment}, 1, 19)) AS INTEGER) / {seconds}"

    def into(self, table: str, key: Sequence[str], select: str) -> str:
        """The statement that adds what is selected, the key and a number, to the counts."""
        names = ", ".join(key)
        statement = f"INSERT INTO {table} ({names}, number) {select}"
        if self.vendor == "postgresql":
            return statement
        return f"{statement} ON CONFLICT ({names}) DO UPDATE SET number = number + excluded.number"


Statements = Callable[[Spelling], Sequence[str]]


@dataclass(frozen=True)
class Counter:
    """A trigger that counts after each INSERT, UPDATE or DELETE, of rows for which `when` holds.

    On PostgreSQL it runs once a statement, unless there is such a condition: then once a row.
    `on_sqlite` is a condition that only saves SQLite, which has no other way, needless work.
    """

    table: str
    name: str
    event: str
    statements: Statements
    columns: tuple[str, ...] = ()
    when: str = ""
    on_sqlite: str = ""

    @property
    def trigger(self) -> str:
        return f"{self.table}_{self.name}_{self.event.lower()}"


def counted(counter: Counter) -> OnTables:
    """Return the operation after which the database counts so."""
    return OnTables(partial(_create, counter), partial(_drop, counter))


def uncounted(counter: Counter) -> OnTables:
    """Return the operation that takes a counter off, before a table is altered."""
    return OnTables(partial(_drop, counter), partial(_create, counter))


def one_row_a_count(table: str, key: Sequence[str]) -> OnTables:
    """Return the operation after which SQLite keeps one row a count, as `Spelling.into` needs."""
    return OnTables(partial(_unique, table, tuple(key)), OnTables.noop)


def filled(statements: Statements) -> OnTables:
    """Return the operation that counts what is there already."""
    return OnTables(partial(_fill, statements), OnTables.noop)


def fill(statements: Statements, connection: BaseDatabaseWrapper) -> None:
    """Count what is there, into tables of counts that are empty."""
    with connection.cursor() as cursor:
        for statement in statements(Spelling(connection.vendor)):
            cursor.execute(statement)


def merge(table: str, key: Sequence[str], connection: BaseDatabaseWrapper) -> int:
    """Make one row of the many of a count; return how many rows there were too many.

    Rows that another transaction holds are left to it, so two may merge at once. SQLite adds to
    one row from the start.
    """
    if connection.vendor != "postgresql":
        return 0
    names = ", ".join(key)
    with connection.cursor() as cursor:
        cursor.execute(
            # Of our own words alone.
            f"WITH many AS (SELECT {names} FROM {table} GROUP BY {names} HAVING COUNT(*) > 1),"  # noqa: S608
            f" taken AS (DELETE FROM {table} WHERE id IN (SELECT id FROM {table}"
            f" JOIN many USING ({names}) ORDER BY id FOR UPDATE OF {table} SKIP LOCKED)"
            f" RETURNING {names}, number),"
            f" merged AS (INSERT INTO {table} ({names}, number) SELECT {names}, SUM(number)"
            f" FROM taken GROUP BY {names} HAVING SUM(number) <> 0 RETURNING 1)"
            " SELECT (SELECT COUNT(*) FROM taken) - (SELECT COUNT(*) FROM merged)"
        )
        return int(cursor.fetchone()[0])


def _fill(statements: Statements, apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
    fill(statements, editor.connection)


def _create(counter: Counter, apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
    vendor = editor.connection.vendor
    body = "; ".join(counter.statements(Spelling(vendor, counter.columns))) + ";"
    head = f"CREATE TRIGGER {counter.trigger} AFTER {counter.event} ON {counter.table}"
    if vendor == "sqlite":
        # Before 3.39 SQLite has another word for IS DISTINCT FROM.
        when = (counter.when or counter.on_sqlite).replace("IS DISTINCT FROM", "IS NOT")
        # Without parameters, so that a percent sign is one.
        editor.execute(f"{head} {f'WHEN {when} ' if when else ''}BEGIN {body} END", None)
        return
    editor.execute(
        f"CREATE FUNCTION {counter.trigger}() RETURNS trigger LANGUAGE plpgsql {PLAN_FOR_MANY} "
        f"AS $count$ BEGIN {body} RETURN NULL; END $count$"
    )
    if counter.when:
        head += f" FOR EACH ROW WHEN ({counter.when})"
    else:
        head += f" REFERENCING {ROWS_OF[counter.event]} FOR EACH STATEMENT"
    editor.execute(f"{head} EXECUTE FUNCTION {counter.trigger}()")


def _drop(counter: Counter, apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
    if editor.connection.vendor == "postgresql":
        editor.execute(f"DROP FUNCTION {counter.trigger}() CASCADE")
    else:
        editor.execute(f"DROP TRIGGER {counter.trigger}")


def _unique(table: str, key: tuple[str, ...], apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
    if editor.connection.vendor == "sqlite":
        editor.execute(f"CREATE UNIQUE INDEX {table}_once ON {table} ({', '.join(key)})")
