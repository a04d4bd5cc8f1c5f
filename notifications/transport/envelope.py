"""What a transport is given for each message, and what it says became of it."""

from __future__ import annotations

from dataclasses import InitVar, dataclass, field
from enum import Enum
from math import inf
from typing import Generic, TypeVar

from notifications.transport.address import wire_address

Key = TypeVar("Key")


class Outcome(Enum):
    """What became of one message, as far as the mail server let us know."""

    ACCEPTED = "accepted"
    """The server took responsibility for it (RFC 5321, 6.1)."""

    REFUSED = "refused"
    """The server will never take this message for this recipient."""

    DEFERRED = "deferred"
    """Not taken for now: try again later."""

    UNCONFIRMED = "unconfirmed"
    """Handed over, but the answer never came: try again under the same Message-ID."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """The outcome of one message.

    `code` and `status` are the server's answer to this very message (550 and "5.1.1"), None
    where it gave none. Its words are not kept, for they may hold addresses. `was_tried` is
    false for a message that the server was never offered.
    """

    outcome: Outcome
    code: int | None = None
    status: str | None = None
    was_tried: bool = True


UNTRIED = Delivery(Outcome.DEFERRED, was_tried=False)


END_OF_MESSAGE = b".\r\n"


class Prepared:
    """A message as it stands on the wire: CRLF line ends alone, dots doubled, a dot at its end.

    Whoever makes one vouches for that. It is in pieces, because most of a campaign's message are
    the same octets for everybody: what is handed over piece by piece is copied for nobody.
    """

    __slots__ = ("pieces",)

    def __init__(self, *pieces: bytes) -> None:
        self.pieces = pieces

    def __bytes__(self) -> bytes:
        return b"".join(self.pieces)

    def isascii(self) -> bool:
        """Tell whether any server can carry it, with no extension."""
        return all(map(bytes.isascii, self.pieces))

    def as_chunk(self) -> bytes:
        """Return the message as BDAT carries it: its own octets and nothing else."""
        message = bytes(self).removesuffix(END_OF_MESSAGE)
        if b"\r\n.." in message:
            message = message.replace(b"\r\n..", b"\r\n.")
        return message.removeprefix(b".")


def prepared(message: bytes) -> Prepared:
    """Return the message ready for the wire (RFC 5321, 4.5.2), or raise ValueError."""
    # Servers disagree about a bare CR or LF, and between two that do a message can be
    # made to end early and a forged one to follow ("SMTP smuggling").
    line_ends = message.count(b"\r\n")
    if not message.count(b"\r") == message.count(b"\n") == line_ends:
        raise ValueError("Every line of a message ends with CRLF.")
    if not message.endswith(b"\r\n"):
        raise ValueError("The last line of a message ends with CRLF.")
    return Prepared(with_dots_doubled(message) + END_OF_MESSAGE)


def with_dots_doubled(lines: bytes) -> bytes:
    """Return the lines so that none of them is taken for the end of a message."""
    first = b"." if lines.startswith(b".") else b""
    return first + lines.replace(b"\r\n.", b"\r\n..")


@dataclass(slots=True)
class Envelope(Generic[Key]):
    """One message for one recipient; `key` is the caller's own name for it.

    Nobody changes one. It is not frozen, because a frozen one takes three times as long to make.

    `sender` is the return path, "" for none. `message` is complete and has CRLF line ends; it
    is prepared for the wire here, as `wire`, unless it is already. What cannot go there is a
    ValueError, before any other message is under way. After `fresh_until`, a moment of the
    monotonic clock, it is not offered any more: what it relies on may have changed.
    """

    key: Key
    sender: str
    recipient: str
    message: InitVar[bytes | Prepared]
    fresh_until: float = inf
    wire: Prepared = field(init=False)

    def __post_init__(self, message: bytes | Prepared) -> None:
        if self.sender:
            self.sender = wire_address(self.sender)
        self.recipient = wire_address(self.recipient)
        self.wire = message if isinstance(message, Prepared) else prepared(message)

    @property
    def domain(self) -> str:
        """Where the recipient gets mail, in small letters."""
        return self.recipient.rpartition("@")[2].lower()

    @property
    def needs_smtputf8(self) -> bool:
        """Whether an address on it can only be written in UTF-8 (RFC 6531)."""
        return not (self.sender.isascii() and self.recipient.isascii())
