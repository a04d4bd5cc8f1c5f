"""Migrations say in their name what they do."""

from __future__ import annotations

import re

from tests.architecture.house import modules, name


def test_no_migration_has_the_name_a_tool_gave_it() -> None:
    given_by_a_tool = re.compile(r"auto_|_and_more$|^(?!0001)\d{4}_initial$")
    numbered = [path for path in modules("migrations") if path.stem != "__init__"]
    assert numbered
    assert [name(path) for path in numbered if given_by_a_tool.search(path.stem)] == []
