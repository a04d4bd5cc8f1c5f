"""What Django looks at before a site is put in service."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Warning, register  # noqa: A004  Django's own name

from bizsecure.store.gateways.choosing import SANDBOX


@register(deploy=True)
def payments_move_money(**_kwargs: Any) -> list[CheckMessage]:
    """Warn of a real site that sells and takes no money for it."""
    if settings.DEBUG or settings.PAYMENT_GATEWAY != SANDBOX:
        return []
    return [
        Warning(
            "PAYMENT_GATEWAY is the sandbox: orders are delivered and no money moves.",
            hint="Use stripe, unless this site is there to be tried out. "
            "See docs/checks.md#storew001.",
            id="store.W001",
        )
    ]
