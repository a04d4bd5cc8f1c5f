"""The pages about ASVS and about faults are whole: each line once, each test and section there."""

from __future__ import annotations

import ast
import re
from collections import Counter
from functools import lru_cache
from pathlib import Path

import pytest

from tests.architecture.house import ROOT

PAGE = ROOT / "docs" / "asvs.md"
FAULTS = ROOT / "docs" / "faults.md"
ROW = re.compile(r"^\| (\d+\.\d+\.\d+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
NOT_MET = "**no**"
FEWEST_MET = 180
# The requirements of levels 1 and 2 that concern the portal: section, and which of it.
SCOPE = {
    "1.1": "1-2", "1.2": "1-5,9", "1.3": "1-3,5-7,10-11", "1.4": "2", "1.5": "2",
    "2.1": "1-3", "2.2": "1-3", "2.3": "1-4", "2.4": "1",
    "3.2": "1-2", "3.3": "1-4", "3.4": "1-6", "3.5": "1,3-4", "3.7": "1-2",
    "4.1": "1-3", "4.2": "1", "5.2": "1", "5.3": "2", "5.4": "1-2",
    "6.1": "1-3", "6.2": "1-12", "6.3": "1-4", "6.4": "1-4", "6.5": "1-5", "6.6": "2-3",
    "7.1": "1-2", "7.2": "1-4", "7.3": "1-2", "7.4": "1-5", "7.5": "1-2", "7.6": "2",
    "8.1": "1-2", "8.2": "1-3", "8.3": "1", "8.4": "1", "9.1": "1-3", "9.2": "1-3",
    "11.1": "1-2", "11.2": "1-3", "11.3": "1-3", "11.4": "1-4", "11.5": "1", "11.6": "1",
    "12.1": "1-2", "12.2": "1-2", "12.3": "1-4",
    "13.1": "1", "13.2": "1-5", "13.3": "1-2", "13.4": "1-5",
    "14.1": "1-2", "14.2": "1-4", "14.3": "1-3",
    "15.1": "1-3", "15.2": "1-3", "15.3": "1-7",
    "16.1": "1", "16.2": "1-5", "16.3": "1-4", "16.4": "1-3", "16.5": "1-3",
}  # fmt: skip


def in_scope() -> list[str]:
    """Return the number of each requirement that concerns the portal."""
    numbers = []
    for section, members in SCOPE.items():
        for part in members.split(","):
            first, _to, last = part.partition("-")
            numbers += [f"{section}.{n}" for n in range(int(first), int(last or first) + 1)]
    return numbers


def rows() -> list[tuple[str, str, str, str]]:
    """Return what the page says: number, what is asked, what meets it, what shows it."""
    return [tuple(row) for row in ROW.findall(PAGE.read_text(encoding="utf-8"))]


@lru_cache
def functions_of(path: Path) -> frozenset[str]:
    """Return the functions of a module of tests."""
    found = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    return frozenset(node.name for node in found if isinstance(node, ast.FunctionDef))


def sections_of(path: Path) -> set[str]:
    """Return the headings of a page, as addresses name them."""
    headings = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    plain = (re.sub(r"[^\w\s-]", "", heading.lower()).strip() for heading in headings)
    return {re.sub(r"\s", "-", heading) for heading in plain}


def test_each_requirement_of_the_scope_stands_there_once() -> None:
    assert Counter(number for number, *_rest in rows()) == Counter(in_scope())
    assert len(in_scope()) == 186


def is_there(proof: str) -> bool:
    """Whether the test or the section that is named exists."""
    file, _mark, function = proof.partition("::")
    if function:
        return (ROOT / file).is_file() and function in functions_of(ROOT / file)
    page, _hash, section = proof.partition("#")
    return (ROOT / page).is_file() and section in sections_of(ROOT / page)


def test_whatever_is_said_to_show_it_exists() -> None:
    assert [(number, proof) for number, _asks, _by, proof in rows() if not is_there(proof)] == []


def test_what_is_not_met_is_explained_and_little() -> None:
    text = PAGE.read_text(encoding="utf-8")
    missing = [number for number, _asks, by, _proof in rows() if NOT_MET in by]
    explained = re.findall(r"^\*\*((?:\d+\.\d+\.\d+(?:, )?)+)\*\* ", text, re.MULTILINE)
    assert [each for numbers in explained for each in numbers.split(", ")] == missing
    assert len(rows()) - len(missing) >= FEWEST_MET


def test_each_fault_and_each_surface_is_shown_by_a_test_that_exists() -> None:
    text = FAULTS.read_text(encoding="utf-8")
    letters = re.findall(r"^\| ([A-Z]) \|", text, re.MULTILINE)
    assert letters == [chr(ord("A") + place) for place in range(25)]
    named = re.findall(r"(tests/\S+::\w+) \|$", text, re.MULTILINE)
    assert len(named) >= 35
    assert [proof for proof in named if not is_there(proof)] == []


@pytest.mark.parametrize(
    "proof",
    [
        "tests/architecture/test_asvs_document.py::nothing_at_all",
        "tests/nowhere.py::test_x",
        "docs/security.md#no-such-heading",
        "docs/nowhere.md#x",
    ],
)
def test_what_is_not_there_is_noticed(proof: str) -> None:
    assert not is_there(proof)
