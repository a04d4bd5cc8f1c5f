"""The guards in the database: they refuse what they are for, and nothing else."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.migrations import RunPython
from django.db.models import QuerySet

from accounts.models import Customer
from bizsecure.core.triggers import append_only, frozen_columns, guard
from consent.models import PolicyVersion
from tests.builders import DAY

TABLE = "scratch"


@pytest.fixture
def scratch(db: None) -> Iterator[str]:
    """Give a table with one row, which disappears with the test."""
    execute(f"CREATE TABLE {TABLE} (id integer PRIMARY KEY, state varchar(9), note varchar(9))")
    execute(f"INSERT INTO {TABLE} VALUES (1, 'draft', NULL)")
    yield TABLE
    execute(f"DROP TABLE {TABLE}")


def execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def refused(statement: str, message: str) -> None:
    with pytest.raises(DatabaseError, match=message), transaction.atomic():
        execute(statement)


def lay(operation: RunPython) -> None:
    laid: Any = operation
    laid.code(None, connection.schema_editor())


def lift(operation: RunPython) -> None:
    laid: Any = operation
    laid.reverse_code(None, connection.schema_editor())


def test_an_append_only_table_takes_rows_and_gives_none_back(scratch: str) -> None:
    lay(append_only(scratch))
    execute(f"INSERT INTO {scratch} VALUES (2, 'draft', NULL)")
    refused(f"UPDATE {scratch} SET note = 'x' WHERE id = 2", "scratch is append-only")
    refused(f"UPDATE {scratch} SET note = note", "scratch is append-only")
    refused(f"DELETE FROM {scratch} WHERE id = 1", "scratch is append-only")
    refused(f"DELETE FROM {scratch}", "scratch is append-only")


def test_a_row_is_not_replaced_under_its_own_key(scratch: str) -> None:
    lay(append_only(scratch))
    row = f"INTO {scratch} VALUES (1, 'x', 'x')"
    replacing = [f"INSERT {row} ON CONFLICT (id) DO UPDATE SET note = 'x'"]
    if connection.vendor == "sqlite":
        replacing += [f"REPLACE {row}", f"INSERT OR REPLACE {row}"]
    for statement in replacing:
        refused(statement, "scratch is append-only")


def test_the_refusal_is_an_integrity_error_on_both_databases(scratch: str) -> None:
    lay(append_only(scratch))
    with pytest.raises(IntegrityError), transaction.atomic():
        execute(f"UPDATE {scratch} SET note = 'x'")


def test_frozen_columns_keep_their_value_and_leave_the_others_free(scratch: str) -> None:
    lay(frozen_columns(scratch, "kept", ["note"], "a note stays"))
    execute(f"UPDATE {scratch} SET state = 'other', note = NULL")
    refused(f"UPDATE {scratch} SET note = 'x'", "a note stays")
    execute(f"DELETE FROM {scratch}")


def test_a_frozen_value_does_not_turn_into_nothing(scratch: str) -> None:
    execute(f"UPDATE {scratch} SET note = 'x'")
    lay(frozen_columns(scratch, "kept", ["note"], "a note stays"))
    refused(f"UPDATE {scratch} SET note = NULL", "a note stays")


def test_columns_may_be_frozen_only_in_a_state(scratch: str) -> None:
    lay(frozen_columns(scratch, "kept", ["note"], "a note stays", when="OLD.state <> 'draft'"))
    execute(f"UPDATE {scratch} SET note = 'x'")
    execute(f"UPDATE {scratch} SET state = 'posted'")
    refused(f"UPDATE {scratch} SET note = 'y'", "a note stays")
    refused(f"UPDATE {scratch} SET note = 'y', state = 'draft'", "a note stays")


def test_a_guard_looks_at_its_events_alone(scratch: str) -> None:
    lay(guard(scratch, "posted", ["DELETE"], "it stays", when="OLD.state = 'posted'"))
    execute(f"UPDATE {scratch} SET state = 'posted'")
    execute(f"INSERT INTO {scratch} VALUES (2, 'draft', NULL)")
    refused(f"DELETE FROM {scratch}", "it stays")
    execute(f"DELETE FROM {scratch} WHERE id = 2")


def test_a_guard_can_refuse_new_rows(scratch: str) -> None:
    lay(guard(scratch, "fresh", ["INSERT"], "not so", when="NEW.state = 'posted'"))
    refused(f"INSERT INTO {scratch} VALUES (2, 'posted', NULL)", "not so")
    execute(f"INSERT INTO {scratch} VALUES (2, 'draft', NULL)")


def test_a_migration_taken_back_lifts_its_guard(scratch: str) -> None:
    laid = append_only(scratch)
    lay(laid)
    lift(laid)
    execute(f"UPDATE {scratch} SET note = 'x'")
    lay(laid)
    refused(f"UPDATE {scratch} SET note = 'y'", "scratch is append-only")


def delete_now(rows: QuerySet[Customer]) -> None:
    """Delete past Django's own care for what hangs on a row."""
    rows._raw_delete(rows.db)
    connection.check_constraints()


def test_nobody_looks_like_one_who_joined_under_a_newer_policy(
    alice: Customer, change: PolicyVersion
) -> None:
    rows = Customer.objects.filter(pk=alice.pk)
    with pytest.raises(DatabaseError, match="date of joining"), transaction.atomic():
        rows.update(joined_at=alice.joined_at + 5000 * DAY)
    alice.joined_at += timedelta(microseconds=1)
    with pytest.raises(DatabaseError, match="date of joining"), transaction.atomic():
        alice.save()


@pytest.mark.parametrize(("column", "value"), [("number", "BZ-OTHER"), ("uid", uuid.uuid4())])
def test_a_customer_stays_the_same_customer(alice: Customer, column: str, value: object) -> None:
    with pytest.raises(DatabaseError, match="keeps number"), transaction.atomic():
        Customer.objects.filter(pk=alice.pk).update(**{column: value})


def test_everything_else_about_a_customer_may_change(alice: Customer) -> None:
    changed = {"name": "Alice Baker", "status": "suspended", "time_zone": "Europe/Lisbon"}
    assert Customer.objects.filter(pk=alice.pk).update(**changed) == 1


def test_a_customer_with_a_history_cannot_be_deleted(
    alice: Customer, policy: PolicyVersion
) -> None:
    rows = Customer.objects.filter(pk=alice.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        delete_now(rows)
