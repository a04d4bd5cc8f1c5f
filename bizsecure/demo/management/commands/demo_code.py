from __future__ import annotations

import time
from typing import Any

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from bizsecure.demo.loading import STAFF_APP_KEY

PERIOD = 30


class Command(BaseCommand):
    help = "Print the code that the demonstration's staff sign in with after the password."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("Known codes have no place here: demo_code wants DEBUG=on.")
        period, passed = divmod(int(time.time()), PERIOD)
        code = format_hotp_value(hotp_value(STAFF_APP_KEY, period))
        self.stdout.write(f"{code}  (good for {PERIOD - passed} seconds, and once)")
