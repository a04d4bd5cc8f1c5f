from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from consent.models import PRIVACY, PolicyVersion
from notifications.reporting import notice_report


class Command(BaseCommand):
    help = "Print how far the telling of a policy version has come, as JSON."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("version", type=int, help="the number of the version")
        parser.add_argument("--policy", default=PRIVACY, help="which policy (default: privacy)")

    def handle(self, *args: Any, **options: Any) -> None:
        posted = PolicyVersion.objects.of(options["policy"]).posted()
        version = posted.filter(number=options["version"]).first()
        if version is None:
            raise CommandError(f"No version {options['version']} was ever published.")
        self.stdout.write(json.dumps(notice_report(version).as_json()))
