"""One message of a campaign, built once; only bytes are put in for each recipient.

Building a message with the email package costs milliseconds, filling in a name costs
microseconds. The skeleton is the finished message, cut open at its placeholders.

Both bodies are quoted-printable: plain ASCII that any server carries unchanged, with no line
over 76 octets whatever is filled in. The boundary holds "=_", which quoted-printable never
writes, so no value can end a part early. And it depends on the texts alone: the same skeleton
filled with the same values gives the same bytes again, which proves later what was sent.
"""

from __future__ import annotations

import hashlib
import html as markup
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.message import MIMEPart
from email.policy import SMTP
from email.utils import format_datetime
from functools import lru_cache

from notifications.transport.address import wire_address
from notifications.transport.envelope import END_OF_MESSAGE, Prepared, with_dots_doubled

LONGEST_VALUE = 320
"""Characters that a field may hold."""

LONGEST_LINE = 998
"""Octets of a line without its end (RFC 5322, 2.1.1)."""

_PLACEHOLDER = re.compile(r"\[\[(.*?)\]\]")
_MARKER = re.compile(rb"\[\[([a-z]+):([a-z][a-z0-9_]*)\]\]")
_FIELD = re.compile(r"[a-z][a-z0-9_]*")
_UNFIT = re.compile("[\r\n\0\ud800-\udfff]")
_MESSAGE_ID = re.compile(r"<[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9.-]+>")
_HEADER_NAME = re.compile(r"[!-9;-~]+")
_HEADER_TEXT = re.compile(r"[!-~](?:[ -~]*[!-~])?")
_HEADER_VALUE = re.compile(r"[A-Za-z0-9._~:/?&=%+@-]*")
_PLAIN_TEXT = re.compile(r"(?!.*=\?)[!-~](?:[ -~]{0,900}[!-~])?")

_OWN_HEADERS = frozenset(
    {
        "content-transfer-encoding",
        "content-type",
        "date",
        "from",
        "message-id",
        "mime-version",
        "reply-to",
        "subject",
        "to",
    }
)

# RFC 2045, 6.7: 76 octets with the "=" of a soft line break.
_BODY_WIDTH = 75
# RFC 2047, 2: 75 octets with "=?utf-8?q?" and "?=", and room for "Subject: " on the line.
_WORD_WIDTH = 52


class _Escapes(dict[int, str]):
    """How each character is written: itself if safe, else its UTF-8 octets as =XX."""

    def __init__(self, safe: str, space: str) -> None:
        super().__init__({ord(character): character for character in safe})
        self[ord(" ")] = space
        kept = "".join(chr(code) for code, written in self.items() if written == chr(code))
        self._has_none = re.compile(f"[{re.escape(kept)}]*").fullmatch

    def written(self, text: str) -> str:
        """Write a text so. To find that nothing is to be escaped is a tenth of escaping it."""
        return text if self._has_none(text) else text.translate(self)

    def __missing__(self, code: int) -> str:
        escaped = "".join(f"={octet:02X}" for octet in chr(code).encode())
        self[code] = escaped
        return escaped


_PRINTABLE = "".join(map(chr, range(33, 127)))
_BODY = _Escapes(_PRINTABLE.replace("=", ""), " ")
_WORD = _Escapes("".join(filter(str.isalnum, _PRINTABLE)) + "!*+-/", "_")


def _folded(text: str, escapes: _Escapes, width: int) -> list[str]:
    """Escape the text and cut it into pieces of at most `width`, never inside a character."""
    escaped = escapes.written(text)
    if len(escaped) <= width:
        return [escaped]
    if len(escaped) == len(text):
        # Nothing was escaped, so it can be cut anywhere. Links are so.
        return [escaped[at : at + width] for at in range(0, len(escaped), width)]
    pieces = [""]
    for character in text:
        unit = escapes[ord(character)]
        if len(pieces[-1]) + len(unit) > width:
            pieces.append("")
        pieces[-1] += unit
    return pieces


# What stands in the text stands in the HTML as well, mostly with nothing to escape.
@lru_cache(maxsize=8)
def _text_value(value: str) -> bytes:
    # In a body a value stands at the start of a line (_quoted_printable).
    return with_dots_doubled("=\r\n".join(_folded(value, _BODY, _BODY_WIDTH)).encode("ascii"))


