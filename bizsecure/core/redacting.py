"""A net under every log: what looks like personal information or a secret is taken out.

It is a net and no permission. A name or a street has no form by which it could be known, so no
line may carry what somebody typed (bizsecure.core.logs keeps texts of exceptions and paths out).
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from django.conf import settings

from bizsecure.core.digits import luhn_holds

HIDDEN = "[hidden]"
# Shorter values stand in ordinary words by chance.
SHORTEST_SECRET = 12
LONGEST_TEXT = 2000
LONGEST_LIST = 40
# What a field may be called that shows nothing, whatever it holds.
NEVER_SHOWN = re.compile(
    r"passw|secret|token|cookie|authoriz|session|csrf|credential|cvc|security_code|card_number"
    r"|e_?mail|address|^ip$|remote_addr|telephone|phone|street|city|postcode|user_agent|referer"
    r"|^name$|_name$|^body$|^post$|^data$|^args$|^kwargs$",
    re.IGNORECASE,
)

_CREDENTIALS = re.compile(r"(?<=://)[^/\s@]+@")
_ADDRESS = re.compile(r"[^\s@<>\"'(),;:=?&\[\]]+(?:@|%40)[^\s@<>\"'(),;:?&\[\]]+")
_NAMED = re.compile(
    r"(?i)\b(?P<name>passw\w*|secret\w*|token\w*|cvc|cookie|authorization|session\w*|csrf\w*)"
    r"(?P<between>[\"']?\s*[=:]\s*[\"']?)(?:(?:bearer|basic)\s+)?[^\s\"',;&]+"
)
_DIGITS = re.compile(r"(?<![\w.])\d(?:[ -]?\d){12,18}(?![\w.])")
_TELEPHONE = re.compile(r"(?<![\w+])\+\d[\d ().-]{6,}\d")
_NETWORK = re.compile(
    r"(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-fA-F]*(?::[0-9a-fA-F]*){2,7})(?![\w:])"
)
# Keys, signatures and the tokens of links: long, without spaces, letters and digits mixed.
_TOKEN = re.compile(r"(?<![\w-])(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[A-Za-z0-9_-]{24,}={0,2}")
# What ends a line somewhere, moves the cursor, or turns the reading direction around.
_UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)


def redacted(text: str) -> str:
    """Return the text on one line, without what looks like a secret or like somebody's.

    E-mail addresses, card numbers, telephone numbers, network addresses, long random tokens,
    what follows "password=" and its like, and each secret of the settings wherever it stands.
    """
    for secret in secrets_of_the_settings():
        text = text.replace(secret, HIDDEN)
    text = _CREDENTIALS.sub(f"{HIDDEN}@", text[:LONGEST_TEXT])
    text = _NAMED.sub(rf"\g<name>\g<between>{HIDDEN}", text)
    text = _ADDRESS.sub("[mail address]", text)
    text = _TOKEN.sub("[token]", text)
    text = _DIGITS.sub(_card, text)
    text = _TELEPHONE.sub("[telephone]", text)
    text = _NETWORK.sub(_network, text)
    return _UNSEEN.sub(lambda found: f"\\x{ord(found[0]):02x}", text)


def redact(value: Any, name: str = "") -> Any:
    """Return a value for a log: numbers as they are, texts through the net, all else as text."""
    if NEVER_SHOWN.search(name) and value:
        return HIDDEN
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, Mapping):
        return {redacted(str(key)): redact(inner, str(key)) for key, inner in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, (str, bytes, bytearray)):
        return [redact(inner) for inner, _place in zip(value, range(LONGEST_LIST), strict=False)]
    return HIDDEN if isinstance(value, (bytes, bytearray)) else redacted(str(value))


@lru_cache(maxsize=1)
def secrets_of_the_settings() -> tuple[str, ...]:
    """Return every secret that the settings hold, the longest first."""
    database = settings.DATABASES["default"]
    known = [
        settings.SECRET_KEY,
        *settings.SECRET_KEY_FALLBACKS,
        settings.SANDBOX_SECRET,
        settings.STRIPE_SECRET_KEY,
        settings.STRIPE_WEBHOOK_SECRET,
        settings.METRICS_TOKEN,
        settings.MAILGUN_SIGNING_KEY,
        settings.DKIM_KEY,
        settings.EMAIL_HOST_PASSWORD,
        database.get("PASSWORD", ""),
    ]
    return tuple(
        sorted(
            {str(each) for each in known if each and len(str(each)) >= SHORTEST_SECRET},
            key=len,
            reverse=True,
        )
    )


def _card(found: re.Match[str]) -> str:
    digits = re.sub(r"\D", "", found[0])
    return "[card number]" if luhn_holds(digits) else found[0]


def _network(found: re.Match[str]) -> str:
    try:
        ipaddress.ip_address(found[0])
    except ValueError:
        return found[0]
    return "[network address]"
