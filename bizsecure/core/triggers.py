"""Rules that hold whatever code runs: database triggers, for SQLite and PostgreSQL alike.

A migration lists what these functions return among its operations. On SQLite a later change of
a guarded table makes the table anew and loses its triggers, so that migration takes them off
first (`lifted`) and lays them again; the tests in tests/architecture look at every guarded table.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db import router
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import RunPython


class OnTables(RunPython):
    """RunPython of what looks at tables alone.

    Django need not make a class for each model as it was then, which is most of what migrating
    costs: an empty database has all its guards laid one after the other.
    """

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        self._run(self.code, app_label, schema_editor)

    def database_backwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        self._run(self.reverse_code, app_label, schema_editor)

    def _run(self, code: Any, app_label: str, editor: BaseDatabaseSchemaEditor) -> None:
        if router.allow_migrate(editor.connection.alias, app_label, **self.hints):
            code(None, editor)


@dataclass(frozen=True)
class Trigger:
    """A trigger as a migration lays it."""

    table: str
    name: str
    events: tuple[str, ...]
    message: str
    when: str
    once: str = ""


def append_only(table: str) -> OnTables:
    """Return the operation after which rows of `table` can be added and nothing else."""
    return guard(table, "append_only", ["UPDATE", "DELETE"], f"{table} is append-only")


def frozen_columns(
    table: str, name: str, columns: Sequence[str], message: str, *, when: str = ""
) -> OnTables:
    """Return the operation after which `columns` keep their value, always or while `when` holds.

    `when` is a condition over OLD and NEW in SQL that both databases read alike.
    """
    changed = " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in columns)
    condition = f"({when}) AND ({changed})" if when else changed
    return guard(table, name, ["UPDATE"], message, when=condition)


def lifted(laid: OnTables) -> OnTables:
    """Return the operation that takes a guard off, before a table is altered and guarded anew."""
    return OnTables(laid.reverse_code or OnTables.noop, laid.code)


def guard(
    table: str, name: str, events: Sequence[str], message: str, *, when: str = "", once: str = ""
) -> OnTables:
    """Return the operation after which `events` on a row of `table` fail, if `when` holds.

    For rows that are added by thousands, `once` says the same of all that a statement added: a
    query that finds those for which it holds among `added`. PostgreSQL then asks once a
    statement, SQLite has no other way than once a row.
    """
    trigger = Trigger(table, f"{table}_{name}", tuple(events), message, when, once)
    return OnTables(partial(_create, trigger), partial(_drop, trigger))


def _create(trigger: Trigger, apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
    if editor.connection.vendor == "postgresql":
        _create_on_postgresql(trigger, editor)
        return
    # SQLite has one event a trigger, and before 3.39 another word for IS DISTINCT FROM.
    when = trigger.when.replace("IS DISTINCT FROM", "IS NOT")
    condition = f"WHEN {when} " if when else ""
    for event in trigger.events:
        editor.execute(
            f"CREATE TRIGGER {trigger.name}_{event.lower()} BEFORE {event} ON {trigger.table} "
            f"{condition}BEGIN SELECT RAISE(ABORT, '{trigger.message}'); END"
        )


def _create_on_postgresql(trigger: Trigger, editor: BaseDatabaseSchemaEditor) -> None:
    name, table = trigger.name, trigger.table
    body = f"RAISE EXCEPTION '{trigger.message}' USING ERRCODE = 'integrity_constraint_violation';"
    each = f"BEFORE {' OR '.join(trigger.events)} ON {table} FOR EACH ROW"
    if trigger.once:
        body = f"IF EXISTS ({trigger.once}) THEN {body} END IF; RETURN NULL;"
        each = f"AFTER INSERT ON {table} REFERENCING NEW TABLE AS added FOR EACH STATEMENT"
    elif trigger.when:
        body = (
            f"IF {trigger.when} THEN {body} END IF; "
            "IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW;"
        )
    editor.execute(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
        f"$guard$ BEGIN {body} END $guard$"
    )
    editor.execute(f"CREATE TRIGGER {name} {each} EXECUTE FUNCTION {name}()")
    if not trigger.when and "DELETE" in trigger.events:
        # TRUNCATE goes round the triggers of rows. SQLite has no such statement.
        editor.execute(
            f"CREATE TRIGGER {name}_truncate BEFORE TRUNCATE ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {name}()"
        )


def _drop(trigger: Trigger, apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
    if editor.connection.vendor == "postgresql":
        editor.execute(f"DROP FUNCTION {trigger.name}() CASCADE")
        return
    for event in trigger.events:
        editor.execute(f"DROP TRIGGER {trigger.name}_{event.lower()}")
