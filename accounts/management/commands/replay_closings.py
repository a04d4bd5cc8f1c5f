from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from accounts.closing_journal import read_notes
from accounts.services.replaying import Replayed, replay


class Command(BaseCommand):
    help = (
        "Close and erase again, from the journals of all machines, what was closed and erased "
        "after the dump that the database was restored from, and print as JSON what became of it. "
        "Run it after replay_opt_outs and before any worker starts. Exit with 1 if a line could "
        "not be read."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")

    def handle(self, *args: Any, **options: Any) -> None:
        # Read whole, for what is done is noted in these files again.
        lines = [
            line
            for path in sorted(options["files"])
            for line in path.read_text(encoding="utf-8", errors="replace").splitlines()
        ]
        found: Counter[Replayed] = replay(read_notes(lines))
        self.stdout.write(json.dumps({each.value: found[each] for each in Replayed}))
        if found[Replayed.UNREADABLE]:
            raise SystemExit(1)
