"""Single mails: what one person is told, through the same outbox as everything else."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from django.db import transaction
from django.utils import timezone, translation

from accounts.models import Customer
from bizsecure.core.work import nudge
from notifications.kinds import KINDS, KindKey
from notifications.letters import Letter, Thread, check, write
from notifications.models import MailBatch, MailContent, OutgoingMail

# The task that delivers single mails.
DELIVER = "notifications.tasks.deliver_single_mails"


class NoAddress(Exception):
    """A mail without an address: neither was one given, nor has the customer one."""


@transaction.atomic
def post(
    *,
    kind: KindKey,
    customer: Customer | None,
    facts: Mapping[str, Any],
    address: str | None = None,
    occasion: str | None = None,
    thread: Thread | None = None,
) -> OutgoingMail:
    """Write a mail into the outbox, in the transaction of what it tells of.

    It is delivered as soon as that transaction is committed, and by the sweep at the latest: a
    mail server that is slow or away costs the page nothing. The words are pinned now. What the
    kind calls secret is sealed, and erased once the mail is accepted. `occasion` names what
    the mail tells of: a second mail of the same occasion is none, and the first is returned.
    `thread` sets it into a conversation.
    """
    if occasion is not None:
        told = MailContent.objects.filter(occasion=occasion).select_related("mail").first()
        if told is not None:
            return told.mail
    to = address or (customer.email if customer else "")
    if not to:
        raise NoAddress
    definition = KINDS[kind]
    letter = write(definition, customer, facts)
    check(definition, letter, thread)
    return _write_down(kind, customer, to, letter, occasion, thread)


@transaction.atomic
def post_words(*, kind: KindKey, address: str, subject: str, text: str, html: str) -> OutgoingMail:
    """Write a mail into the outbox whose words are made already, to somebody who is no customer."""
    letter = Letter(
        translation.get_language() or "en", subject=subject, text=text, html=html, secrets={}
    )
    check(KINDS[kind], letter)
    return _write_down(kind, None, address, letter, None, None)


def _write_down(
    kind: KindKey,
    customer: Customer | None,
    to: str,
    letter: Letter,
    occasion: str | None,
    thread: Thread | None,
) -> OutgoingMail:
    now = timezone.now()
    mail = OutgoingMail.objects.create(customer=customer, address=to, queued_at=now, due_at=now)
    MailContent.objects.create(
        mail=mail,
        kind=kind,
        language=letter.language,
        subject=letter.subject,
        text=letter.text,
        html=letter.html,
        secrets=json.dumps(letter.secrets) if letter.secrets else None,
        thread=json.dumps(asdict(thread)) if thread else None,
        occasion=occasion,
    )
    MailBatch.objects.create(first_id=mail.pk, last_id=mail.pk, due_at=now)
    nudge(DELIVER)
    return mail
