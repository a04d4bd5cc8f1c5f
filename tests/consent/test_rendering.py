"""A policy as sections of a page: safe whatever stands in it, and with addresses that last."""

from __future__ import annotations

from html import escape
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bizsecure.core.leaving import way_out
from consent.rendering import ELEMENTS, sections


class Elements(HTMLParser):
    """Collects what a browser would make of HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: dict[str, set[str | None]] = {}
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        for name, value in attrs:
            self.attributes.setdefault(name, set()).add(value)


def rendered(markdown: str) -> str:
    return "".join(section.html for section in sections(markdown))


def test_a_policy_is_cut_at_its_headings() -> None:
    found = sections("Hello.\n\n## 1. What we hold\n\nYour *name*.\n\n### Also\n\nMore.\n\n# Last")
    assert [(section.number, section.title) for section in found] == [
        ("", ""),
        ("1", "1. What we hold"),
        ("", "Last"),
    ]
    assert found[0].html == "<p>Hello.</p>\n"
    assert found[1].html == "<p>Your <em>name</em>.</p>\n<h3>Also</h3>\n<p>More.</p>\n"


def test_an_empty_policy_has_no_sections() -> None:
    assert sections("") == ()


def test_the_address_of_a_section_outlives_a_new_numbering() -> None:
    before = sections("## 4. Cookies\n\nOld words.")
    after = sections("## 4. Something new\n\n## 5. Cookies\n\nNew words.")
    assert before[0].anchor == after[1].anchor == "section-cookies"


def test_sections_of_one_name_have_addresses_of_their_own() -> None:
    anchors = [section.anchor for section in sections("# A\n\n# A\n\n# A 2\n\n# A")]
    assert anchors == ["section-a", "section-a-2", "section-a-2-2", "section-a-3"]


@pytest.mark.parametrize(
    ("heading", "number"),
    [
        ("1. Cookies", "1"),
        ("1.2 Cookies", "1.2"),
        ("1.2. Cookies", "1.2"),
        ("24 hours", ""),
        ("Cookies", ""),
    ],
)
def test_the_number_of_a_section_is_the_one_its_heading_begins_with(
    heading: str, number: str
) -> None:
    assert sections(f"## {heading}")[0].number == number


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<svg onload=alert(1)>",
        "<img src=x onerror=alert(1)>",
        "<a href='https://example.com'>x</a>",
        "<!-- a comment -->",
        "<p style='color:red'>x</p>",
    ],
)
def test_html_in_a_paragraph_shows_as_text(hostile: str) -> None:
    html = rendered(f"Read {hostile} here.")
    assert Elements(html).names == {"p"}
    assert escape(hostile, quote=False) in html


@pytest.mark.parametrize(
    "words", ["{{ settings.SECRET_KEY }}", "{% load static %}", "{0.real}", "%(name)s"]
)
def test_words_for_a_template_stay_words(words: str) -> None:
    assert words in rendered(words)


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "data:text/html,x", "vbscript:x", "file:///etc/passwd"]
)
def test_a_link_leads_only_to_pages_and_mail(address: str) -> None:
    assert Elements(rendered(f"[x]({address})")).attributes.get("href", set()) == set()


def test_links_to_pages_and_mail_work() -> None:
    html = rendered("[a](https://example.com) <b@example.com> [c](/shop/)")
    expected = {way_out("https://example.com"), "mailto:b@example.com", "/shop/"}
    assert Elements(html).attributes["href"] == expected


def test_a_picture_from_elsewhere_is_not_loaded() -> None:
    assert "img" not in Elements(rendered("![seen](https://example.com/pixel.png)")).names


@given(st.text(alphabet="ab <>&\"'/[](){}*_#`-~=!\\\n.:1", max_size=200))
def test_whatever_is_written_only_known_elements_come_out(markdown: str) -> None:
    elements = Elements(rendered(markdown))
    assert elements.names <= ELEMENTS
    assert set(elements.attributes) <= {"class", "href", "rel", "start"}
