"""Whoever sets up a site finds every name in .env.example, and no name that nobody reads."""

from __future__ import annotations

import ast
import re

from tests.architecture.house import ROOT, tree

ENVIRONMENT_NAME = re.compile(r"[A-Z][A-Z_]*[A-Z]")


def test_the_example_lists_exactly_the_names_the_settings_read() -> None:
    read = {
        node.args[0].value
        for module in ("environment.py", "settings.py")
        for node in ast.walk(tree(ROOT / "bizsecure" / module))
        if isinstance(node, ast.Call) and node.args
        if isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str)
        if ENVIRONMENT_NAME.fullmatch(node.args[0].value)
    }
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    listed = set(re.findall(r"^([A-Z_]+)=", example, re.MULTILINE))
    assert listed == read
