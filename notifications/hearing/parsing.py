"""A mail, taken apart: its headers as text, its parts as bytes.

The standard library's parser goes as deep as the mail says and fails on some headers. This one
goes so deep and no deeper, takes what is broken for what it most likely is, and never raises.
"""

from __future__ import annotations

import binascii
import codecs
import hashlib
import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.header import decode_header
from functools import cached_property
from itertools import islice

from notifications.hearing.addresses import Mailbox, mailboxes
from notifications.hearing.plain_text import from_html

Headers = tuple[tuple[str, str], ...]

MOST_HEADERS = 2_000
LONGEST_HEADER = 20_000
MOST_PARTS = 200
# How far parts inside of parts are followed, and how many octets are searched on the way.
DEEPEST, MOST_SEARCHED = 200, 200_000_000
# What is read of a text. Nobody answers more, and nobody is opted out by word 20,000.
LONGEST_TEXT = 100_000
LONGEST_SUBJECT = 500

HEADER = re.compile(rb"([!-9;-~]{1,200})[ \t]*:(.*)", re.DOTALL)
PARAMETER = re.compile(r";\s*([\w*-]+)\s*=\s*(?:\"([^\"]*)\"|([^\s;\"]+))")
ENCODED_WORD = re.compile(r"=\?[^?\s]{1,40}\?[bqBQ]\?[^?\s]*\?=")
BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
NOT_BASE64 = bytes(set(range(256)) - set(BASE64))
UNFIT = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]+")
# Charsets that are none, or that take ages for long texts.
NO_CHARSETS = {"punycode", "idna", "unicode_escape", "raw_unicode_escape", "undefined"}


@dataclass(frozen=True)
class Part:
    """A part without parts of its own; also a message inside this one, left whole."""

    headers: Headers
    body: bytes

    @cached_property
    def content_type(self) -> str:
        """Its type, such as text/plain, which is what a part without any is."""
        given = first(self.headers, "content-type").partition(";")[0].strip().lower()
        return given if re.fullmatch(r"[\w.+-]+/[\w.+-]+", given) else "text/plain"

    @property
    def charset(self) -> str:
        return parameter(first(self.headers, "content-type"), "charset")

    @property
    def filename(self) -> str:
        """What the sender calls it, without any folder."""
        disposition, kind = (
            first(self.headers, name) for name in ("content-disposition", "content-type")
        )
        given = parameter(disposition, "filename") or parameter(kind, "name")
        return re.split(r"[/\\]", one_line(decoded_words(given)))[-1].strip()[:120]

    @property
    def is_attached(self) -> bool:
        """Whether it is a file rather than words of the mail itself."""
        disposition = first(self.headers, "content-disposition").partition(";")[0]
        if disposition.strip().lower() == "attachment":
            return True
        return not self.content_type.startswith("text/") or bool(self.filename)

    @cached_property
    def content(self) -> bytes:
        """Its bytes, with the transfer encoding undone."""
        return _unencoded(self.body, first(self.headers, "content-transfer-encoding"))

    @cached_property
    def text(self) -> str:
        """Its words."""
        return as_text(self.content[: 4 * LONGEST_TEXT], self.charset)[:LONGEST_TEXT]


