from __future__ import annotations

import json
from contextlib import nullcontext
from itertools import chain
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from accounts.verification import verify, with_numbers, write_heads
from bizsecure.core.verifying import chained
from bizsecure.proofs.checking import wrong_heads

MOST_PRINTED = 1000


class Command(BaseCommand):
    help = (
        "Check every ledger of every customer, the streams of all other append-only tables and "
        "the signed heads, and print what was altered, removed or inserted, as JSON. Exit with 1 "
        "if anything was."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--write-heads",
            type=Path,
            metavar="FILE",
            help="write the last row of each chain; keep the file on another machine",
        )
        parser.add_argument(
            "--against",
            type=Path,
            metavar="FILE",
            help="compare with such a file, which also shows what is missing at the end of a chain",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        against, target = options["against"], options["write_heads"]
        printed, found = [], 0
        with against.open(encoding="utf-8", newline="") if against else nullcontext() as kept:
            for finding in chain(verify(kept), with_numbers(wrong_heads())):
                found += 1
                if found <= MOST_PRINTED:
                    printed.append(finding)
        answer: dict[str, Any] = {
            "intact": not found,
            "tables": [model._meta.db_table for model in chained()],
            "found": found,
            "findings": printed,
        }
        if target and not found:
            with target.open("w", encoding="utf-8", newline="") as file:
                answer["heads_written"] = write_heads(file)
        self.stdout.write(json.dumps(answer))
        if found:
            raise SystemExit(1)
