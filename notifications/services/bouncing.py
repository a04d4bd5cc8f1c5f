"""What came of a mail after a server took it: it came back, it is late, or it was called spam.

Whoever says so must know the token of the mail's return path, which nobody but the servers on
its way has seen, or be our mail provider. A mail that came back proves nothing any more: whoever
was told by it is untold, and told another way (docs/mail.md).
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.actors import Actor
from bizsecure.core.keyring import keyring
from consent.models import Choice
from consent.services.telling import retract_proof
from notifications.hearing.bounce import Fate, Report
from notifications.models import MailBounce, OutgoingMail, OutgoingMailQuerySet
from notifications.services.opting_out_by_mail import opt_out_of_mail
from notifications.services.proving import retract_telling

PURPOSE = "bounce"
State = OutgoingMail.State
# For so long we may not know ourselves that a mail was accepted: a worker records it later.
MAY_BE_UNRECORDED = timedelta(hours=72)


class NotYet(Exception):
    """A mail came back that is not recorded as accepted so far. To be asked again later."""


def mail_of_token(token: str) -> OutgoingMail | None:
    """Return the mail whose return path carries this token, or None for any other text."""
    key = keyring().open_address(PURPOSE, token)
    return _mails().filter(pk=key).first() if key else None


def mail_of_message_id(message_id: str) -> OutgoingMail | None:
    """Return the mail with this Message-ID. It can be guessed: only for whom we trust anyway."""
    ours = re.escape(settings.MAIL_DOMAIN)
    found = re.fullmatch(rf"<?(?:c\d+|single)\.m(\d{{1,18}})@{ours}>?", message_id.strip())
    mail = _mails().filter(pk=int(found[1])).first() if found else None
    return mail if mail and mail.message_id.strip("<>") == message_id.strip().strip("<>") else None


@transaction.atomic
def record_bounce(*, mail: OutgoingMail, report: Report, actor: Actor) -> bool:
    """Record that a mail came back or is late; return whether that was news.

    What came back takes the proof of telling with it. Reported twice it is recorded once.
    Raises NotYet for a mail that we do not know to be accepted, while we may still learn of it.
    """
    now = timezone.now()
    held: OutgoingMail = OutgoingMail.objects.select_for_update().get(pk=mail.pk)
    if held.is_live and report.fate is not Fate.DELAYED and _may_be_unrecorded(held, now):
        raise NotYet
    _bounce, is_news = MailBounce.objects.get_or_create(
        mail=held,
        kind=report.fate.value,
        defaults={"status": report.status, "reported_at": now},
    )
    if report.fate is Fate.DELAYED:
        return is_news
    came_back = OutgoingMail.objects.filter(pk=held.pk, state=State.ACCEPTED)
    if came_back.update(state=State.BOUNCED):
        _retract(mail)
    return is_news


@transaction.atomic
def record_complaint(*, mail: OutgoingMail, actor: Actor) -> bool:
    """Opt the reader of a mail that was called spam out of all that can be stopped.

    Returns whether there was somebody to opt out. What is essential goes on (OPT-2).
    """
    if mail.customer is None:
        return False
    opt_out_of_mail(customer=mail.customer, method=Choice.Method.COMPLAINT, actor=actor)
    return True


def _mails() -> OutgoingMailQuerySet:
    return OutgoingMail.objects.select_related("customer", "campaign__version")


def _may_be_unrecorded(mail: OutgoingMail, now: datetime) -> bool:
    return now - mail.queued_at < MAY_BE_UNRECORDED


def _retract(mail: OutgoingMail) -> None:
    campaign = mail.campaign
    if campaign is None or not campaign.definition.proves_told:
        return
    if campaign.version_id is None:
        retract_telling(mail=mail)
    else:
        retract_proof(message_id=mail.message_id)
