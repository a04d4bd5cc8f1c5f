"""What stands beside the sections of a policy: plain words, and what they mean for the reader.

An editor writes it with the text, a part for each section that has something to say:

    ## 4
    A cookie remembers your name and your cart.
    For you: You can read every public page without cookies.
    Shows: cart, suggestions

The first words say the section in plain words, those after "For you:" what it means for anybody.
"Shows:" names what a signed-in customer is told of their own: topics, and keys of uses that the
version declares. None of it is binding; it is hashed and frozen with the version all the same.
Pure: no clock, no database.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext as _

HEADING = re.compile(r"##\s+(?P<section>\d+(?:\.\d+)*)\.?")
PART = re.compile(r"(?P<part>For you|Shows):(?P<rest>.*)")


class Topic(StrEnum):
    """What of a customer's own can be shown beside a section. A closed list."""

    DETAILS = "details"
    CARDS = "cards"
    LOOKS = "looks"
    CONVERSATIONS = "conversations"
    CART = "cart"
    RECIPIENTS = "recipients"
    CORRECTIONS = "corrections"
    NOTICES = "notices"
    DISCLOSURES = "disclosures"


@dataclass(frozen=True)
class Note:
    """What stands beside a section. `shows` holds topics and keys of uses."""

    section: str
    words: str
    for_you: str = ""
    shows: tuple[str, ...] = ()


class UnreadableNotes(ValueError):
    """The notes are not as they must be; the message says where and why."""


def read_notes(source: str) -> tuple[Note, ...]:
    """Return the notes of a version in their order.

    Lines that follow each other are one paragraph. UnreadableNotes for words before the first
    heading, a section that stands twice and a heading without words.
    """
    notes: list[Note] = []
    for section, parts in _parts(source):
        if section in {note.section for note in notes}:
            raise UnreadableNotes(_("section %(section)s stands twice") % {"section": section})
        words, for_you, shows = (" ".join(parts[name]) for name in ("", "For you", "Shows"))
        if not words:
            raise UnreadableNotes(
                _("section %(section)s has no plain words") % {"section": section}
            )
        names = tuple(name.strip() for name in shows.split(",") if name.strip())
        notes.append(Note(section, words, for_you, names))
    return tuple(notes)


def mistake_in_notes(source: str, sections: Collection[str], uses: Collection[str]) -> str:
    """Return why the notes do not fit a text with these sections and uses; nothing if they do."""
    try:
        notes = read_notes(source)
    except UnreadableNotes as error:
        return str(error)
    known = {*Topic, *uses}
    for note in notes:
        if note.section not in sections:
            return _("the text has no section %(section)s") % {"section": note.section}
        for name in note.shows:
            if name not in known:
                return _("section %(section)s shows “%(name)s”, which is unknown") % {
                    "section": note.section,
                    "name": name,
                }
    return ""


def _parts(source: str) -> Iterator[tuple[str, dict[str, list[str]]]]:
    section = part = ""
    parts: dict[str, list[str]] = {"": [], "For you": [], "Shows": []}
    for line in filter(None, map(str.strip, source.splitlines())):
        if heading := HEADING.fullmatch(line):
            if section:
                yield section, parts
            section, part = heading["section"], ""
            parts = {"": [], "For you": [], "Shows": []}
            continue
        if not section:
            raise UnreadableNotes(_("they begin with a line like “## 1”"))
        begun = PART.fullmatch(line)
        part = begun["part"] if begun else part
        parts[part].append(begun["rest"].strip() if begun else line)
    if section:
        yield section, parts
