"""What the documents name is there: files, functions, decisions, versions."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from bizsecure.version import VERSION
from tests.architecture.house import ROOT

DOCUMENTS = sorted(
    [*(ROOT / "docs").rglob("*.md"), *ROOT.glob("*.md")], key=lambda path: path.relative_to(ROOT)
)
FILE = re.compile(r"`([\w./-]+\.(?:py|md|txt|yaml|yml|sh|conf))`")
# `path/to/file.py`: `name`, and further names that follow with "and" or a comma.
STEP = re.compile(r"`([\w./-]+\.py)`:((?:(?:\s|,|and|its inverse)*`\w+`)+)")
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")
TOUR = (ROOT / "docs" / "tour.md").read_text(encoding="utf-8")


def defined_in(path: Path) -> set[str]:
    found = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    kinds = (ast.FunctionDef, ast.ClassDef)
    return {node.name for node in found if isinstance(node, kinds)}


def test_every_function_of_the_tour_is_where_it_says() -> None:
    steps = STEP.findall(TOUR)
    assert len(steps) > 12
    missing = [
        f"{path}: {function}"
        for path, names in steps
        for function in re.findall(r"`(\w+)`", names)
        if function not in defined_in(ROOT / path)
    ]
    assert missing == []


def test_every_file_of_the_tour_is_there() -> None:
    files = FILE.findall(TOUR)
    assert len(files) > 20
    assert [path for path in files if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_of_a_document_leads_somewhere(document: Path) -> None:
    links = LINK.findall(document.read_text(encoding="utf-8"))
    assert [link for link in links if not (document.parent / link).exists()] == []


def test_every_document_stands_in_the_index() -> None:
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    documents = [path.name for path in (ROOT / "docs").glob("*.md") if path.name != "README.md"]
    assert [name for name in documents if f"]({name})" not in index] == []


def test_every_decision_stands_in_its_index_under_its_number() -> None:
    folder = ROOT / "docs" / "decisions"
    index = (folder / "README.md").read_text(encoding="utf-8")
    for path in sorted(folder.glob("0*.md")):
        title = path.read_text(encoding="utf-8").splitlines()[0].removeprefix("# ")
        number, words = title.split(". ", 1)
        assert f"| {number} | [{words}]({path.name}) |" in index
        assert int(number) == int(path.name[:4])


def test_the_changelog_begins_with_the_version_of_the_code_and_a_day() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    headings = re.findall(r"^## (\S+) — (\d{4}-\d{2}-\d{2})$", changelog, re.MULTILINE)
    assert headings[0][0] == VERSION
    assert [day for _version, day in headings] == sorted(
        (day for _version, day in headings), reverse=True
    )
