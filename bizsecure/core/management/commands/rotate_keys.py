from __future__ import annotations

import base64
import json
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from bizsecure.core.keyring import digest_root
from bizsecure.core.rotating import rotate, under_older_keys


class Command(BaseCommand):
    help = (
        "Seal everything that an older key holds under the newest key of CRYPTOGRAPHY_KEYS, while "
        "the site runs; may be killed and run again. Prints counts as JSON."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--batch", type=int, default=500, help="rows in a transaction")
        parser.add_argument(
            "--progress", action="store_true", help="say of each batch that it is done, on stderr"
        )
        parser.add_argument(
            "--digest-key",
            action="store_true",
            help="print the DIGEST_KEY that keeps digests comparable, and do nothing else",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["digest_key"]:
            self.stdout.write(base64.b64encode(digest_root()).decode())
            return
        resealed: Counter[str] = Counter()
        for step in rotate(max(1, options["batch"])):
            resealed[step.name] += step.resealed
            if options["progress"]:
                self.stderr.write(f"{step.name} {resealed[step.name]}")
        counts = {name: number for name, number in resealed.items() if number}
        self.stdout.write(json.dumps({"resealed": counts, "under_older_keys": under_older_keys()}))
