"""A folder of caught mails, one .eml file each, and how to read them whatever is in them."""

from __future__ import annotations

import itertools
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesHeaderParser
from email.policy import compat32
from pathlib import Path

KEPT = 500
NAME = re.compile(r"\d{20}-\d{4}")
# The head of a mail is read from here; what follows is of interest only when it is opened.
HEAD_BYTES = 64 * 1024
# Return-Path and Delivered-To are what a mail server writes on top at final delivery.
SENDER, RECIPIENT = "Return-Path", "Delivered-To"


@dataclass(frozen=True)
class Envelope:
    """Who the mail was handed over from and for, whatever its own headers claim."""

    sender: str
    recipients: Sequence[str]


@dataclass(frozen=True)
class Head:
    """What the list shows of a mail. `caught_at` is in seconds since 1970, UTC."""

    name: str
    caught_at: float
    envelope: Envelope
    subject: str


@dataclass(frozen=True)
class Mail:
    """One mail, opened. Text and HTML are None where the mail has no such part."""

    head: Head
    headers: Sequence[tuple[str, str]]
    text: str | None
    html: str | None


class Mailbox:
    """The folder. It keeps the newest mails and forgets the oldest beyond `kept`."""

    def __init__(self, folder: Path, kept: int = KEPT) -> None:
        self.folder = folder
        self.kept = kept
        self._counter = itertools.count()
        folder.mkdir(parents=True, exist_ok=True)

    def put(self, envelope: Envelope, content: bytes) -> str:
        """Store a mail with its envelope on top and return the name it goes by."""
        name = f"{time.time_ns():020d}-{next(self._counter) % 10_000:04d}"
        lines = [f"{SENDER}: <{envelope.sender}>"]
        lines += [f"{RECIPIENT}: {recipient}" for recipient in envelope.recipients]
        top = "".join(f"{line}\r\n" for line in lines).encode()
        unfinished = self.folder / f"{name}.part"
        unfinished.write_bytes(top + content)
        unfinished.rename(self.folder / f"{name}.eml")
        for old in self._names()[self.kept :]:
            self._path(old).unlink(missing_ok=True)
        return name

    def newest_first(self) -> Iterator[Head]:
        """Yield what is known of each mail without opening it."""
        for name in self._names():
            try:
                with self._path(name).open("rb") as file:
                    start = file.read(HEAD_BYTES)
            except FileNotFoundError:
                continue
            yield _head(name, BytesHeaderParser(policy=compat32).parsebytes(start))

    def open(self, name: str) -> Mail | None:
        """Return the mail of that name, or None if there is none (any more)."""
        if not NAME.fullmatch(name):
            return None
        try:
            message = message_from_bytes(self._path(name).read_bytes(), policy=compat32)
            return Mail(
                head=_head(name, message),
                headers=list(_fields(message)),
                text=_first(message, "text/plain"),
                html=_first(message, "text/html"),
            )
        except FileNotFoundError:
            return None
        except RecursionError:
            # Parts inside parts inside parts, without end: the list still shows its head.
            return Mail(
                Head(name, _caught_at(name), Envelope("", []), "(unreadable)"), [], None, None
            )

    def _names(self) -> list[str]:
        names = (path.stem for path in self.folder.glob("*.eml"))
        return sorted(filter(NAME.fullmatch, names), reverse=True)

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.eml"


def _head(name: str, message: Message) -> Head:
    fields = list(_fields(message))
    values = {field.lower(): value for field, value in reversed(fields)}
    return Head(
        name=name,
        caught_at=_caught_at(name),
        envelope=Envelope(
            values.get(SENDER.lower(), "").strip("<>"),
            [value for field, value in fields if field == RECIPIENT],
        ),
        subject=values.get("subject", ""),
    )


def _caught_at(name: str) -> float:
    return int(name[:20]) / 1e9


def _fields(message: Message) -> Iterator[tuple[str, str]]:
    """Yield the headers in plain letters; as they stand where they are not as they should be."""
    for field, raw in message.raw_items():
        value = str(raw).encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        try:
            yield field, str(make_header(decode_header(value)))
        except (HeaderParseError, LookupError, ValueError):
            yield field, value


def _first(message: Message, kind: str) -> str | None:
    for part in message.walk():
        if part.get_content_type() == kind and part.get_content_disposition() != "attachment":
            return _decoded(part)
    return None


def _decoded(part: Message) -> str:
    payload = part.get_payload(decode=True)
    content = payload if isinstance(payload, bytes) else b""
    try:
        return content.decode(part.get_content_charset("utf-8"), "replace")
    except (LookupError, ValueError):
        return content.decode("utf-8", "replace")
