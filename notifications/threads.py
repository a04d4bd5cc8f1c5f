"""How a case is found again: by the Message-IDs of its mails, its reply address, its link."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.core.signing import BadSignature, Signer

from bizsecure.core.keyring import digest, keyring
from notifications.models import Case, CaseLink, CaseMessage
from notifications.models.cases import REPLIES_TO

# Long enough for every conversation; a mail that lies about for years opens nothing.
LINK_LASTS = timedelta(days=180)
LINK_BYTES = 24
SENT = "case-sent"
LONGEST_MESSAGE_ID = 200
MOST_REFERENCES = 40
# What a column of the database can hold.
LARGEST = 2**63 - 1

MESSAGE_ID = re.compile(r"<[!-;=?-~]+@[!-;=?-~]+>")
REPLY_TOKEN = re.compile(r"(?:case\+)?([A-Za-z0-9_-]{39,})(?:@\S*)?", re.IGNORECASE)


def find_thread(references: Iterable[str]) -> Case | None:
    """Return the case that a mail belongs to, or None for a conversation that is new.

    `references` are whatever the mail refers to: Message-IDs in angle brackets from In-Reply-To
    and References, and the addresses it was sent to, or the token in one, `case+TOKEN@`.
    """
    known = [each.strip() for each in references][-MOST_REFERENCES:]
    return _by_token(known) or _by_message_id(known)


def case_behind(token: str, now: datetime) -> Case | None:
    """Return the case that a private link opens, or None for any other text."""
    made_since = now - LINK_LASTS
    link = CaseLink.objects.filter(digest=link_digest(token), made_at__gt=made_since)
    found = link.select_related("case", "case__customer").first()
    return found.case if found else None


def signed_number(number: str) -> str:
    """Return a case number for an address that shows it to whoever sent the message."""
    return Signer(salt=SENT).sign(number)


def sent_number(signed: str) -> str | None:
    """Return the number that was signed so, or None."""
    try:
        return Signer(salt=SENT).unsign(signed)
    except BadSignature:
        return None


def new_link_token() -> str:
    """Return a token that nobody can guess."""
    return secrets.token_urlsafe(LINK_BYTES)


def link_digest(token: str) -> str:
    """Return what is kept of the token of a private link."""
    return digest("case-link", token)


def message_digest(message_id: str) -> str | None:
    """Return what a message is found by, or None if its mail has no usable Message-ID."""
    return digest("message-id", message_id) if is_message_id(message_id) else None


def is_message_id(text: str) -> bool:
    """Whether this may stand in a header as a Message-ID."""
    return len(text) <= LONGEST_MESSAGE_ID and bool(MESSAGE_ID.fullmatch(text)) and "[[" not in text


def _by_token(references: Iterable[str]) -> Case | None:
    for each in references:
        token = REPLY_TOKEN.fullmatch(each)
        key = keyring().open_address(REPLIES_TO, token[1]) if token else None
        if key and key <= LARGEST:
            return Case.objects.filter(pk=key).first()
    return None


def _by_message_id(references: Iterable[str]) -> Case | None:
    digests = [found for each in references if (found := message_digest(each))]
    messages = CaseMessage.objects.filter(message_digest__in=digests).exclude(direction="note")
    newest = messages.select_related("case").order_by("-written_at", "-pk").first()
    return newest.case if newest else None
