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
import logging
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings

# Longer than any dump should be kept that somebody may want to restore.
KEPT_SECONDS = 400 * 24 * 3600
FILES = "opt-outs-*.jsonl"

logger = logging.getLogger(__name__)


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
    if settings.OPT_OUT_JOURNAL and written.uses:
        try:
            _append(Path(settings.OPT_OUT_JOURNAL), written)
        except OSError as problem:
            logger.warning("No journal of refusals: %s", type(problem).__name__)


def read_notes(lines: Iterable[str]) -> Iterator[Note | Unreadable]:
    """Yield what was noted, and for each line that is no note an Unreadable."""
    for line in lines:
        if line.strip():
            yield _read(line)


def _read(line: str) -> Note | Unreadable:
    try:
        kept = json.loads(line)
        said_at = datetime.fromisoformat(kept["said_at"]).astimezone(UTC)
        words = (str(kept["customer"]), str(kept["address_digest"]))
        return Note(said_at, *words, tuple(map(str, kept["uses"])))
    except (ValueError, TypeError, KeyError):
        return Unreadable()


def _append(folder: Path, written: Note) -> None:
    path = folder / f"opt-outs-{written.said_at.astimezone(UTC):%Y-%m-%d}.jsonl"
    if not path.exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _forget_old(folder)
    line = json.dumps({**asdict(written), "said_at": written.said_at.isoformat()})
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        # In one piece, so that two processes never mix their lines.
        os.write(file, f"{line}\n".encode())
        os.fsync(file)
    finally:
        os.close(file)


def _forget_old(folder: Path) -> None:
    for path in folder.glob(FILES):
        with suppress(OSError):
            if path.stat().st_mtime < time.time() - KEPT_SECONDS:
                path.unlink()
