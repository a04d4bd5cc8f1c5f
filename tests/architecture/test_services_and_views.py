"""Views show, services change: each in its own modules, and the views short."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.architecture.house import functions, imports, modules, name, tree

CHANGES = {
    "save",
    "create",
    "update",
    "delete",
    "bulk_create",
    "bulk_update",
    "get_or_create",
    "update_or_create",
}
LONGEST_VIEW = 25
LONGEST_VIEWS_MODULE = 300


@pytest.mark.parametrize("path", modules("services"), ids=name)
def test_services_know_no_request(path: Path) -> None:
    takers = [
        function.name
        for function in functions(path)
        for argument in (*function.args.args, *function.args.kwonlyargs)
        if argument.arg == "request"
    ]
    web = [
        imported
        for imported in imports(path)
        if imported.startswith(("django.http", "django.shortcuts", "django.contrib.messages"))
    ]
    assert (takers, web) == ([], [])


@pytest.mark.parametrize("path", modules("services"), ids=name)
def test_services_with_several_arguments_take_them_by_name(path: Path) -> None:
    positional = [
        function.name
        for function in tree(path).body
        if isinstance(function, ast.FunctionDef) and not function.name.startswith("_")
        if function.args.posonlyargs
        or len(function.args.args) > 1
        or "actor" in {argument.arg for argument in function.args.args}
        or (function.args.args and function.args.kwonlyargs)
    ]
    assert positional == []


@pytest.mark.parametrize("path", modules("views", "admin", "tasks", "commands"), ids=name)
def test_state_changes_live_in_services(path: Path) -> None:
    changes = [
        f"line {node.lineno}: .{node.func.attr}()"
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in CHANGES
        # A dictionary is updated with another one, rows with names alone.
        and not (node.func.attr == "update" and node.args)
    ]
    assert changes == []


@pytest.mark.parametrize("path", modules("views"), ids=name)
def test_views_are_short(path: Path) -> None:
    long = {
        function.name: length
        for function in functions(path)
        if (length := (function.end_lineno or 0) - function.lineno + 1) > LONGEST_VIEW
    }
    assert long == {}
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_VIEWS_MODULE


@pytest.mark.parametrize("path", modules("tasks"), ids=name)
def test_a_task_only_calls_a_service(path: Path) -> None:
    long = [
        function.name
        for function in functions(path)
        if (function.end_lineno or 0) - function.lineno + 1 >= 10
    ]
    assert long == []


def test_there_are_services_and_views_to_look_at() -> None:
    assert modules("services")
    assert modules("views")
