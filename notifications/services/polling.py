"""Looking into the mailbox: what is in it is stored, and only then taken out of it."""

from __future__ import annotations

import logging

from accounts.actors import SYSTEM, Actor
from notifications.models import InboundMail
from notifications.services.hearing import MOST_OCTETS, hear
from notifications.transport.inbox import Inbox, InboxUnavailable

logger = logging.getLogger(__name__)

# A pass ends; what is left is taken by the next one.
MOST_MAILS = 500


def poll_inbox(*, url: str, actor: Actor = SYSTEM) -> int:
    """Hear what is in the mailbox; return how many mails were taken out of it.

    Killed between storing and taking out, it finds the mail again, which is known then. While
    the mailbox is away the mails are safe in it.
    """
    taken = 0
    try:
        with Inbox(url, most_octets=MOST_OCTETS + 1) as inbox:
            for number in inbox.numbers()[:MOST_MAILS]:
                raw = inbox.fetch(number)
                if raw is None:
                    continue
                hear(raw=raw, way=InboundMail.Way.MAILBOX, actor=actor)
                inbox.take_out(number)
                taken += 1
    except InboxUnavailable as problem:
        logger.warning("mailbox does not answer: %s", problem)
    return taken
