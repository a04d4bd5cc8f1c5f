"""Feedback reports of mail providers: somebody called a mail of ours spam (RFC 5965)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from notifications.hearing.parsing import ParsedMail, first, split_head

# Where our own mails carry what only we can have made, and providers hand it back.
RETURN_PATH = re.compile(r"bounce\+([A-Za-z0-9_-]{20,200})@", re.IGNORECASE)
UNSUBSCRIBE = re.compile(
    r"/u/([A-Za-z0-9_-]{20,200})/|unsubscribe(?:%20|[\s_])([A-Za-z0-9_-]{20,200})"
)
MOST_READ = 300_000


@dataclass(frozen=True)
class Complaint:
    """What was complained of. The tokens are as they were found, and may be anybody's."""

    is_abuse: bool
    bounce_tokens: tuple[str, ...]
    unsubscribe_tokens: tuple[str, ...]


def read_complaint(mail: ParsedMail) -> Complaint | None:
    """Return the complaint that a mail is, or None if it is none.

    The mail that it is about is recognized by tokens of ours alone. A Message-ID could be
    guessed, and whoever guesses many could opt out many.
    """
    report = next(mail.of_type("message/feedback-report"), None)
    if report is None:
        return None
    fields, _rest = split_head(report.content.lstrip(b"\n"))
    kinds = ("message/rfc822", "message/global", "text/rfc822-headers", "message/feedback-report")
    about = b"\n".join(part.content[:MOST_READ] for part in mail.of_type(*kinds))
    # Long headers are folded, and quoted-printable breaks lines within a token.
    text = re.sub(r"=\n|\n[ \t]+", "", about.decode("utf-8", "replace"))
    return Complaint(
        is_abuse=first(fields, "feedback-type").lower()
        in {"abuse", "fraud", "opt-out", "miscategorized"},
        bounce_tokens=tuple(dict.fromkeys(RETURN_PATH.findall(text))),
        unsubscribe_tokens=tuple(
            dict.fromkeys(one or other for one, other in UNSUBSCRIBE.findall(text))
        ),
    )
