"""Two texts side by side: what stands beside what, and that no word is lost or made up."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.diff import MOST_PAIRS, Row, around_changes, side_by_side
from consent.prose import paragraphs

MARKS = re.compile(r"</?(?:del|ins)>")
# Everything that could end the marks of the comparison or begin ones of its own.
HOSTILE = st.text(alphabet="ab <>&\"'/[](){}*_#`-~=!\\\n.:%1", max_size=120)
PLAIN = st.text(alphabet="abcd \n", max_size=60)
WORDS = st.lists(st.sampled_from(["we", "your", "name", "never", "keep", "sell"]), max_size=12)


def read(side: str) -> str:
    """Return what a reader of one side reads."""
    return html.unescape(MARKS.sub("", side))


def words(markdown: str) -> list[str]:
    return [word for paragraph in paragraphs(markdown) for word in paragraph.text.split()]


def sides(rows: tuple[Row, ...]) -> tuple[list[str], list[str]]:
    old = [word for row in rows for word in read(row.old).split()]
    new = [word for row in rows for word in read(row.new).split()]
    return old, new


@given(old=st.one_of(HOSTILE, PLAIN), new=st.one_of(HOSTILE, PLAIN))
def test_each_side_holds_the_words_of_its_text_and_no_others(old: str, new: str) -> None:
    assert sides(side_by_side(old, new)) == (words(old), words(new))


@given(old=WORDS, new=WORDS)
def test_a_text_without_markdown_is_shown_word_for_word(old: list[str], new: list[str]) -> None:
    assert sides(side_by_side(" ".join(old), " ".join(new))) == (old, new)


@given(old=HOSTILE, new=HOSTILE)
def test_no_markup_of_a_text_gets_out_unescaped(old: str, new: str) -> None:
    for row in side_by_side(old, new):
        assert not re.search("[<>\"']", MARKS.sub("", row.old + row.new))


@given(old=HOSTILE, new=HOSTILE)
def test_what_is_the_same_carries_no_mark_and_what_is_not_does(old: str, new: str) -> None:
    for row in side_by_side(old, new):
        assert row.same == (row.old == row.new)
        assert row.same != bool(MARKS.search(row.old + row.new))


@given(text=HOSTILE)
def test_a_text_is_the_same_as_itself(text: str) -> None:
    assert all(row.same for row in side_by_side(text, text))


def test_only_the_words_that_changed_are_marked() -> None:
    (row,) = side_by_side("We keep your name for ever.", "We keep your name for a year.")
    assert row.old == "We keep your name for <del>ever</del>."
    assert row.new == "We keep your name for <ins>a year</ins>."


def test_a_change_within_a_word_marks_the_whole_word() -> None:
    (row,) = side_by_side("We use your address.", "We use your addresses.")
    assert row.old == "We use your <del>address</del>."


def test_an_address_is_one_word() -> None:
    (row,) = side_by_side("Write to <a@example.com>.", "Write to <b@example.com>.")
    assert row.old == "Write to <del>a@example.com</del>."


def test_added_and_removed_paragraphs_stand_alone() -> None:
    before = "We keep names.\n\nWe keep addresses.\n\nThe end of it."
    after = "We keep names.\n\nThe end of it.\n\nPartners receive nothing at all."
    rows = [(row.old, row.new) for row in side_by_side(before, after)]
    assert rows == [
        ("We keep names.", "We keep names."),
        ("<del>We keep addresses.</del>", ""),
        ("The end of it.", "The end of it."),
        ("", "<ins>Partners receive nothing at all.</ins>"),
    ]


def test_a_reworded_paragraph_stays_beside_itself_when_others_come_before_it() -> None:
    before = "Cookies remember your cart."
    after = "Quite another thing.\n\nWholly different matters.\n\nCookies remember your whole cart."
    assert [row.old for row in side_by_side(before, after)] == [
        "",
        "",
        "Cookies remember your cart.",
    ]


def test_a_heading_is_never_laid_beside_a_paragraph() -> None:
    rows = side_by_side("## Log files", "Log files")
    assert [(row.heading, row.old, row.new) for row in rows] == [
        (True, "<del>Log files</del>", ""),
        (False, "", "<ins>Log files</ins>"),
    ]


def test_the_marks_of_markdown_are_not_shown() -> None:
    (heading, row) = side_by_side("", "## 1. Cookies\n\nA *small* **note** in `code`\nand more.")
    assert (heading.heading, read(heading.new)) == (True, "1. Cookies")
    assert (row.heading, read(row.new)) == (False, "A small note in code and more.")


def test_where_a_link_leads_is_compared_too() -> None:
    (row,) = side_by_side("See [here](https://one.example).", "See [here](https://two.example).")
    assert row.old == "See here (https://<del>one.example</del>)."


def test_html_in_a_text_is_shown_as_text() -> None:
    (row,) = side_by_side("", "<script>alert(1)</script>")
    assert row.new == "<ins>&lt;script&gt;alert(1)&lt;/script&gt;</ins>"


def test_points_of_a_list_are_compared_one_by_one() -> None:
    rows = side_by_side("- your name\n- your cart", "- your name\n- your old cart")
    assert [row.same for row in rows] == [True, False]


def test_a_rewrite_of_everything_is_shown_without_looking_for_likeness() -> None:
    many = int(MOST_PAIRS**0.5) + 1
    before = "\n\n".join(f"word {number}" for number in range(many))
    after = "\n\n".join(f"word {number} again" for number in range(many))
    rows = side_by_side(before, after)
    assert len(rows) == 2 * many
    assert sides(rows) == (words(before), words(after))


TEXT = "## A\n\nfirst one\n\nsecond two\n\nthird three\n\n## B\n\nfourth four\n\nfifth five"


@pytest.mark.parametrize(
    ("changed", "shown"),
    [
        ("third", ["A", "second two", "third three"]),
        ("fifth", ["B", "fourth four", "fifth five"]),
        ("first", ["A", "first one", "second two"]),
        ("nothing", []),
    ],
)
def test_around_a_change_stand_its_neighbors_and_its_heading(
    changed: str, shown: list[str]
) -> None:
    rows = side_by_side(TEXT, TEXT.replace(changed, "another"))
    assert [read(row.old) for row in around_changes(rows)] == shown