@dataclass(frozen=True)
class ParsedMail:
    """A mail, as far as it can be read."""

    headers: Headers
    parts: tuple[Part, ...]

    def all(self, name: str) -> list[str]:
        """Return what every header of this name says."""
        return [value for key, value in self.headers if key == name]

    def first(self, name: str) -> str:
        """Return what the first header of this name says, or nothing."""
        return first(self.headers, name)

    @cached_property
    def content_type(self) -> str:
        """The type of the mail as a whole, with its parameters."""
        return self.first("content-type").lower()

    @cached_property
    def subject(self) -> str:
        return one_line(self.first("subject"))[:LONGEST_SUBJECT]

    @cached_property
    def senders(self) -> list[Mailbox]:
        """Everybody whom it claims to be from, each once."""
        found = {box.address.lower(): box for box in mailboxes(self.all("from"))}
        return list(found.values())

    @cached_property
    def message_id(self) -> str:
        """Its Message-ID with angle brackets, or nothing."""
        found = message_ids(self.first("message-id"))
        return found[0] if found else ""

    @cached_property
    def references(self) -> list[str]:
        """The Message-IDs it answers, the nearest first."""
        near = message_ids(" ".join(self.all("in-reply-to")))
        far = message_ids(" ".join(self.all("references")))
        return list(dict.fromkeys([*near, *reversed(far)]))[:50]

    @cached_property
    def text(self) -> str:
        """What it says: the first text of the mail itself, or the words of its HTML."""
        own = [part for part in self.parts if not part.is_attached]
        for part in own:
            if part.content_type == "text/plain" and part.text.strip():
                return fit(part.text)
        for part in own:
            if part.content_type == "text/html":
                return fit(from_html(part.text))
        return ""

    @property
    def attachments(self) -> list[Part]:
        """The files that came with it."""
        return [part for part in self.parts if part.is_attached]

    @property
    def sameness(self) -> str:
        """What two copies of one mail have in common, whichever way each of them came.

        Relays add headers, and encode parts anew. So it is the Message-ID, or what else tells
        when who wrote of what, and the content of the parts.
        """
        written = [self.message_id] if self.message_id else self.all("from") + self.all("date")
        told = hashlib.sha256("\n".join([*written, self.subject]).encode())
        for part in self.parts:
            content = part.content
            is_text = part.content_type.startswith("text/")
            told.update(hashlib.sha256(b"".join(content.split()) if is_text else content).digest())
        return told.hexdigest()

    def of_type(self, *types: str) -> Iterator[Part]:
        """Yield the parts of these types."""
        return (part for part in self.parts if part.content_type in types)


def parse(raw: bytes) -> ParsedMail:
    """Return what can be read of a mail."""
    lines = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n").lstrip(b"\n")
    if lines.startswith((b"From ", b">From ")):
        # As mails are written one after another into a file.
        lines = lines.partition(b"\n")[2]
    head, body = split_head(lines)
    return ParsedMail(head, tuple(_parts(head, body)))


def split_head(raw: bytes) -> tuple[Headers, bytes]:
    """Return the headers, in small letters and in order, and what stands below them."""
    headers: list[tuple[str, str]] = []
    unfinished: list[bytes] = []
    at = 0
    while at < len(raw):
        end = raw.find(b"\n", at)
        end = len(raw) if end < 0 else end
        line = raw[at:end]
        if not line:
            at = end + 1
            break
        if line[:1] in b" \t" and unfinished:
            unfinished.append(line)
        elif HEADER.fullmatch(line):
            _finish(headers, unfinished)
            unfinished = [line]
        else:
            # No header, so the mail itself begins here: the empty line is missing.
            break
        at = end + 1
    _finish(headers, unfinished)
    return tuple(headers), raw[at:]


def parameter(value: str, name: str) -> str:
    """Return a parameter of a header such as Content-Type, or nothing."""
    for key, quoted, bare in PARAMETER.findall(value):
        if key.lower() == name:
            return str(quoted or bare)
        if key.lower() in {f"{name}*", f"{name}*0*"}:
            return _percent_decoded(quoted or bare)
    return ""


def message_ids(value: str) -> list[str]:
    """Return the Message-IDs in a header, each fit to be written into one again."""
    return re.findall(r"<[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,200}@[A-Za-z0-9.\[\]:-]{1,200}>", value)


def first(headers: Headers, name: str) -> str:
    """Return what the first header of this name says, or nothing."""
    return next((value for key, value in headers if key == name), "")


