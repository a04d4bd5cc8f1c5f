"""The words of a single mail: a text, and the same words in HTML.

The text is written by hand in a template. Its paragraphs are set in the frame that all our
mails have; what only the reader may know goes into holes, [[link]] and [[code]], and is filled
in when the mail is sent.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import mrml
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Customer
from bizsecure.core.languages import spoken
from notifications.frame import HEADERS, NO_REMOTE_FONTS, REPLY_TO, REPLYING, UNFIT
from notifications.kinds import KINDS, Kind, KindKey
from notifications.models import MailContent, OutgoingMail
from notifications.skeleton import Skeleton

LONGEST_SUBJECT = 200
# Octets of a header line, but for its name.
LONGEST_REFERENCES = 900
HOLE = re.compile(r"\[\[([a-z]+)\]\]")
ADDRESS = re.compile(r"(?:https?://\S+|\[\[link\]\])")
# What the page of messages shows where something secret stood.
LEFT_OUT = gettext_lazy("[only in the mail itself: we do not keep it]")


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of a text. `form` is text, list, button or code."""

    form: str
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        return " ".join(self.lines)


@dataclass(frozen=True)
class Thread:
    """The conversation that a mail is part of: where a reply goes, and what it answers.

    Message-IDs stand in angle brackets.
    """

    reply_to: str
    in_reply_to: str = ""
    references: tuple[str, ...] = ()

    @property
    def headers(self) -> dict[str, str]:
        """What a mail program sorts mails into threads by (RFC 5322, 3.6.4)."""
        written = {"In-Reply-To": self.in_reply_to, "References": self._bounded()}
        return {name: value for name, value in written.items() if value}

    def _bounded(self) -> str:
        """The first of the thread and as many of the last as a line can hold."""
        kept = list(self.references)
        while len(" ".join(kept)) > LONGEST_REFERENCES:
            del kept[min(1, len(kept) - 1)]
        return " ".join(kept)


@dataclass(frozen=True)
class Letter:
    """The words of a single mail, with holes for `secrets`."""

    language: str
    subject: str
    text: str
    html: str
    secrets: Mapping[str, str]


def write(kind: Kind, customer: Customer | None, facts: Mapping[str, Any]) -> Letter:
    """Return the words of a mail of this kind, in the language and zone of its reader."""
    language = spoken(customer.language if customer else translation.get_language())
    zone = customer.zone if customer else timezone.get_current_timezone()
    with translation.override(language), timezone.override(zone):
        return _written(kind, customer, facts, language)


def check(kind: Kind, letter: Letter, thread: Thread | None = None) -> None:
    """Raise ValueError for words that could not be sent, while somebody can still see why."""
    _skeleton(kind, letter.subject, letter.text, letter.html, thread)


def letter_as_bytes(mail: OutgoingMail, now: datetime) -> bytes:
    """Return the complete message. Raises ValueError for an unusable address."""
    content: MailContent = mail.content
    words = (content.subject, content.text, content.html)
    thread = Thread(**json.loads(content.thread)) if content.thread else None
    return _skeleton(KINDS[KindKey(content.kind)], *words, thread).render(
        to=mail.address,
        message_id=mail.message_id,
        date=now,
        values=json.loads(content.secrets) if content.secrets else {},
    )


def letter_as_kept(content: MailContent) -> str:
    """Return the text as it was sent, without what only the reader may know."""
    return HOLE.sub(str(LEFT_OUT), content.text)


def paragraphs(text: str) -> Iterator[Paragraph]:
    """Yield the paragraphs of a text. Blank lines part them; lines with a hyphen are a list."""
    for block in re.split(r"\n\s*\n", text.strip()):
        lines = tuple(line.strip() for line in block.splitlines() if line.strip())
        if not lines:
            continue
        if all(line.startswith("- ") for line in lines):
            yield Paragraph("list", tuple(line.removeprefix("- ") for line in lines))
        elif ADDRESS.fullmatch(" ".join(lines)):
            yield Paragraph("button", lines)
        else:
            yield Paragraph("code" if lines == ("[[code]]",) else "text", lines)


def _written(
    kind: Kind, customer: Customer | None, facts: Mapping[str, Any], language: str
) -> Letter:
    secrets = {
        hole: str(facts[name]) for name, hole in kind.secrets.items() if facts.get(name) is not None
    }
    known = {name: _harmless(value) for name, value in facts.items()}
    known |= {name: f"[[{hole}]]" for name, hole in kind.secrets.items() if hole in secrets}
    name = _harmless(customer.name) if customer else ""
    context = {
        **known,
        "site_url": settings.SITE_URL,
        "contact": REPLY_TO,
        "why": kind.why,
        "greeting": _("Hello %(name)s,") % {"name": name} if name else _("Hello,"),
    }
    subject = " ".join(render_to_string(kind.subject_template, context).split())[:LONGEST_SUBJECT]
    body = render_to_string(kind.text_template, context).strip()
    words = {**context, "subject": subject, "body": body, "action": kind.action}
    html = render_to_string("mail/letter.mjml", {**words, "paragraphs": list(paragraphs(body))})
    text = render_to_string("mail/letter.txt", words).strip() + "\n"
    used = set(HOLE.findall(text))
    return Letter(
        language=language,
        subject=subject,
        text=text,
        html=mrml.to_html(html, None, NO_REMOTE_FONTS).content,
        secrets={hole: value for hole, value in secrets.items() if hole in used},
    )


def _harmless(value: Any) -> Any:
    """Take from a text what would end a line, or be read as a hole in the words."""
    if not isinstance(value, str):
        return value
    return UNFIT.sub(" ", value).replace("[[", "[ [").strip()


def _headers(kind: Kind, thread: Thread | None) -> dict[str, str]:
    if thread is None:
        return HEADERS
    if kind.by_hand:
        return thread.headers
    return {**(REPLYING if thread.in_reply_to else HEADERS), **thread.headers}


def _skeleton(
    kind: Kind, subject: str, text: str, html: str, thread: Thread | None = None
) -> Skeleton:
    return Skeleton.build(
        subject=subject,
        text=text,
        html=html,
        sender=kind.sender.header,
        reply_to=thread.reply_to if thread else REPLY_TO,
        headers=_headers(kind, thread),
        fields=frozenset(HOLE.findall(text + html)),
    )
