from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from notifications.services.announcing import announce_changes
from notifications.services.delivering import deliver_due


class Command(BaseCommand):
    help = "Run one pass of the notice job, delivery included, and print its counts as JSON."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--queue-only", action="store_true", help="leave delivery to workers")
        parser.add_argument("--seconds", type=float, default=3600, help="deliver for at most")

    def handle(self, *args: Any, **options: Any) -> None:
        counts: dict[str, int] = asdict(announce_changes())
        outcomes = {} if options["queue_only"] else deliver_due(seconds=options["seconds"])
        for outcome in ("accepted", "refused", "deferred", "unconfirmed"):
            counts[outcome] = outcomes.get(outcome, 0)
        self.stdout.write(json.dumps(counts))
