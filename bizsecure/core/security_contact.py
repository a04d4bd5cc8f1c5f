"""Where weaknesses are reported, in the form of RFC 9116 (SEC-3)."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Warning, register  # noqa: A004  Django's own name
from django.urls import reverse
from django.utils import timezone

GOOD_FOR = timedelta(days=365)
"""RFC 9116, 2.5.5, asks for less than a year from when somebody looked at it."""

SAID_BEFORE = timedelta(days=45)


def expires_at() -> datetime:
    """Return until when readers may rely on the contact, counted from the last check of it."""
    checked = datetime.combine(settings.SECURITY_CONTACT_CHECKED_ON, time(), UTC)
    return checked + GOOD_FOR - timedelta(days=1)


def security_txt() -> str:
    """Return the file /.well-known/security.txt."""
    site = settings.SITE_URL
    lines = [
        f"Contact: mailto:security@{settings.MAIL_DOMAIN}",
        f"Expires: {expires_at():%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages: en",
        f"Canonical: {site}{reverse('security_contact')}",
        f"Policy: {site}{reverse('security_page')}",
    ]
    return "\n".join(lines) + "\n"


@register()
def the_contact_is_good(**_kwargs: Any) -> list[CheckMessage]:
    """Say in time that somebody must look at the contact again: it must not expire unseen."""
    if timezone.now() + SAID_BEFORE < expires_at():
        return []
    return [
        Warning(
            f"/.well-known/security.txt expires on {expires_at():%d %B %Y}.",
            hint="Write to the address, see that somebody answers, and set "
            "SECURITY_CONTACT_CHECKED_ON to that day. See docs/checks.md#bizsecurew002.",
            id="bizsecure.W002",
        )
    ]
