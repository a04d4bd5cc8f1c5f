"""What a mail server took and the database does not know yet, on this machine's disk.

Between two commits a worker notes each accepted mail here: eight octets at the end of a file,
which outlive the process (not a power cut). The next owner of the batch on this machine records
what it finds before it sends anything, so that a killed worker repeats what was under way on its
connections and no more. An owner on another machine finds nothing, and repeats what was not
committed. A folder that cannot be written to costs the notes and no mail.
"""

from __future__ import annotations

import hashlib
import logging
import os
import time
from contextlib import suppress
from pathlib import Path

from django.conf import settings

from notifications.models import Campaign, MailBatch

KEY_OCTETS = 8
# Notes of a batch that somebody finished on another machine are of no use to anyone.
KEPT_SECONDS = 30 * 24 * 3600

logger = logging.getLogger(__name__)


class Journal:
    """The notes of one owner of a batch. Single mails need none: each is recorded by itself."""

    def __init__(self, batch: MailBatch, epoch: int) -> None:
        self._folder = Path(settings.NOTICE_JOURNAL) if settings.NOTICE_JOURNAL else None
        if batch.campaign is None:
            self._folder = None
        else:
            self._name = _name_of(batch.pk, batch.campaign)
        self._epoch = epoch
        self._file: int | None = None

    def left_behind(self) -> list[int]:
        """Return the keys that former owners of the batch noted."""
        keys: list[int] = []
        for path in self._of_former_owners():
            with suppress(OSError):
                notes = path.read_bytes()
                # Whoever was killed may have left half a note.
                ends = range(KEY_OCTETS, len(notes) + 1, KEY_OCTETS)
                keys += [int.from_bytes(notes[end - KEY_OCTETS : end], "big") for end in ends]
        return keys

    def start(self) -> None:
        """Begin with no notes. What former owners noted is recorded by now, and goes."""
        if self._folder is None:
            return
        try:
            for path in self._of_former_owners():
                path.unlink(missing_ok=True)
            self._folder.mkdir(parents=True, exist_ok=True)
            path = self._folder / f"{self._name}.{self._epoch}"
            self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_TRUNC, 0o600)
        except OSError as problem:
            logger.warning("No journal of accepted mails: %s", type(problem).__name__)

    def note(self, key: int) -> None:
        """Note that this mail was accepted, at once."""
        if self._file is not None:
            try:
                os.write(self._file, key.to_bytes(KEY_OCTETS, "big"))
            except OSError as problem:
                # Half a note would make those behind it unreadable.
                logger.warning("No journal of accepted mails: %s", type(problem).__name__)
                self._close()

    def clear(self) -> None:
        """Forget all notes: what they say is committed."""
        if self._file is not None:
            os.ftruncate(self._file, 0)

    def end(self) -> None:
        """Take the journal away: everything is committed."""
        self._close()
        if self._folder is not None:
            with suppress(OSError):
                (self._folder / f"{self._name}.{self._epoch}").unlink()

    def _close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _of_former_owners(self) -> list[Path]:
        if self._folder is None:
            return []
        paths = self._folder.glob(f"{self._name}.*")
        return sorted(path for path in paths if path.suffix != f".{self._epoch}")


def forget_old_notes() -> None:
    """Remove the notes of batches that nobody here took up again."""
    if settings.NOTICE_JOURNAL:
        for path in Path(settings.NOTICE_JOURNAL).glob("*-*.*"):
            with suppress(OSError):
                if path.stat().st_mtime < time.time() - KEPT_SECONDS:
                    path.unlink()


def _name_of(batch_id: int, campaign: Campaign) -> str:
    """A name that no batch of another database has, though its keys be the same."""
    # When its campaign was made tells a batch from those of a database that was made anew.
    made = f"{campaign.created_at.isoformat()} {settings.SITE_URL}"
    return f"{batch_id}-{hashlib.sha256(made.encode()).hexdigest()[:16]}"
