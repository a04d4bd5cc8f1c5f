"""The sandbox acquirer that `make run` and the tests start (bizsecure.local.acquirer).

A direct acquirer: it gets the card number. The vault hands it to one method here, against a
grant, and what that method holds shows itself in no report.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import asdict
from decimal import Decimal, InvalidOperation
from http.client import HTTPException
from typing import Any

from django.views.decorators.debug import sensitive_variables
from moneyed import Money, get_currency

from bizsecure.store.gateways.interface import (
    LONGEST_REFERENCE,
    Approved,
    Charge,
    Decline,
    Declined,
    NeedsCustomer,
    Outcome,
    Sought,
    Step,
    Unknown,
    Verification,
)
from bizsecure.vault.cards import CardDetails, SecurityCode
from bizsecure.vault.services.handing import hand_over
from consent.grounds import DataField
from consent.services.disclosing import Grant

LARGEST_ANSWER = 64 * 1024
WITH_THE_CARD = frozenset({DataField.CARD, DataField.NAME, DataField.BILLING_ADDRESS})
# A call is about now; an older one is somebody's copy (as Stripe has it).
CALL_AGE_SECONDS = 300

logger = logging.getLogger(__name__)


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *anything: Any) -> None:
        """Follow nobody elsewhere with a card in hand."""


class SandboxGateway:
    """Speaks JSON with the sandbox acquirer."""

    recipient = "card-company"
    party = "the sandbox acquirer"
    told = WITH_THE_CARD
    asks_for_card = False
    pages: tuple[str, ...] = ()

    def __init__(self, *, url: str, secret: str, timeout: float) -> None:
        self._url, self._secret, self._timeout = url.rstrip("/"), secret, timeout
        self._opener = urllib.request.build_opener(_NoRedirects, urllib.request.ProxyHandler({}))

    @sensitive_variables()
    def verify(
        self, verification: Verification, grant: Grant, security_code: SecurityCode | None = None
    ) -> Outcome:
        if verification.card is None:
            raise ValueError("The sandbox acquirer asks for no card itself.")
        facts = {"payer": asdict(verification.payer), "back_to": verification.return_url}

        @sensitive_variables()
        def give(card: CardDetails) -> Outcome:
            code = security_code.take() if security_code else ""
            body = {**facts, **_written_out(card), "code": code}
            return self._ask(Step.VERIFY, verification.key, body)

        return hand_over(
            uid=verification.card,
            grant=grant,
            recipient=self.recipient,
            fields=self.told,
            to=give,
        )

    @sensitive_variables()
    def authorise(self, charge: Charge, grant: Grant) -> Outcome:
        if charge.card is None:
            raise ValueError("The sandbox acquirer asks for no card itself.")
        facts = {
            **_amount(charge.amount),
            "order": charge.order,
            "payer": asdict(charge.payer),
            "back_to": charge.return_url if charge.customer_is_there else "",
        }

        @sensitive_variables()
        def give(card: CardDetails) -> Outcome:
            return self._ask(Step.AUTHORISE, charge.key, {**facts, **_written_out(card)})

        return hand_over(
            uid=charge.card,
            grant=grant,
            recipient=self.recipient,
            fields=self.told,
            to=give,
        )

    def capture(self, *, key: str, authorisation: str, amount: Money) -> Outcome:
        return self._ask(Step.CAPTURE, key, {"of": authorisation, **_amount(amount)})

    def refund(self, *, key: str, capture: str, amount: Money) -> Outcome:
        return self._ask(Step.REFUND, key, {"of": capture, **_amount(amount)})

    def void(self, *, key: str, authorisation: str) -> Outcome:
        return self._ask(Step.VOID, key, {"of": authorisation})

    def find(self, sought: Sought) -> Outcome | None:
        request = urllib.request.Request(  # noqa: S310  the address is a setting
            f"{self._url}/v1/requests/{_key(sought.step, sought.key)}", headers=self._headers()
        )
        try:
            with self._opener.open(request, timeout=self._timeout) as answer:
                return _understood(answer.read(LARGEST_ANSWER))
        except urllib.error.HTTPError as refused:
            with refused:
                return None if refused.code == 404 else Unknown()
        except (OSError, HTTPException):
            return Unknown()

    @sensitive_variables("body", "request")
    def _ask(self, step: Step, key: str, body: Mapping[str, Any]) -> Outcome:
        request = urllib.request.Request(  # noqa: S310  the address is a setting
            f"{self._url}/v1/{step}",
            data=json.dumps(body).encode(),
            headers={
                **self._headers(),
                "Content-Type": "application/json",
                "Idempotency-Key": _key(step, key),
            },
        )
        try:
            with self._opener.open(request, timeout=self._timeout) as answer:
                return _understood(answer.read(LARGEST_ANSWER))
        except urllib.error.HTTPError as refused:
            with refused:
                logger.warning("The acquirer answered %s to %s", refused.code, step)
        except (OSError, HTTPException):
            logger.warning("The acquirer did not answer to %s", step)
        return Unknown()

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._secret}"}


def is_signed(body: bytes, header: str, *, secret: str, now: float) -> bool:
    """Whether a call comes from the acquirer, and was made within the last minutes."""
    parts = dict(part.partition("=")[::2] for part in header.split(","))
    moment, given = parts.get("t", ""), parts.get("v1", "")
    if not moment.isascii() or not moment.isdigit() or len(moment) > 12:
        return False
    signed = hmac.digest(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hex()
    is_ours = hmac.compare_digest(signed.encode(), given.encode())
    return is_ours and abs(now - int(moment)) <= CALL_AGE_SECONDS


def _key(step: Step, key: str) -> str:
    return f"{step}-{key}"


@sensitive_variables()
def _written_out(card: CardDetails) -> dict[str, str]:
    return {
        "number": card.number.reveal(),
        "expiry": f"{card.expiry.year}-{card.expiry.month:02}",
        "holder": card.holder,
    }


def _amount(money: Money) -> dict[str, str]:
    return {"amount": str(money.amount), "currency": money.currency.code}


def _understood(content: bytes) -> Outcome:
    """Return what an answer says; whatever is no answer of the acquirer's is Unknown."""
    try:
        answer = json.loads(content)
        reference = str(answer["reference"])[:LONGEST_REFERENCE]
        match answer["outcome"]:
            case "approved":
                return Approved(reference, _money(answer))
            case "declined":
                return Declined(Decline.of(str(answer.get("reason"))), reference)
            case "confirm":
                return NeedsCustomer(str(answer["url"]), reference)
    except (ValueError, KeyError, TypeError, InvalidOperation):
        logger.exception("The acquirer's answer makes no sense")
    return Unknown()


def _money(answer: Mapping[str, Any]) -> Money | None:
    if not answer.get("currency"):
        return None
    return Money(Decimal(str(answer["amount"])), get_currency(answer["currency"]))
