from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from bizsecure.demo import loading
from bizsecure.demo.writing import hear_from_outside


class Command(BaseCommand):
    help = "Load a company in miniature, once, and print how to sign in."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--customers", type=int, default=200, help="how many (default: 200)")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("Known passwords have no place here: load_demo wants DEBUG=on.")
        if not loading.load(customers=options["customers"], progress=self.stdout.write):
            self.stdout.write("The demonstration is loaded already.")
        # Each is stored in a transaction of its own, and once however often this is done.
        hear_from_outside()
        self.stdout.write(f"Customer: {loading.CUSTOMER_EMAIL} / {loading.CUSTOMER_PASSWORD}")
        self.stdout.write(f"Staff:    {loading.STAFF_EMAIL} / {loading.STAFF_PASSWORD}")
        names = [email.partition("@")[0] for email in loading.STAFF_OF_ROLES.values()]
        self.stdout.write(f"Staff by role: the same with {', '.join(names)} in front of the @")
        self.stdout.write(f"Staff code: run `make code`, or give an app {loading.STAFF_APP_KEY}")
