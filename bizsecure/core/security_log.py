"""What concerns security, as a closed vocabulary, in lines that name nobody.

Each line says what happened, when (UTC), in which request or task, and of which user by the key
of the row: enough to follow an attack, and nothing that says who somebody is. The network
address stands in none of them (LOG-2).
"""

from __future__ import annotations

from enum import Enum
from typing import Any

import structlog

_logger: Any = structlog.stdlib.get_logger("portal.security")


class Event(Enum):
    """What may stand in the log of security; docs/logging.md lists each with its facts."""

    SIGNED_IN = "signed in"
    SIGNED_OUT = "signed out"
    PROVEN = "step of a sign-in passed"
    SIGN_IN_REFUSED = "sign-in refused"
    FACTOR_REFUSED = "second factor refused"
    FACTOR_CHANGED = "second factor changed"
    PASSWORD_CHANGED = "password changed"  # noqa: S105  a sentence
    TAMPERED = "tampering found"
    KEY_USED = "key used"
    CARD_HANDED_OVER = "card handed over"


# An event that somebody should look at, if it comes often.
_SUSPICIOUS = {Event.SIGN_IN_REFUSED, Event.FACTOR_REFUSED, Event.TAMPERED}


def note(event: Event, **facts: str | int | None) -> None:
    """Write down that this happened. Facts are keys of rows and words of our own."""
    write = _logger.warning if event in _SUSPICIOUS else _logger.info
    write(event.value, **facts)