def _html_value(value: str) -> bytes:
    return _text_value(markup.escape(value))


def _header_value(value: str) -> bytes:
    if not _HEADER_VALUE.fullmatch(value):
        raise ValueError("Only what stands in a URL may be put into a header.")
    return value.encode("ascii")


_ENCODERS: Mapping[str, Callable[[str], bytes]] = {
    "text": _text_value,
    "html": _html_value,
    "header": _header_value,
}


@dataclass(frozen=True, slots=True)
class _Hole:
    """A field with the places where one encoding of its value goes."""

    field: str
    encode: Callable[[str], bytes]
    places: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Skeleton:
    """A message in text and HTML with holes for the recipient, the date and the fields.

    Its pieces are ready for the wire, so that nobody has to look through each message again.
    """

    _subject: tuple[str, ...]
    _pieces: tuple[bytes, ...]
    _holes: tuple[_Hole, ...]
    _fields: frozenset[str]

    @classmethod
    def build(
        cls,
        *,
        subject: str,
        text: str,
        html: str,
        sender: str,
        reply_to: str | None,
        headers: Mapping[str, str],
        fields: Collection[str],
    ) -> Skeleton:
        """Build the message that render() completes for each recipient.

        Subject, texts and headers hold placeholders like [[name]]; each must be one of
        `fields`, and each of `fields` must stand somewhere. Values are escaped in the HTML,
        so its placeholders belong into text or quoted attributes. `headers` are further ones
        in printable ASCII, such as List-Unsubscribe. All else is a ValueError.
        """
        _check_placeholders([subject, text, html, *headers.values()], frozenset(fields))
        message = MIMEPart(policy=SMTP)
        message["From"] = sender
        if reply_to is not None:
            message["Reply-To"] = reply_to
        message["MIME-Version"] = "1.0"
        message["Content-Type"] = "multipart/alternative"
        for part, subtype, body in (("text", "plain", text), ("html", "html", html)):
            alternative = MIMEPart(policy=SMTP)
            alternative.set_content("", subtype=subtype, cte="quoted-printable")
            alternative.set_payload(_quoted_printable(part, body))
            message.attach(alternative)
        message.set_boundary("=_" + _digest(text, html))
        extra = "".join(_header_line(name, value) for name, value in headers.items())
        if _UNFIT.search(subject):
            raise ValueError("A subject is one line.")
        return cls(
            tuple(_PLACEHOLDER.split(subject)),
            *_cut(with_dots_doubled(extra.encode("ascii") + message.as_bytes()) + END_OF_MESSAGE),
            frozenset(fields),
        )

    def render(
        self, *, to: str, message_id: str, date: datetime, values: Mapping[str, str]
    ) -> bytes:
        """Return the complete message with CRLF line ends, dots not doubled. See `prepare`."""
        ready = self.prepare(to=to, message_id=message_id, date=date, values=values)
        return bytes(ready).removesuffix(END_OF_MESSAGE).replace(b"\r\n..", b"\r\n.")

    def prepare(
        self, *, to: str, message_id: str, date: datetime, values: Mapping[str, str]
    ) -> Prepared:
        """Return the complete message as it goes on the wire.

        `message_id` includes its angle brackets, `date` knows its offset from UTC. Any
        Unicode is a value, but for CR, LF, NUL and lone surrogates, in up to LONGEST_VALUE
        characters; in a header other than the subject only what a URL may hold. All else is
        a ValueError that repeats no value. If needs_smtputf8(to), the message holds UTF-8
        and only servers with that extension can carry it.
        """
        if values.keys() != self._fields:
            raise ValueError("Every field has a value, and nothing else has.")
        for field, value in values.items():
            # What can be printed is fit, and quicker to tell.
            is_fit = value.isprintable() or not _UNFIT.search(value)
            if len(value) > LONGEST_VALUE or not is_fit:
                raise ValueError(f"The value of {field} cannot be put into a message.")
        pieces = list(self._pieces)
        pieces[0] = _head(to, message_id, date, self._filled_subject(values))
        for hole in self._holes:
            encoded = hole.encode(values[hole.field])
            for place in hole.places:
                pieces[place] = encoded
        return Prepared(*pieces)

    def _filled_subject(self, values: Mapping[str, str]) -> str:
        return "".join(
            values[literal_or_field] if index % 2 else literal_or_field
            for index, literal_or_field in enumerate(self._subject)
        )


