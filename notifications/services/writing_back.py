"""Mails to the sender of a case: that it came, and what we answer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import translation

from notifications.frame import UNFIT
from notifications.kinds import KindKey
from notifications.letters import ADDRESS, Thread
from notifications.models import Case, CaseLink, CaseMessage, OutgoingMail
from notifications.services.posting import post
from notifications.threads import link_digest, new_link_token


def confirm_receipt(*, case: Case, message: CaseMessage, now: datetime) -> OutgoingMail | None:
    """Tell the sender that we have the message, and where it can be followed.

    What was written is not in it: whoever fills in the form could have us send it to anybody.
    """
    facts = {"at": message.written_at, "topic": case.get_topic_display()}
    return _written(KindKey.CASE_RECEIVED, case, facts, message, now)


def send_answer(*, case: Case, text: str, now: datetime) -> OutgoingMail | None:
    """Send what a member of staff wrote to the sender."""
    last = case.messages.filter(direction=CaseMessage.Direction.IN).order_by("pk").last()
    facts = {"answer": list(_paragraphs(text)), "about": _about(case)}
    return _written(KindKey.CASE_ANSWERED, case, facts, last, now)


def _written(
    kind: KindKey, case: Case, facts: dict[str, Any], to: CaseMessage | None, now: datetime
) -> OutgoingMail | None:
    """Write the mail; nobody is written to who gave no address."""
    if not case.sender_address:
        return None
    token = new_link_token()
    CaseLink.objects.create(case=case, digest=link_digest(token), made_at=now)
    link = settings.SITE_URL + reverse("case_by_link", args=[token])
    with translation.override(case.language):
        return post(
            kind=kind,
            customer=case.customer,
            address=case.sender_address,
            facts={**facts, "number": case.number, "case_url": link},
            thread=_thread(case, to),
        )


def _thread(case: Case, to: CaseMessage | None) -> Thread:
    """Set a mail into the thread that the sender's program knows."""
    before = json.loads(to.references or "[]") if to else []
    answered = to.message_id if to else None
    references = [*before, answered] if answered else before
    return Thread(case.reply_address, answered or "", tuple(references))


def _about(case: Case) -> str:
    """The subject that the sender knows, or the topic where there was none."""
    subject = case.subject or case.get_topic_display()
    return subject if subject.lower().startswith("re:") else f"Re: {subject}"


def _paragraphs(text: str) -> Iterator[str]:
    """Yield the lines of an answer, blank ones as they part paragraphs, without what would not fit.

    A line that is nothing but an address is set in angle brackets, or else it would be a button.
    """
    for line in text.replace("\r\n", "\n").split("\n"):
        plain = UNFIT.sub(" ", line).replace("[[", "[ [").strip()
        yield f"<{plain}>" if ADDRESS.fullmatch(plain) else plain
