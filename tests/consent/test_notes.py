"""What stands beside the sections of a policy: how it is written, and which of it is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from consent.beside import _tellers
from consent.notes import Note, Topic, UnreadableNotes, mistake_in_notes, read_notes
from consent.policy_file import read_policy_file
from consent.rendering import sections

POLICIES = Path(__file__).parents[2] / "consent" / "policies"
NOTES = """
## 1
We ask for five things,
and for nothing else.
For you: You see all of it.
Shows: details, product-news

## 2.1.
It is encrypted.
"""


def test_notes_are_read_with_everything_in_them() -> None:
    assert read_notes(NOTES) == (
        Note(
            "1",
            "We ask for five things, and for nothing else.",
            "You see all of it.",
            ("details", "product-news"),
        ),
        Note("2.1", "It is encrypted."),
    )


def test_a_version_may_have_none() -> None:
    assert read_notes("") == ()
    assert mistake_in_notes("", [], []) == ""


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("Words.\n## 1\nWords.", "they begin with a line like"),
        ("## 1\nWords.\n## 1\nWords.", "section 1 stands twice"),
        ("## 1\nFor you: Words.", "section 1 has no plain words"),
        ("## 1\n## 2\nWords.", "section 1 has no plain words"),
    ],
)
def test_notes_that_cannot_be_read_are_refused(source: str, why: str) -> None:
    with pytest.raises(UnreadableNotes, match=why):
        read_notes(source)
    assert why in mistake_in_notes(source, ["1", "2"], [])


def test_notes_fit_the_text_and_the_uses_they_stand_beside() -> None:
    uses = ["product-news"]
    assert mistake_in_notes(NOTES, ["1", "2.1"], uses) == ""
    assert mistake_in_notes(NOTES, ["1"], uses) == "the text has no section 2.1"
    unknown = "section 1 shows “product-news”, which is unknown"
    assert mistake_in_notes(NOTES, ["1", "2.1"], []) == unknown


@pytest.mark.parametrize("name", sorted(path.name for path in POLICIES.glob("*[0-9].md")))
def test_every_section_of_our_policies_is_said_in_plain_words(name: str) -> None:
    draft = read_policy_file(POLICIES / name)
    numbered = [section.number for section in sections(draft.text) if section.number]
    notes = read_notes(draft.notes)
    assert [note.section for note in notes] == numbered
    assert all(note.for_you for note in notes)


def test_a_room_speaks_about_every_topic() -> None:
    assert _tellers.keys() == set(Topic)