def _cut(template: bytes) -> tuple[tuple[bytes, ...], tuple[_Hole, ...]]:
    """Cut a message open at its markers.

    Splitting leaves a piece, a part, a field, a piece, a part, a field, ..., a piece. One more
    hole comes first, for the headers that are no fields.
    """
    split = _MARKER.split(template)
    pieces = [b"", split[0]]
    places: dict[tuple[str, str], list[int]] = {}
    for part, field, literal in zip(split[1::3], split[2::3], split[3::3], strict=True):
        places.setdefault((part.decode(), field.decode()), []).append(len(pieces))
        pieces += [b"", literal]
    holes = [
        _Hole(field, _ENCODERS[part], tuple(indexes)) for (part, field), indexes in places.items()
    ]
    return tuple(pieces), tuple(holes)


def _head(to: str, message_id: str, date: datetime, subject: str) -> bytes:
    if not _MESSAGE_ID.fullmatch(message_id):
        raise ValueError("A Message-ID is <unique@domain> in ASCII.")
    if date.tzinfo is None:
        raise ValueError("The date of a message knows its offset from UTC.")
    lines = (
        f"Date: {_written(date)}",
        f"Message-ID: {message_id}",
        f"To: {wire_address(to)}",
        f"Subject:{_header_text(subject)}\r\n",
    )
    return "\r\n".join(lines).encode()


@lru_cache(maxsize=8)
def _written(date: datetime) -> str:
    """Write a date as mail headers do. Many messages share one."""
    return format_datetime(date)


def _check_placeholders(templates: Iterable[str], fields: frozenset[str]) -> None:
    if not all(_FIELD.fullmatch(field) for field in fields):
        raise ValueError("A field is named in small letters, digits and underscores.")
    found: set[str] = set()
    for template in templates:
        literals_and_fields = _PLACEHOLDER.split(template)
        found.update(literals_and_fields[1::2])
        if any("[[" in literal for literal in literals_and_fields[::2]):
            raise ValueError("A placeholder is not closed.")
    if found != fields:
        raise ValueError(f"Unknown or unused placeholders: {sorted(found ^ fields)}")


def _quoted_printable(part: str, body: str) -> str:
    """Encode a body, with its placeholders turned into markers on lines of their own.

    A value may be longer than a line. Set between soft line breaks, it can be folded without
    knowing what stands around it; and behind it no space can come to end a line.
    """
    body = body.replace("\r\n", "\n")
    if "\r" in body or "\0" in body:
        raise ValueError("A body holds no CR without LF and no NUL.")
    lines = []
    for line in body.removesuffix("\n").split("\n"):
        pieces: list[str] = []
        for index, literal_or_field in enumerate(_PLACEHOLDER.split(line)):
            if index % 2:
                pieces.append(f"[[{part}:{literal_or_field}]]")
            elif literal_or_field:
                pieces += _folded(literal_or_field, _BODY, _BODY_WIDTH)
        if pieces and pieces[-1].endswith(("]]", " ")):
            pieces.append("")
        lines.append("=\r\n".join(pieces))
    return "\r\n".join([*lines, ""])


def _header_text(text: str) -> str:
    """Write a text as the value of a header, in encoded words (RFC 2047) unless it is plain."""
    if not text or _PLAIN_TEXT.fullmatch(text):
        return f" {text}"
    words = _folded(text, _WORD, _WORD_WIDTH)
    return "\r\n".join(f" =?utf-8?q?{word}?=" for word in words)


def _header_line(name: str, value: str) -> str:
    if name.lower() in _OWN_HEADERS or not _HEADER_NAME.fullmatch(name):
        raise ValueError(f"Not a further header: {name!r}")
    if not _HEADER_TEXT.fullmatch(value):
        raise ValueError(f"Not printable ASCII: {name}")
    line = f"{name}: " + _PLACEHOLDER.sub(r"[[header:\1]]", value)
    if len(line) + LONGEST_VALUE * line.count("[[") > LONGEST_LINE:
        raise ValueError(f"Longer than a line may be: {name}")
    # A list goes on in the next line after a comma, as RFC 5322 likes it.
    return line.replace(", ", ",\r\n ") + "\r\n"


def _digest(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:32]
