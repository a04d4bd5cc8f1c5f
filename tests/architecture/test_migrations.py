"""Migrations say in their name what they do, and leave the release before working."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import pytest
from django.apps import apps
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ModelState, ProjectState

from bizsecure.version import VERSION
from tests.architecture.house import ROOT, modules, name
from tests.architecture.widening import narrowing
from tests.releases import RELEASED, released_migrations

ROOMS = {
    *("accounts", "consent", "notifications"),
    *("store", "conduct", "vault", "traffic", "proofs"),
}
NARROWS = "narrows"
"""With this a migration takes away what no release has used since the one that it names."""


def test_no_migration_has_the_name_a_tool_gave_it() -> None:
    given_by_a_tool = re.compile(r"auto_|_and_more$|^(?!0001)\d{4}_initial$")
    numbered = [path for path in modules("migrations") if path.stem != "__init__"]
    assert numbered
    assert [name(path) for path in numbered if given_by_a_tool.search(path.stem)] == []


def test_every_room_with_tables_is_looked_at() -> None:
    ours = {
        config.label
        for config in apps.get_app_configs()
        if (ROOT / config.name.replace(".", "/") / "migrations").is_dir()
    }
    assert ours == ROOMS


def test_a_migration_after_a_release_leaves_the_release_before_working() -> None:
    """If this fails: add what may be empty or has a db_default now, take away a release later.

    A column that is no longer used leaves the models first (SeparateDatabaseAndState) and the
    database in the release after, in a migration with `narrows = "VERSION"`: the first release
    that did not use it any more. CONTRIBUTING.md says more.
    """
    released = released_migrations()
    loader = MigrationLoader(None)
    state = ProjectState()
    problems = []
    born: set[tuple[str, str]] = set()
    done: set[tuple[str, str]] = set()
    for leaf in sorted(loader.graph.leaf_nodes()):
        for key in loader.graph.forwards_plan(leaf):
            if key in done:
                continue
            done.add(key)
            migration = loader.graph.nodes[key]
            if key[0] not in ROOMS or key in released or not released:
                state = migration.mutate_state(state, preserve=False)
                continue
            found = list(narrowing(migration.operations, key[0], state, born))
            if not _is_late_enough(getattr(migration, NARROWS, "")):
                problems += [f"{key[0]}.{key[1]}: {problem}" for problem in found]
    assert problems == []


def test_what_is_released_stays() -> None:
    loader = MigrationLoader(None)
    assert [key for key in released_migrations() if key not in loader.disk_migrations] == []


def _is_late_enough(since: str) -> bool:
    """Whether a release that did without it is out: an older one than this, and of its own."""
    if not since:
        return False
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    return since != VERSION and f"## {since} " in changelog


GOOD: list[Sequence[Operation]] = [
    [migrations.AddField("customer", "nickname", models.CharField(max_length=9, null=True))],
    [migrations.AddField("customer", "visits", models.IntegerField(db_default=0))],
    [migrations.AddIndex("customer", models.Index(fields=["name"], name="by_name"))],
    [migrations.AlterField("customer", "name", models.CharField(max_length=90))],
    [migrations.AlterField("customer", "name", models.CharField(max_length=40, null=True))],
    [migrations.RemoveConstraint("customer", "named")],
    [
        migrations.CreateModel("Friend", [("id", models.BigAutoField(primary_key=True))]),
        migrations.AddField("friend", "name", models.CharField(max_length=9, default="")),
    ],
    [
        migrations.SeparateDatabaseAndState(
            state_operations=[migrations.RemoveField("customer", "name")]
        )
    ],
    [migrations.RunSQL("CREATE VIEW few AS SELECT 1")],
]
BAD: list[Operation] = [
    migrations.RemoveField("customer", "name"),
    migrations.RenameField("customer", "name", "title"),
    migrations.DeleteModel("Customer"),
    migrations.RenameModel("Customer", "Client"),
    migrations.AlterModelTable("customer", "clients"),
    migrations.AddField("customer", "rank", models.IntegerField(default=0)),
    migrations.AddConstraint(
        "customer", models.CheckConstraint(condition=~models.Q(name=""), name="is_named")
    ),
    migrations.AlterField("customer", "name", models.CharField(max_length=20)),
    migrations.AlterField("customer", "name", models.IntegerField()),
    migrations.AlterField("customer", "name", models.CharField(max_length=40, unique=True)),
    migrations.AlterField("customer", "note", models.TextField()),
    migrations.RunSQL("ALTER TABLE customer DROP COLUMN name"),
    migrations.RunSQL("ALTER TABLE customer ALTER COLUMN note SET NOT NULL"),
]


def before() -> ProjectState:
    state = ProjectState()
    fields: list[tuple[str, models.Field[Any, Any]]] = [
        ("id", models.BigAutoField(primary_key=True)),
        ("name", models.CharField(max_length=40)),
        ("note", models.TextField(null=True)),
    ]
    named = models.CheckConstraint(condition=~models.Q(name="x"), name="named")
    options = {"constraints": [named], "indexes": []}
    state.add_model(ModelState("shop", "Customer", fields, options))
    return state


@pytest.mark.parametrize("operations", GOOD, ids=map(str, range(len(GOOD))))
def test_the_rule_lets_pass_what_widens(operations: Sequence[Operation]) -> None:
    assert list(narrowing(operations, "shop", before(), set())) == []


@pytest.mark.parametrize("operation", BAD, ids=map(str, range(len(BAD))))
def test_the_rule_finds_what_narrows(operation: Operation) -> None:
    assert len(list(narrowing([operation], "shop", before(), set()))) == 1


def test_the_list_of_what_is_released_can_be_read() -> None:
    assert RELEASED.exists()
    assert all(app in ROOMS for app, _name in released_migrations())
