"""The page that stands between this site and others: it says where a link leads (LINK-1).

Only addresses that we wrote ourselves come through: each is signed, so nobody can borrow our
name to send somebody elsewhere.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse

SIGNER = Signer(salt="core.leaving")
ELSEWHERE = {"https", "http"}


def leads_away(address: str) -> bool:
    """Return whether an address belongs to another site; mail and our own pages do not."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    own = urlsplit(settings.SITE_URL)
    # An address without a scheme may still name another host.
    return bool(parts.netloc) and parts.scheme in {"", *ELSEWHERE} and parts.netloc != own.netloc


def way_out(address: str) -> str:
    """Return the path of the page that says that this address is another site's."""
    return reverse("leaving", args=[SIGNER.sign_object(address)])


def destination(token: str) -> str | None:
    """Return the address a token stands for; None if we did not write it."""
    try:
        address = SIGNER.unsign_object(token)
    except (BadSignature, ValueError):
        return None
    return address if isinstance(address, str) and leads_away(address) else None