def as_text(content: bytes, charset: str) -> str:
    """Return bytes as text: as the charset says if that can be, else as UTF-8, else as Latin."""
    for name in (charset, "utf-8"):
        try:
            codec = codecs.lookup(name).name.replace("-", "_") if name.isascii() else ""
            if codec and codec not in NO_CHARSETS:
                return content.decode(codec)
        except (LookupError, ValueError):
            continue
    return content.decode("cp1252", "replace")


def decoded_words(value: str) -> str:
    """Return a header with its encoded words (RFC 2047) as what they stand for."""
    if "=?" not in value:
        return value
    # White space between two encoded words is none.
    value = re.sub(r"(\?=)\s+(?==\?)", r"\1", value)
    return ENCODED_WORD.sub(lambda word: _decoded_word(word[0]), value)


def one_line(value: str) -> str:
    """Return a text as one line, without what no line may hold."""
    return " ".join(UNFIT.sub(" ", value).split())


def fit(value: str) -> str:
    """Return a text of several lines, without what no text may hold."""
    return UNFIT.sub(" ", value.replace("\r\n", "\n").replace("\r", "\n")).strip()


def _finish(headers: list[tuple[str, str]], lines: list[bytes]) -> None:
    found = HEADER.fullmatch(lines[0]) if lines else None
    if found is None or len(headers) >= MOST_HEADERS:
        return
    folded = b" ".join([found[2], *lines[1:]])[:LONGEST_HEADER]
    value = as_text(folded, "utf-8")
    name = found[1].decode("ascii", "replace").lower()
    headers.append((name, one_line(decoded_words(value))))


def _parts(head: Headers, body: bytes) -> Iterator[Part]:
    """Yield the parts in their order, whatever contains them; a few levels and not too many."""
    waiting = [(head, body, 0)]
    yielded = searched = 0
    while waiting and yielded < MOST_PARTS:
        headers, content, depth = waiting.pop()
        searched += len(content)
        kind = first(headers, "content-type")
        boundary = parameter(kind, "boundary").encode("utf-8", "replace")
        if kind.lower().startswith("multipart/") and boundary and _may_go_on(depth, searched):
            inner = [(*split_head(piece), depth + 1) for piece in _pieces(content, boundary)]
            waiting.extend(reversed(inner))
        else:
            yielded += 1
            yield Part(headers, content)


def _may_go_on(depth: int, searched: int) -> bool:
    return depth < DEEPEST and searched < MOST_SEARCHED


def _pieces(content: bytes, boundary: bytes) -> list[bytes]:
    """Cut at the boundary; what stands before its first line and after its last is no part."""
    line = re.compile(rb"^--" + re.escape(boundary) + rb"(--)?[ \t]*(?:\n|\Z)", re.MULTILINE)
    found = list(islice(line.finditer(content), MOST_PARTS + 1))
    pieces = []
    for number, start in enumerate(found):
        if start[1]:
            break
        end = found[number + 1].start() if number + 1 < len(found) else len(content)
        pieces.append(content[start.end() : end])
    return pieces


def _unencoded(body: bytes, encoding: str) -> bytes:
    encoding = encoding.strip().lower()
    if encoding == "base64":
        letters = body.translate(None, NOT_BASE64)
        letters = letters[: len(letters) - (len(letters) % 4 == 1)]
        try:
            return binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))
        except binascii.Error:
            return body
    return quopri.decodestring(body) if encoding == "quoted-printable" else body


def _decoded_word(word: str) -> str:
    try:
        content, charset = decode_header(word)[0]
    except (HeaderParseError, ValueError):
        return word
    return as_text(content, charset or "") if isinstance(content, bytes) else content


def _percent_decoded(value: str) -> str:
    charset, _, rest = value.partition("'")
    text = rest.partition("'")[2] or value
    octets = re.sub(
        rb"%([0-9A-Fa-f]{2})", lambda each: bytes([int(each[1], 16)]), text.encode("utf-8")
    )
    return as_text(octets, charset)
