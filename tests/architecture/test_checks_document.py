"""Whatever stops a start has a heading that its message leads to, and a test that provokes it."""

from __future__ import annotations

import re

import pytest

from tests.architecture.house import PACKAGES, ROOT

PAGE = ROOT / "docs" / "checks.md"
AN_ID = re.compile(
    r'"((?:bizsecure|accounts|consent|notifications|proofs|store|vault)\.[EW]\d{3})"'
)
SHORT = re.compile(r'"([EW]\d{3})"')


def used() -> dict[str, str]:
    """Return each id, and the source of the module that uses it."""
    return {
        identifier: source
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        for source in [path.read_text(encoding="utf-8")]
        for identifier in AN_ID.findall(source)
    }


def headings() -> list[str]:
    return re.findall(r"^## (\S+)$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)


def test_the_page_has_a_heading_for_each_check_and_for_nothing_else() -> None:
    assert sorted(headings()) == sorted(used())
    assert len(headings()) >= 30


@pytest.mark.parametrize("identifier", sorted(used()))
def test_the_message_of_a_check_says_where_to_read_on(identifier: str) -> None:
    source, anchor = used()[identifier], identifier.lower().replace(".", "")
    # What stops the start before Django does gets its link from one function.
    assert f"docs/checks.md#{anchor}" in source or f'_stop(\n                "{identifier}"' in (
        re.sub(r"_stop\(\s*", "_stop(\n                ", source)
    )


def test_each_check_is_provoked_by_a_test() -> None:
    tests = "".join(
        path.read_text(encoding="utf-8")
        for path in (ROOT / "tests").rglob("test_*.py")
        if path.name != "test_checks_document.py"
    )
    known = set(AN_ID.findall(tests)) | {f"bizsecure.{short}" for short in SHORT.findall(tests)}
    assert set(used()) - known == set()
