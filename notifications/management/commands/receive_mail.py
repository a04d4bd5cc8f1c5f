from __future__ import annotations

import sys
from typing import Any, BinaryIO

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.actors import SYSTEM
from notifications.models import InboundMail
from notifications.services.hearing import MOST_OCTETS, Handover, hear

# The mail server keeps the mail and tries again later (EX_TEMPFAIL of sysexits.h).
TRY_AGAIN = 75
# How Postfix writes the sender of a mail that nobody is to answer.
NOBODY = {"", "<>", "MAILER-DAEMON"}
CHUNK = 1024 * 1024


class Command(BaseCommand):
    help = (
        "Take one mail on standard input, from a mail server. Exit code 0 says that it is kept "
        "here, 75 that the mail server must keep it and try again."
    )
    # It is run for each mail, and what is checked does not change between two of them.
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--recipient", default="", help="for whom, as the envelope says")
        parser.add_argument("--sender", help="from whom, as the envelope says; empty for nobody")

    def handle(self, *args: Any, **options: Any) -> None:
        sender = options["sender"]
        handover = Handover(
            recipient=options["recipient"],
            sender="" if sender in NOBODY else sender,
        )
        try:
            raw = _read(sys.stdin.buffer)
            hear(raw=raw, way=InboundMail.Way.PIPE, actor=SYSTEM, handover=handover)
        except Exception as problem:  # noqa: BLE001  for each of them the mail server can wait
            # Whatever it is, nothing of the mail may get lost, or into a log.
            words = f"Not kept ({type(problem).__name__}). Try again later."
            raise CommandError(words, returncode=TRY_AGAIN) from None


def _read(stream: BinaryIO) -> bytes:
    """Return the mail, and of a larger one than we keep one octet more, as a sign of it.

    All of it is read: a mail server whose pipe breaks would take the mail for not delivered.
    """
    kept = stream.read(MOST_OCTETS + 1)
    while stream.read(CHUNK):
        pass
    return kept
