"""Which migrations the release before could not live with, while both run for a while.

An upgrade puts the new schema in place first; the old code goes on with it until the last process
is restarted, and after a rollback for longer. So what it reads must stay, and what it writes must
still be taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from django.db import migrations
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.db.models import Field
from django.db.models.fields import NOT_PROVIDED

TAKES_AWAY = (
    migrations.RemoveField,
    migrations.RenameField,
    migrations.DeleteModel,
    migrations.RenameModel,
    migrations.AlterModelTable,
)
NARROWING_SQL = re.compile(
    r"\b(DROP\s+(TABLE|COLUMN)|RENAME\s+(TO|COLUMN)|SET\s+NOT\s+NULL|ALTER\s+COLUMN\s+\S+\s+TYPE)\b",
    re.IGNORECASE,
)


def narrowing(
    operations: Iterable[Operation], app: str, state: ProjectState, born: set[tuple[str, str]]
) -> Iterator[str]:
    """Yield what the release before could not live with, a sentence each.

    `state` is what the models were before, and is moved on. Tables in `born` are unknown to that
    release, so anything may be done to them; those that are made here are added.
    """
    for operation in operations:
        if isinstance(operation, migrations.CreateModel):
            born.add((app, operation.name.lower()))
        for each in _in_the_database(operation):
            if (app, _model_of(each)) not in born:
                yield from _of_one(each, app, state)
        operation.state_forwards(app, state)


def _in_the_database(operation: Operation) -> list[Operation]:
    if isinstance(operation, migrations.SeparateDatabaseAndState):
        return list(operation.database_operations)
    return [operation]


def _model_of(operation: Operation) -> str:
    name = getattr(operation, "model_name", None) or getattr(operation, "name", None) or ""
    return str(name).lower()


def _of_one(operation: Operation, app: str, state: ProjectState) -> Iterator[str]:
    if isinstance(operation, TAKES_AWAY):
        yield f"It takes away what the release before uses: {operation.describe()}."
    elif isinstance(operation, migrations.AddField) and not _may_be_left_out(operation.field):
        yield f"The release before leaves the column out: {operation.describe()}."
    elif isinstance(operation, migrations.AlterField):
        before = state.models[app, operation.model_name.lower()].fields[operation.name]
        yield from (
            f"{problem}: {operation.describe()}." for problem in _tighter(before, operation.field)
        )
    elif isinstance(operation, migrations.AddConstraint):
        yield f"It may refuse what the release before writes: {operation.describe()}."
    elif isinstance(operation, migrations.RunSQL) and NARROWING_SQL.search(str(operation.sql)):
        yield "Its SQL takes away or tightens what the release before uses."


def _may_be_left_out(field: Field[object, object]) -> bool:
    has_default = field.db_default is not NOT_PROVIDED
    return field.null or has_default or field.many_to_many is True or field.generated


def _tighter(before: Field[object, object], after: Field[object, object]) -> Iterator[str]:
    if before.null and not after.null:
        yield "It may be empty for the release before"
    if after.unique and not before.unique:
        yield "It may be there twice for the release before"
    if before.get_internal_type() != after.get_internal_type():
        yield "It is of another type for the release before"
    if after.max_length and (before.max_length or after.max_length + 1) > after.max_length:
        yield "It may be longer for the release before"
