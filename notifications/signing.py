"""Who signs our mail: we ourselves, where there is a key, or else the relay it is handed to."""

from __future__ import annotations

from functools import lru_cache

from django.conf import settings

from notifications.transport import Signer


def signer() -> Signer | None:
    """Return who signs by DKIM here, None for nobody. Raises ValueError for an unusable key."""
    if not settings.DKIM_KEY and not settings.DKIM_SELECTOR:
        return None
    return _signer(settings.MAIL_DOMAIN, settings.DKIM_SELECTOR, settings.DKIM_KEY)


@lru_cache(maxsize=2)
def _signer(domain: str, selector: str, key: str) -> Signer:
    return Signer.from_pem(domain, selector, key)
