"""Every no, on this machine's disk beside the database, so that it outlives a lost database.

A dump is hours old when it is needed, and whoever said no after it must stay heard (OPT-1). So
each no is noted in a file here before its transaction is committed, and `manage.py replay_opt_outs`
records from these files what a restored database does not know. A no whose transaction fails is
noted all the same; to hear it twice harms nobody. Only refusals are noted: a yes that was lost is
asked for again, for silence is a no.

A note has the customer's number, the keyed digest of the address, the uses and the time. A folder
that cannot be written to costs the note and not the no; the log says so.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from django.conf import settings

from accounts.closing_journal import is_of_a_closing
from bizsecure.core import journal

FILES = "opt-outs"


class Unreadable(Exception):
    """A line that is no note, such as half of one."""


@dataclass(frozen=True)
class Note:
    """That somebody said no. `customer` is a number, empty for an address that nobody has."""

    said_at: datetime
    customer: str
    address_digest: str
    uses: tuple[str, ...]


def note(*, customer: str, address_digest: str, uses: Iterable[str], said_at: datetime) -> None:
    """Note a no to these uses on this machine's disk, and return once it is there."""
    written = Note(said_at, customer, address_digest, tuple(uses))
    if written.uses:
        line = {**asdict(written), "said_at": said_at.isoformat()}
        journal.append(settings.OPT_OUT_JOURNAL, FILES, at=said_at, line=line)


def read_notes(lines: Iterable[str]) -> Iterator[Note | Unreadable]:
    """Yield what was noted, and for each line that is no note an Unreadable.

    Notes of closings lie in the same folder and are passed over.
    """
    for line in lines:
        if line.strip() and not is_of_a_closing(line):
            yield _read(line)


def _read(line: str) -> Note | Unreadable:
    try:
        kept = json.loads(line)
        said_at = datetime.fromisoformat(kept["said_at"]).astimezone(UTC)
        words = (str(kept["customer"]), str(kept["address_digest"]))
        return Note(said_at, *words, tuple(map(str, kept["uses"])))
    except (ValueError, TypeError, KeyError):
        return Unreadable()
