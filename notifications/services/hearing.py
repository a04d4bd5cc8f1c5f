"""Hearing what comes in by mail: stored first, then handled, once (MAIL-1, OPT-1).

Three ways lead here: the pipe of our mail server, the mailbox that a job looks into, and the
calls of a mail provider. What was stored is handled by whoever comes first, the one who stored
it or the sweep; a mail is found and done, or nothing of it is. Killed at any line, it is done by
the next sweep.
"""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.actors import SYSTEM, Actor
from bizsecure.core.keyring import digest
from notifications.hearing.boxes import destination_of
from notifications.hearing.parsing import parse
from notifications.models import InboundMail
from notifications.services.bouncing import NotYet
from notifications.services.sorting import Heard, sort

logger = logging.getLogger(__name__)

# What is kept of a mail until it is handled. The end of a larger one is left out, and whoever
# reads it is told so; nobody's wish is lost because of a picture.
MOST_OCTETS = 10 * 1024 * 1024
AT_A_TIME = 200
MOST_ATTEMPTS = 8
FIRST_WAIT = timedelta(minutes=5)
# How long a mail is known again, should it come once more.
KNOWN_FOR = timedelta(days=90)


@dataclass(frozen=True)
class Handover:
    """How the mail server got it: for which of our addresses, and from whom.

    The sender is empty where nobody is to be answered, and None where it is not known.
    """

    recipient: str = ""
    sender: str | None = None


def hear(
    *, raw: bytes, way: InboundMail.Way, actor: Actor = SYSTEM, handover: Handover | None = None
) -> InboundMail:
    """Store a mail and handle it. Once it is stored nothing is raised: a sweep tries again.

    A mail that came before, whichever way, is the row that there is.
    """
    stored, is_new = _store(raw, way, handover or Handover())
    if is_new:
        _handle(stored.pk, actor)
        stored.refresh_from_db()
    return stored


def hear_waiting(*, actor: Actor = SYSTEM) -> int:
    """Handle what is stored and was not handled; return how many mails were."""
    due = InboundMail.objects.due(timezone.now()).values_list("pk", flat=True)[:AT_A_TIME]
    return sum(_handle(key, actor) for key in list(due))


def try_again(*, mails: Iterable[int], actor: Actor) -> int:
    """Have mails that could not be handled tried anew, now that somebody looked into why.

    Returns how many; the next sweep handles them. Twice is once.
    """
    stuck = InboundMail.objects.stuck().filter(pk__in=list(mails))
    return int(stuck.update(due_at=timezone.now(), attempts=0))


def forget_heard() -> int:
    """Forget that mails came, once nobody sends them again; return how many."""
    old = InboundMail.objects.filter(handled_at__lt=timezone.now() - KNOWN_FOR)
    keys = list(old.order_by("pk").values_list("pk", flat=True)[:1000])
    InboundMail.objects.filter(pk__in=keys).delete()
    return len(keys)


def _store(raw: bytes, way: InboundMail.Way, handover: Handover) -> tuple[InboundMail, bool]:
    kept = raw[:MOST_OCTETS]
    mail = parse(kept)
    where = destination_of(mail, handover.recipient, settings.MAIL_DOMAIN)
    now = timezone.now()
    row = InboundMail(
        digest=digest("inbound mail", f"{where.box.value} {where.token} {mail.sameness}"),
        way=way,
        box=where.box.value,
        raw=base64.b64encode(kept).decode(),
        envelope=json.dumps(asdict(_shortened(handover))),
        is_cut=len(raw) > MOST_OCTETS,
        received_at=now,
        due_at=now,
    )
    # Committed before anybody says that we have it.
    with transaction.atomic(durable=True):
        InboundMail.objects.bulk_create([row], ignore_conflicts=True)
    stored = InboundMail.objects.get(digest=row.digest)
    return stored, stored.uid == row.uid


def _shortened(handover: Handover) -> Handover:
    sender = handover.sender
    return Handover(handover.recipient[:500], None if sender is None else sender[:500])


def _handle(key: int, actor: Actor) -> bool:
    """Claim a mail and handle it. Whatever goes wrong leaves it for a later sweep."""
    now = timezone.now()
    row: InboundMail | None = InboundMail.objects.due(now).filter(pk=key).first()
    if row is None or not _claim(row, now):
        return False
    try:
        return _answer(row, actor, now)
    except NotYet:
        # It comes too early, which is nobody's mistake.
        InboundMail.objects.waiting().filter(pk=key).update(attempts=F("attempts") - 1)
    except Exception as problem:  # noqa: BLE001  the mails behind this one must not wait for it
        # Without its words, which name people.
        logger.error("mail %s could not be handled: %s", key, type(problem).__name__)  # noqa: TRY400
        if row.attempts + 1 >= MOST_ATTEMPTS:
            InboundMail.objects.waiting().filter(pk=key).update(due_at=None)
    return False


def _claim(row: InboundMail, now: datetime) -> bool:
    """Put the next try off; of two who want the same mail one succeeds."""
    mine = InboundMail.objects.waiting().filter(pk=row.pk, due_at=row.due_at)
    later = now + FIRST_WAIT * 2 ** min(row.attempts, MOST_ATTEMPTS)
    return bool(mine.update(due_at=later, attempts=F("attempts") + 1))


@transaction.atomic
def _answer(row: InboundMail, actor: Actor, now: datetime) -> bool:
    """Do what the mail asks for and erase it, in one."""
    held = InboundMail.objects.select_for_update().get(pk=row.pk)
    if held.handled_at is not None:
        return False
    result = sort(heard=_read(held), actor=actor)
    held.outcome, held.handled_at = result.outcome, now
    held.customer = result.customer
    held.raw = held.envelope = held.due_at = None
    held.save(update_fields=["outcome", "handled_at", "customer", "raw", "envelope", "due_at"])
    return True


def _read(row: InboundMail) -> Heard:
    handover = Handover(**json.loads(row.envelope or "{}"))
    mail = parse(base64.b64decode(row.raw or ""))
    return Heard(
        mail=mail,
        where=destination_of(mail, handover.recipient, settings.MAIL_DOMAIN),
        sender=handover.sender,
        is_cut=row.is_cut,
    )
