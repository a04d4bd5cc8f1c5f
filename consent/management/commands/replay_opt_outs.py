from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from consent.refusal_journal import read_notes
from consent.services.replaying import Replayed, replay


class Command(BaseCommand):
    help = (
        "Record from the journals of all machines what was refused after the dump that the "
        "database was restored from, and print as JSON what became of it. Run it before any "
        "worker starts. Exit with 1 if a line could not be read."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")

    def handle(self, *args: Any, **options: Any) -> None:
        found: Counter[Replayed] = Counter()
        for path in sorted(options["files"]):
            # Read whole, for what is recorded is noted in these files again.
            lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
            found += replay(read_notes(lines))
        self.stdout.write(json.dumps({each.value: found[each] for each in Replayed}))
        if found[Replayed.UNREADABLE]:
            raise SystemExit(1)
