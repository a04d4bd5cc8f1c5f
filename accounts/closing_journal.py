"""Every closing, on this machine's disk beside the database, so that who left stays away.

What is noted here before its transaction is committed, `manage.py replay_closings` carries out
again on a database that was restored from an older dump: what was asked for, what was undone, and
above all what was erased. A note has the customer's number and times, and nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from django.conf import settings

from accounts.models import Closing, Customer
from bizsecure.core import journal

FILES = "closings"


class Step(StrEnum):
    """What became of the wish to close an account."""

    REQUESTED = "requested"
    UNDONE = "undone"
    ERASED = "erased"


class Unreadable(Exception):
    """A line that is no note, such as half of one."""


@dataclass(frozen=True)
class Note:
    """That a step was taken. The times are those of the closing it belongs to."""

    taken_at: datetime
    customer: str
    step: Step
    requested_at: datetime
    erase_at: datetime


def note(closing: Closing, step: Step, *, customer: Customer, taken_at: datetime) -> None:
    """Note a step on this machine's disk, and return once it is there."""
    line = {
        "closing": step.value,
        "customer": str(customer.number),
        "taken_at": taken_at.isoformat(),
        "requested_at": closing.requested_at.isoformat(),
        "erase_at": closing.erase_at.isoformat(),
    }
    journal.append(settings.OPT_OUT_JOURNAL, FILES, at=taken_at, line=line)


def is_of_a_closing(line: str) -> bool:
    """Return whether a line of this folder is of a closing, readable or not."""
    return line.startswith('{"closing": ')


def read_notes(lines: Iterable[str]) -> Iterator[Note | Unreadable]:
    """Yield what was noted of closings, and for each such line that is no note an Unreadable."""
    for line in lines:
        if is_of_a_closing(line):
            yield _read(line)


def _read(line: str) -> Note | Unreadable:
    try:
        kept = json.loads(line)
        taken, requested, erase = (
            datetime.fromisoformat(kept[name]).astimezone(UTC)
            for name in ("taken_at", "requested_at", "erase_at")
        )
        return Note(taken, str(kept["customer"]), Step(kept["closing"]), requested, erase)
    except (ValueError, TypeError, KeyError):
        return Unreadable()
