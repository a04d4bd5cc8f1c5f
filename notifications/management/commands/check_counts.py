from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from consent.counting import Counts, differences
from consent.services.recounting import recount
from notifications.progress import miscounted_mails, miscounted_tellings
from notifications.services.announcing import look_through_again, overlooked
from notifications.services.forgetting import recount_mails


class Command(BaseCommand):
    help = (
        "Count who is affected by each change, told of it, and said yes or no, customer by "
        "customer, the mails by their state, and who is told of what staff announced, and compare "
        "with the counts that reports are made of; and look for customers who are to be told of a "
        "change and whom the next pass would not find. Prints JSON; exits with 1 if they differ."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--repair", action="store_true", help="count everything anew first")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["repair"]:
            recount()
            recount_mails()
            look_through_again()
        found: list[dict[str, Any]] = [
            {
                "policy": version.slug,
                "version": version.number,
                "kept": _plain(kept),
                "counted": _plain(counted),
            }
            for version, kept, counted in differences()
        ]
        found += [asdict(wrong) for wrong in (*miscounted_mails(), *miscounted_tellings())]
        found += [{"campaign": each.pk, "overlooked": missed} for each, missed in overlooked()]
        self.stdout.write(json.dumps({"equal": not found, "differences": found}))
        if found:
            raise SystemExit(1)


def _plain(counts: Counts) -> dict[str, Any]:
    told = {begins.isoformat(): people for begins, people in counts.told.items()}
    return {**asdict(counts), "told": told}
