"""What our mail provider says became of a mail of ours."""

from __future__ import annotations

import re
from enum import Enum

from django.conf import settings

from accounts.actors import Actor
from notifications.hearing.bounce import STATUS, Fate, Report
from notifications.models import OutgoingMail
from notifications.services.bouncing import mail_of_message_id, record_bounce, record_complaint


class ProviderEvent(Enum):
    """What there is to say, by the names that django-anymail has for it."""

    BOUNCED = "bounced"
    REJECTED = "rejected"
    FAILED = "failed"
    DEFERRED = "deferred"
    COMPLAINED = "complained"
    UNSUBSCRIBED = "unsubscribed"


NAMED = re.compile(rf"(?:c\d{{1,18}}|single)\.m\d{{1,18}}@{re.escape(settings.MAIL_DOMAIN)}")
MOST_NAMED = 10
CAME_BACK = {ProviderEvent.BOUNCED, ProviderEvent.REJECTED, ProviderEvent.FAILED}


def hear_event(
    *,
    event: ProviderEvent,
    message_id: str,
    recipient: str,
    words: str,
    whole: str = "",
    actor: Actor,
) -> bool:
    """Record what became of a mail; return whether it is one of ours. Raises NotYet.

    `words` are those of the customer's server, for the code in them. Some providers give each
    mail a name of their own; then ours is looked for in the `whole` of what they say.
    """
    mail = _mail_to(recipient, [message_id, *NAMED.findall(whole)])
    if mail is None:
        return False
    if event in {ProviderEvent.COMPLAINED, ProviderEvent.UNSUBSCRIBED}:
        record_complaint(mail=mail, actor=actor)
        return True
    found = STATUS.search(words)
    report = Report(_fate(event, words), found[1] if found else "")
    record_bounce(mail=mail, report=report, actor=actor)
    return True


def _mail_to(recipient: str, message_ids: list[str]) -> OutgoingMail | None:
    """Return the mail of ours to this address that is named first."""
    to = recipient.strip().lower()
    found = map(mail_of_message_id, dict.fromkeys(message_ids[:MOST_NAMED]))
    return next((mail for mail in found if mail and mail.address.lower() == to), None)


def _fate(event: ProviderEvent, words: str) -> Fate:
    if event not in CAME_BACK:
        return Fate.DELAYED
    return Fate.SOFT if re.match(r"\s*4(?:\d\d|\.\d)", words) else Fate.HARD
