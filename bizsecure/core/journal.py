"""Lines on this machine's disk beside the database, so that they outlive a lost database.

A line is there once `append` returns. Files are one a day and kept longer than any dump should be
kept that somebody may want to restore. A folder that cannot be written to costs the line and not
what it tells of; the log says so.
"""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

KEPT_SECONDS = 400 * 24 * 3600

logger = logging.getLogger(__name__)


def append(folder: str, name: str, *, at: datetime, line: Mapping[str, Any]) -> None:
    """Write a line into the file of this name and day, and return once it is on the disk."""
    if folder:
        try:
            _append(Path(folder), name, at, json.dumps(line))
        except OSError as problem:
            logger.warning("No journal of %s: %s", name, type(problem).__name__)


def _append(folder: Path, name: str, at: datetime, line: str) -> None:
    path = folder / f"{name}-{at.astimezone(UTC):%Y-%m-%d}.jsonl"
    if not path.exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _forget_old(folder, name)
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        # In one piece, so that two processes never mix their lines.
        os.write(file, f"{line}\n".encode())
        os.fsync(file)
    finally:
        os.close(file)


def _forget_old(folder: Path, name: str) -> None:
    for path in folder.glob(f"{name}-*.jsonl"):
        with suppress(OSError):
            if path.stat().st_mtime < time.time() - KEPT_SECONDS:
                path.unlink()
