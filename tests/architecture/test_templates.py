"""Pages carry no script or style of their own, so that the content security policy stays strict."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.architecture.house import ROOT, name

TAGS_OF_DJANGO = re.compile(r"{%.*?%}|{#.*?#}", re.DOTALL)
VALUES_OF_DJANGO = re.compile(r"{{.*?}}", re.DOTALL)
PAGES = sorted((ROOT / "templates").rglob("*.html"))


class InlineCode(HTMLParser):
    """Collects what a strict policy would block."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        is_data = given.get("type") == "application/json"
        if tag == "style" or (tag == "script" and "src" not in given and not is_data):
            self.found.append(f"<{tag}> in line {self.getpos()[0]}")
        for attribute, value in attrs:
            runs = attribute == "style" or attribute.startswith("on")
            if runs or (value or "").strip().lower().startswith("javascript:"):
                self.found.append(f"{attribute}= in line {self.getpos()[0]}")


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_no_page_has_inline_script_style_or_handlers(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    html = VALUES_OF_DJANGO.sub("value", TAGS_OF_DJANGO.sub(" ", source))
    parser = InlineCode()
    parser.feed(html)
    assert parser.found == []


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_no_page_loads_anything_from_another_site(path: Path) -> None:
    loads = re.compile(r"""(?:src|srcset|data|poster)\s*=\s*["']?\s*(?:https?:)?//|@import|url\(""")
    assert loads.findall(path.read_text(encoding="utf-8")) == []


def test_the_search_finds_what_it_looks_for() -> None:
    parser = InlineCode()
    parser.feed('<p style="x" onclick="y">z</p><script>1</script><a href="javascript:0">z</a>')
    assert len(parser.found) == 4
