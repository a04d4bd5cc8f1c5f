"""What stands beside the sections of a policy for one reader.

Everybody reads the plain words and what they mean in general. A signed-in customer reads beside
them how it stands with their own: the choices the section speaks of, and what is held of them.
Each room says what it knows about a topic, from `AppConfig.ready()`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from accounts.models import Customer
from consent.models import PRIVACY, PolicyVersion
from consent.notes import Note, Topic, read_notes
from consent.rendering import Section, sections
from consent.standing import Standing, standings
from consent.wording import Words


@dataclass(frozen=True)
class Fact:
    """A sentence about a customer's own, and where more of it is."""

    text: str
    url: str
    action: str


@dataclass(frozen=True)
class Clause:
    """A section of a policy and what stands beside it."""

    section: Section
    note: Note | None
    facts: tuple[Fact, ...]
    decisions: tuple[Standing, ...]


Found = TypeVar("Found")
Teller = Callable[[Customer, datetime], Fact]

_tellers: dict[Topic, Teller] = {}
_OF_TODAY = (PolicyVersion.State.IN_FORCE, PolicyVersion.State.COMING)


class ToldTwice(Exception):
    """A topic that another room speaks about already."""


def tells(topic: Topic, teller: Teller) -> None:
    """Say what a customer is told about a topic; called while the rooms start."""
    if topic in _tellers:
        raise ToldTwice(topic)
    _tellers[topic] = teller


def clauses(
    version: PolicyVersion, customer: Customer | None, now: datetime, words: Words | None = None
) -> list[Clause]:
    """Return the sections of a version with what stands beside them, in these words or its own.

    A customer's own is looked up only for what the notes name, each thing once however many
    sections name it. Versions that bind nobody any more, or never will, say nothing about it.
    """
    words = words or version
    notes = {note.section: note for note in read_notes(words.notes)}
    named = {name for note in notes.values() for name in note.shows}
    shown = customer if version.state in _OF_TODAY else None
    facts = _facts(named, shown, now)
    decisions = _decisions(named, shown) if version.slug == PRIVACY else {}
    return [
        _clause(section, notes.get(section.number), facts, decisions)
        for section in sections(words.text)
    ]


def _clause(
    section: Section,
    note: Note | None,
    facts: Mapping[str, Fact],
    decisions: Mapping[str, Standing],
) -> Clause:
    names = note.shows if note else ()
    return Clause(section, note, _found(names, facts), _found(names, decisions))


def _found(names: Iterable[str], known: Mapping[str, Found]) -> tuple[Found, ...]:
    return tuple(known[name] for name in names if name in known)


def _facts(named: set[str], customer: Customer | None, now: datetime) -> dict[str, Fact]:
    if customer is None:
        return {}
    return {topic: _tellers[topic](customer, now) for topic in Topic if topic in named}


def _decisions(named: set[str], customer: Customer | None) -> dict[str, Standing]:
    if customer is None or named <= set(Topic):
        return {}
    return {standing.use_key: standing for standing in standings(customer)}
