"""Which gateway is ours, and how its calls are read: PAYMENT_GATEWAY says it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from bizsecure.store.gateways import sandbox, stripe_checkout
from bizsecure.store.gateways.interface import Gateway, Step
from bizsecure.store.gateways.sandbox import SandboxGateway
from bizsecure.store.gateways.stripe_checkout import StripeGateway

SANDBOX, STRIPE = "sandbox", "stripe"
LONGEST_EVENT = 255


@dataclass(frozen=True)
class Call:
    """That a gateway calls: something happened to a request. What, it is asked for."""

    event: str
    kind: str
    key: str


def payment_gateway() -> Gateway:
    """Return the gateway through which we are paid."""
    if settings.PAYMENT_GATEWAY == STRIPE:
        return StripeGateway(
            api=settings.STRIPE_API,
            key=settings.STRIPE_SECRET_KEY,
            timeout=settings.PAYMENT_TIMEOUT_SECONDS,
        )
    return SandboxGateway(
        url=settings.SANDBOX_URL,
        secret=settings.SANDBOX_SECRET,
        timeout=settings.PAYMENT_TIMEOUT_SECONDS,
    )


def read_call(gateway: str, body: bytes, headers: Mapping[str, str], now: float) -> Call | None:
    """Return what a gateway calls about, or None if the call is not its own or makes no sense."""
    if gateway == STRIPE:
        secret, header = settings.STRIPE_WEBHOOK_SECRET, headers.get("Stripe-Signature", "")
        if not stripe_checkout.is_signed(body, header, secret=secret):
            return None
    else:
        secret, header = settings.SANDBOX_SECRET, headers.get("Sandbox-Signature", "")
        if not sandbox.is_signed(body, header, secret=secret, now=now):
            return None
    try:
        return _understood(json.loads(body))
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _understood(event: Any) -> Call | None:
    """Return the names in an event; its key is where we put it when we asked."""
    about = event.get("data", {}).get("object", {}) if "data" in event else event
    key = (about.get("metadata") or {}).get("key") or about.get("client_reference_id")
    named = Call(str(event["id"]), str(event["type"]), str(key or _without_step(about)))
    return named if named.event and len(named.event) <= LONGEST_EVENT else None


def _without_step(about: Any) -> str:
    """Return the key as the portal has it: the sandbox got it with the step before it."""
    key = str(about.get("key") or "")
    return next((key.removeprefix(f"{s}-") for s in Step if key.startswith(f"{s}-")), key)
