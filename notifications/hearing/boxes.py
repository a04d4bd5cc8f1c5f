"""Which of our addresses a mail is for, and the token that its address carries."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from notifications.hearing.addresses import addresses
from notifications.hearing.parsing import ParsedMail


class Box(Enum):
    """What our addresses are for."""

    OPT_OUT = "opt_out"
    BOUNCE = "bounce"
    COMPLAINT = "complaint"
    SUPPORT = "support"


MAILBOXES = {
    "optout": Box.OPT_OUT,
    "opt-out": Box.OPT_OUT,
    "stop": Box.OPT_OUT,
    "unsubscribe": Box.OPT_OUT,
    "bounce": Box.BOUNCE,
    "complaints": Box.COMPLAINT,
}
# Of several addresses the first of these counts: a no must not get lost among questions.
ORDER = (Box.BOUNCE, Box.OPT_OUT, Box.COMPLAINT, Box.SUPPORT)
# Who took the mail in at last says so first; what its writer claims comes last.
WHERE_IT_WENT = (
    ("x-original-to", "delivered-to", "envelope-to", "x-envelope-to"),
    ("to", "cc", "resent-to", "resent-cc", "bcc"),
)


@dataclass(frozen=True)
class Destination:
    """One of our addresses. `name` is the mailbox, `token` what stands behind its plus sign."""

    box: Box
    name: str = ""
    token: str = ""


def destination_of(mail: ParsedMail, recipient: str, domain: str) -> Destination:
    """Return what a mail is for. `recipient` is the one of the envelope, where it is known."""
    for named in ([recipient], *(_addresses(mail, names) for names in WHERE_IT_WENT)):
        ours = [each for address in named if (each := _ours(address, domain))]
        if ours:
            return min(ours, key=lambda each: ORDER.index(each.box))
    return Destination(Box.SUPPORT)


def token_in_subject(subject: str) -> str:
    """Return the token that our List-Unsubscribe header puts into a subject, or nothing."""
    found = re.fullmatch(r"\s*unsubscribe[\s_]+([A-Za-z0-9_-]{20,200})\s*", subject, re.IGNORECASE)
    return found[1] if found else ""


def _addresses(mail: ParsedMail, names: Iterable[str]) -> list[str]:
    return addresses(value for name in names for value in mail.all(name))


def _ours(address: str, domain: str) -> Destination | None:
    local, _, host = address.strip().rpartition("@")
    if host.lower().rstrip(".") != domain.lower():
        return None
    name, _, token = local.strip('"').partition("+")
    box = MAILBOXES.get(name.lower(), Box.SUPPORT)
    return Destination(box, name.lower(), token)
