"""What Django looks at before a site is put in service."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from notifications.providers import PROVIDERS
from notifications.signing import signer
from notifications.transport import way_of


@register(deploy=True)
def mails_say_where_we_are(**_kwargs: Any) -> list[CheckMessage]:
    """Refuse a real site whose news and offers would give an invented postal address."""
    if settings.DEBUG or settings.POSTAL_ADDRESS != settings.EXAMPLE_ADDRESS:
        return []
    return [
        Error(
            "POSTAL_ADDRESS is the example's: the law wants yours in news and offers.",
            hint="Set POSTAL_ADDRESS to the company's postal address, in one line. "
            "See docs/checks.md#notificationse001.",
            id="notifications.E001",
        )
    ]


@register()
def providers_are_known(**_kwargs: Any) -> list[CheckMessage]:
    """Refuse a mail provider that we could not read, before it calls for nothing."""
    unknown = sorted(set(settings.MAIL_PROVIDERS) - PROVIDERS.keys())
    if not unknown:
        return []
    hint = f"Known are {', '.join(sorted(PROVIDERS))}. See docs/checks.md#notificationse003."
    return [Error(f"MAIL_PROVIDERS has {', '.join(unknown)}.", hint=hint, id="notifications.E003")]


@register()
def mails_can_be_signed(**_kwargs: Any) -> list[CheckMessage]:
    """Refuse a key for DKIM that no receiver would trust, and half of what signing needs."""
    try:
        signer()
    except ValueError as problem:
        hint = (
            "Give DKIM_KEY a private key in PEM and DKIM_SELECTOR its name in DNS, or neither. "
            "See docs/checks.md#notificationse002."
        )
        return [Error(f"Mail cannot be signed. {problem}", hint=hint, id="notifications.E002")]
    return []


@register()
def mail_has_a_way_out(**_kwargs: Any) -> list[CheckMessage]:
    """Refuse an EMAIL_URL that leads nowhere, or whose options nobody understands."""
    try:
        way_of(settings.EMAIL_URL)
    except ValueError as problem:
        hint = "README.md lists the ways. See docs/checks.md#notificationse004."
        return [Error(f"EMAIL_URL is wrong. {problem}", hint=hint, id="notifications.E004")]
    return []
