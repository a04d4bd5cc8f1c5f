"""Asking a partner for something, against a grant: signed, in time, a few times, done once.

The request carries an idempotency key, so that one that is sent again, after a time-out or by a
later pass, is the same request to the partner. Redirections are not followed: what was granted
to one address goes to no other. Nothing about a person is logged.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone

from bizsecure.store.partners.signing import signed_headers
from consent.grounds import DataField
from consent.models import DisclosureOutcome
from consent.services.disclosing import Grant, spend

Outcome = DisclosureOutcome.Outcome

SECONDS = 10
LONGEST_ANSWER = 64 * 1024
LONGEST_REFERENCE = 120
# What may be better the next time: too early, too many requests, and the partner's own faults.
WORTH_ANOTHER_TRY = {408, 425, 429, 500, 502, 503, 504}

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Answer:
    """What came of a request. `reference` is the partner's name for it, `reason` a word."""

    outcome: DisclosureOutcome.Outcome
    reference: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Request:
    """What is asked of a partner. `told` is all that it gets to know about the customer."""

    path: str
    key: str
    order: str
    product: str
    told: Mapping[DataField, Any]

    def body(self) -> bytes:
        """Return the request as it is sent; sent again, it is the same to the last byte."""
        customer = {field.value: value for field, value in self.told.items()}
        content = {"order": self.order, "product": self.product, "customer": customer}
        return json.dumps(content, sort_keys=True, separators=(",", ":")).encode()


class _NotReached(Exception):
    """Nobody took the connection, so not a byte has left."""


class _NoAnswer(Exception):
    """The request left, and what became of it is unknown."""


def ask(*, grant: Grant, partner: str, request: Request) -> Answer:
    """Send a request to a partner, several times if need be, and return what came of it.

    Uses the grant up before anything else: what it does not cover is Refused and never sent.
    """
    spend(grant=grant, recipient=partner, fields=request.told)
    address = settings.PARTNERS.get(partner, "")
    if not address:
        return Answer(Outcome.FAILED, reason="not-set-up")
    answer = Answer(Outcome.FAILED, reason="not-reached")
    for pause in (0, *settings.PARTNER_PAUSES):
        time.sleep(pause)
        try:
            answer, is_final = _understood(*_sent(address, request))
        except _NotReached:
            # An earlier try may have arrived, whatever becomes of this one.
            continue
        except _NoAnswer:
            answer, is_final = Answer(Outcome.UNKNOWN, reason="no-answer"), False
        if is_final:
            break
    logger.info("%s answered request %s: %s", partner, request.key, answer.outcome)
    return answer


def _understood(status: int, content: bytes) -> tuple[Answer, bool]:
    """What an answer means, and whether it is the last word."""
    try:
        said = json.loads(content)
    except ValueError:
        said = None
    said = said if isinstance(said, dict) else {}
    if status in {200, 201}:
        reference = str(said.get("reference", ""))[:LONGEST_REFERENCE]
        return Answer(Outcome.DELIVERED, reference=reference), True
    if status in WORTH_ANOTHER_TRY or status < 400:
        return Answer(Outcome.UNKNOWN, reason=f"status-{status}"), status < 400
    return Answer(Outcome.REFUSED, reason=f"status-{status}"), True


def _sent(address: str, request: Request) -> tuple[int, bytes]:
    parts = urlsplit(address)
    path, body = parts.path.rstrip("/") + request.path, request.body()
    headers = signed_headers(
        key_id=parts.username or "",
        secret=parts.password or "",
        method="POST",
        path=path,
        timestamp=int(timezone.now().timestamp()),
        key=request.key,
        body=body,
    )
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=SECONDS)
    try:
        try:
            connection.connect()
        except OSError as problem:
            raise _NotReached from problem
        try:
            connection.request("POST", path, body, headers)
            return _read(connection.getresponse())
        except (OSError, HTTPException) as problem:
            raise _NoAnswer from problem
    finally:
        connection.close()


def _read(response: HTTPResponse) -> tuple[int, bytes]:
    return response.status, response.read(LONGEST_ANSWER)
