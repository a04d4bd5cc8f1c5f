"""What a mail server says became of a mail of ours: RFC 3464, and how it was said before it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from notifications.hearing.parsing import Headers, ParsedMail, first, split_head

STATUS = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
REPLY_CODE = re.compile(r"(?:^|[\s:(>#])([45])\d\d[ \-]", re.MULTILINE)
MOST_GROUPS = 50


class Fate(Enum):
    """What became of it. Soft: given up after days of trying, though the address may work."""

    HARD = "hard"
    SOFT = "soft"
    DELAYED = "delayed"


@dataclass(frozen=True)
class Report:
    """What became of a mail, and the status code that was given for it (RFC 3463)."""

    fate: Fate
    status: str = ""


# The words of programs that write no report a machine could read.
GIVEN_UP = re.compile(
    r"permanent (?:fatal )?error|i've given up|could not be delivered|couldn't be delivered"
    r"|undeliverable|delivery (?:has )?failed|failed permanently|user unknown|no such user"
    r"|mailbox unavailable|address rejected|unknown user|unrouteable address",
    re.IGNORECASE,
)
STILL_TRYING = re.compile(
    r"will (?:be retried|keep trying|continue to)|temporary (?:failure|problem|error)|delayed"
    r"|not been delivered yet|warning message only",
    re.IGNORECASE,
)
WORSE = {Fate.DELAYED: 0, Fate.SOFT: 1, Fate.HARD: 2}


def read_bounce(mail: ParsedMail) -> Report | None:
    """Return what a mail reports of one of ours, or None if it is no report or all is well.

    A mail of ours has one recipient, so the worst that is said counts.
    """
    groups = [group for part in _status_parts(mail) for group in _groups(part)]
    if groups:
        reports = [report for group in groups if (report := _of_group(group))]
        return max(reports, key=lambda report: WORSE[report.fate], default=None)
    return _in_words(mail)


def _status_parts(mail: ParsedMail) -> list[bytes]:
    kinds = ("message/delivery-status", "message/global-delivery-status")
    return [part.content for part in mail.of_type(*kinds)]


def _groups(content: bytes) -> list[Headers]:
    """Return the groups of fields, one for the mail and one for each recipient."""
    blocks = re.split(rb"\n[ \t]*\n", content.strip(b"\n"))[:MOST_GROUPS]
    return [headers for block in blocks if (headers := split_head(block.strip(b"\n"))[0])]


def _of_group(group: Headers) -> Report | None:
    action = first(group, "action").partition(" ")[0].lower()
    codes = " ".join(first(group, name) for name in ("status", "diagnostic-code"))
    found = STATUS.search(codes)
    status = found[1] if found else ""
    if action == "delayed":
        return Report(Fate.DELAYED, status)
    if action != "failed":
        # Delivered, relayed or expanded; or the group that tells of the mail as a whole.
        return None
    return Report(Fate.SOFT if status.startswith("4") else Fate.HARD, status)


def _in_words(mail: ParsedMail) -> Report | None:
    """Read what qmail, Exim and old servers write: words, and a code if one is lucky."""
    text = f"{mail.subject}\n{mail.text}"
    found = STATUS.search(mail.text)
    status = found[1] if found else ""
    if STILL_TRYING.search(text) and not GIVEN_UP.search(text):
        return Report(Fate.DELAYED, status)
    if mail.first("x-failed-recipients"):
        return Report(Fate.HARD, status)
    if not GIVEN_UP.search(text):
        return None
    code = REPLY_CODE.search(mail.text)
    temporary = status.startswith("4") or (not status and code is not None and code[1] == "4")
    return Report(Fate.SOFT if temporary else Fate.HARD, status)
