"""What is written down stays written down: the database itself refuses to change a ledger."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, models, transaction
from django.utils import timezone

from bizsecure.core.ledger import AppendOnlyRow

LEDGERS = [model for model in apps.get_models() if issubclass(model, AppendOnlyRow)]
# No row that a migration writes has it.
UNUSED_NUMBER = 4711
SAMPLES: dict[type[models.Field[Any, Any]], Callable[[], object]] = {
    models.BooleanField: lambda: False,
    models.CharField: lambda: "x",
    models.TextField: lambda: "x",
    models.JSONField: dict,
    models.BinaryField: lambda: b"x",
    models.UUIDField: uuid.uuid4,
    models.DateTimeField: timezone.now,
    models.DateField: timezone.localdate,
}


def sample(field: models.Field[Any, Any]) -> object:
    """Return a value the column takes, whatever it means."""
    if field.null:
        return None
    if field.choices:
        return field.flatchoices[0][0]
    if isinstance(field, models.ForeignKey):
        return sample(field.target_field)
    make = (make for kind, make in SAMPLES.items() if isinstance(field, kind))
    return next(make, lambda: UNUSED_NUMBER)()


def ignore_other_rules(table: str) -> None:
    """Let the row mean nothing: only one trigger is under test, and all is rolled back."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA ignore_check_constraints = ON")
            cursor.execute("PRAGMA defer_foreign_keys = ON")
            cursor.execute(
                "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s"
                " AND name LIKE '%%\\_insert' ESCAPE '\\'",
                [table],
            )
            for (trigger,) in cursor.fetchall():
                cursor.execute(f'DROP TRIGGER "{trigger}"')
            return
        cursor.execute(
            "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass"
            " AND NOT tgisinternal AND (tgtype & 4) = 4",  # of INSERT
            [table],
        )
        for (trigger,) in cursor.fetchall():
            cursor.execute(f'DROP TRIGGER "{trigger}" ON "{table}"')
        cursor.execute(
            "SELECT conname FROM pg_constraint"
            " WHERE conrelid = %s::regclass AND contype IN ('c', 'f')",
            [table],
        )
        for (constraint,) in cursor.fetchall():
            cursor.execute(f'ALTER TABLE "{table}" DROP CONSTRAINT "{constraint}"')


@pytest.fixture
def ledger_with_a_row(request: pytest.FixtureRequest, db: None) -> Iterator[type[AppendOnlyRow]]:
    ledger: type[AppendOnlyRow] = request.param
    fields = [field for field in ledger._meta.concrete_fields if not field.primary_key]
    with transaction.atomic():
        ignore_other_rules(ledger._meta.db_table)
        if not ledger._base_manager.exists():
            row = ledger(**{field.attname: sample(field) for field in fields})
            ledger._base_manager.bulk_create([row])
        yield ledger
        transaction.set_rollback(True)
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA ignore_check_constraints = OFF")


every_ledger = pytest.mark.parametrize(
    "ledger_with_a_row", LEDGERS, ids=lambda ledger: ledger.__name__, indirect=True
)


@every_ledger
def test_the_database_refuses_to_update_a_ledger(ledger_with_a_row: type[AppendOnlyRow]) -> None:
    rows: Any = ledger_with_a_row._base_manager
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        rows.update(id=2)


@every_ledger
def test_the_database_refuses_to_delete_from_a_ledger(
    ledger_with_a_row: type[AppendOnlyRow],
) -> None:
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        ledger_with_a_row._base_manager.all()._raw_delete(connection.alias)


@every_ledger
def test_the_database_refuses_to_empty_a_ledger(ledger_with_a_row: type[AppendOnlyRow]) -> None:
    table = ledger_with_a_row._meta.db_table
    statements = {"postgresql": f'TRUNCATE "{table}" CASCADE', "sqlite": f'DELETE FROM "{table}"'}
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statements[connection.vendor])


def test_there_are_ledgers_to_look_at() -> None:
    assert {"Notice", "Choice"} <= {ledger.__name__ for ledger in LEDGERS}
