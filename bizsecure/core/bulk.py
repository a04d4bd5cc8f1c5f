"""Statements over many rows at once, for the places where many customers are touched."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection, models


def insert_rows(rows: Sequence[models.Model]) -> None:
    """INSERT rows of one model as they are, some ten times as fast as `bulk_create`.

    Their keys are not read back, and nothing of Django's `save` is run but the preparation of
    each value by its field.
    """
    if not rows:
        return
    fields = [field for field in rows[0]._meta.concrete_fields if not field.primary_key]
    columns = [_prepared(field, rows) for field in fields]
    names = ", ".join(connection.ops.quote_name(str(field.column)) for field in fields)
    into = f"INSERT INTO {connection.ops.quote_name(rows[0]._meta.db_table)} ({names})"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # One parameter a column: neither side has to read a long statement.
            arrays = ", ".join(f"%s::{field.db_type(connection)}[]" for field in fields)
            cursor.execute(f"{into} SELECT * FROM UNNEST({arrays})", columns)  # noqa: S608  our names
        else:
            places = ", ".join(["%s"] * len(fields))
            cursor.executemany(f"{into} VALUES ({places})", list(zip(*columns, strict=True)))


def _prepared(field: models.Field[Any, Any], rows: Sequence[models.Model]) -> list[Any]:
    """The values of a column as the database takes them. Equal ones are prepared once."""
    values = [field.pre_save(row, True) for row in rows]
    known = {value: field.get_db_prep_save(value, connection) for value in set(values)}
    return [known[value] for value in values]
