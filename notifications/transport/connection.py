"""One connection to a mail server: opening it, writing, taking in what has come of its replies."""

from __future__ import annotations

import logging
import re
import smtplib
import socket
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import cast

from notifications.transport.server import Encryption, Server

CLOSING = 421
"""The one reply that ends a connection whatever it answers (RFC 5321, 3.8)."""

PATIENCE_AT_GOODBYE = 5
"""Seconds to wait for the answer to QUIT: everything that matters is settled by then."""

READ_SIZE = 16 * 1024

MOST_PIECES = 512
"""So many are handed over in one call; systems take a thousand."""

LONGEST_REPLY = 64 * 1024
"""Whoever sends more than this without ending a reply speaks no SMTP."""

_REPLY_LINE = re.compile(rb"(\d{3})([ -]?)([^\n]*)\n")
_ENHANCED_STATUS = re.compile(rb"[245]\.\d{1,3}\.\d{1,3}(?=\s|$)")

logger = logging.getLogger(__name__)


class Unreachable(Exception):
    """The server could not be brought to the point where it takes mail."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply of the server; code None means that none came, and none will."""

    code: int | None = None
    status: str | None = None

    @property
    def kind(self) -> int:
        """The first digit: 2 done, 3 go on, 4 not now, 5 no; 0 when there was no reply."""
        return (self.code or 0) // 100


class Connection:
    """An open, greeted and, where asked for, encrypted and signed-in connection.

    Once it has ended, writing does nothing and every reply is Reply(None), so that the
    caller finds out at the message concerned, and in order.
    """

    def __init__(self, server: Server) -> None:
        self._server = server
        self._smtp = _open(server)
        self._socket = cast("socket.socket", self._smtp.sock)
        # What is encrypted goes in one piece, at the pace of who encrypts it.
        self._is_plain = not isinstance(self._socket, ssl.SSLSocket)
        if self._is_plain:
            self._socket.setblocking(False)
        self.command_patience = server.command_timeout
        """Seconds to wait for the answer to a command."""
        self.message_patience = server.reply_timeout
        """Seconds to wait for the answer to a whole message, for which servers take longer."""
        self.offers_pipelining = self._smtp.has_extn("pipelining")
        self.offers_smtputf8 = self._smtp.has_extn("smtputf8")
        self.offers_8bitmime = self._smtp.has_extn("8bitmime")
        self.offers_chunking = server.chunking and self._smtp.has_extn("chunking")
        self.room = server.messages_per_connection
        """How many more messages may be offered here."""
        self.has_settled_one = False
        """Whether the server has answered for a message, whatever it said."""
        self.is_open = True
        self.was_dismissed = False
        """Whether the server said 421: it wants no more mail from us for now."""
        self._received = bytearray()
        self._has_ended = False

    def write(self, *pieces: bytes) -> None:
        """Hand the octets over, or let the replies tell that this was not possible."""
        if not self.is_open:
            return
        try:
            self._send_all(pieces)
        except TimeoutError:
            self.abort()
        except OSError:
            # The server has hung up, but what it answered before may still be waiting here
            # to be read, and it tells whether earlier messages arrived.
            return

    def _send_all(self, pieces: Sequence[bytes]) -> None:
        sent = 0
        if self._is_plain:
            # Mostly there is room for all of it at once, and nothing to wait for.
            with suppress(BlockingIOError):
                sent = self._socket.sendmsg(pieces[:MOST_PIECES])
            if sent == sum(map(len, pieces)):
                return
        with self._waiting(self._server.command_timeout):
            self._socket.sendall(b"".join(pieces)[sent:])

    @contextmanager
    def _waiting(self, seconds: float) -> Iterator[None]:
        """Let the socket wait so long at most; otherwise a plain one never does."""
        self._socket.settimeout(seconds)
        try:
            yield
        finally:
            if self._is_plain:
                self._socket.setblocking(False)

    def fileno(self) -> int:
        """Return the socket, for whoever waits on several connections at once."""
        return self._socket.fileno()

    def receive(self, patience: float) -> None:
        """Take in what has come, waiting for it so many seconds at most; then hang up."""
        if not self.is_open:
            return
        try:
            octets = self._read(patience)
        except OSError:
            octets = b""
        self._received += octets
        if not octets or len(self._received) > LONGEST_REPLY:
            self.give_up()

    def _read(self, patience: float) -> bytes:
        if self._is_plain:
            with suppress(BlockingIOError):
                return self._socket.recv(READ_SIZE)
        with self._waiting(patience):
            return self._socket.recv(READ_SIZE)

    def give_up(self) -> None:
        """Wait for nothing more: the replies that have come are the last."""
        self._has_ended = True

    def next_reply(self) -> Reply | None:
        """Return the next reply of those that have come, None while it is not complete.

        Reply(None) once the connection has ended, so that the caller finds out at the message
        concerned, and in order: what was answered before still counts.
        """
        if not self.is_open:
            return Reply()
        text = b""
        at = 0
        while end := self._received.find(b"\n", at) + 1:
            line = _read_line(bytes(self._received[at:end]))
            if line is None:
                # A line that is no reply makes the rest of the conversation a guess.
                break
            code, goes_on, words = line
            text = text or words
            at = end
            if not goes_on:
                del self._received[:at]
                return self._understood(code, text)
        if self._has_ended or end:
            self.abort()
            return Reply()
        return None

    def reply(self, patience: float) -> Reply:
        """Wait for one reply."""
        while (reply := self.next_reply()) is None:
            self.receive(patience)
        return reply

    def is_usable(self) -> bool:
        """Start afresh, and find out whether the server has hung up on an idle line."""
        self.write(b"RSET\r\n")
        if self.reply(self._server.command_timeout).kind != 2:
            self.abort()
        return self.is_open

    def quit(self) -> None:
        """Part politely."""
        self.write(b"QUIT\r\n")
        self.reply(PATIENCE_AT_GOODBYE)
        self.abort()

    def abort(self) -> None:
        """Hang up. A message that is not complete yet is thrown away by the server."""
        self.is_open = False
        self._smtp.close()

    def _understood(self, code: int, text: bytes) -> Reply:
        if not 200 <= code <= 599:
            self.abort()
            return Reply()
        if code == CLOSING:
            self.was_dismissed = True
            self.abort()
        return _reply(code, text)


# Servers say the same words again and again.
@lru_cache(maxsize=64)
def _read_line(line: bytes) -> tuple[int, bool, bytes] | None:
    """The code of a line of a reply, whether another line follows, and its words."""
    read = _REPLY_LINE.fullmatch(line)
    return (int(read[1]), read[2] == b"-", read[3].strip()) if read else None


@lru_cache(maxsize=64)
def _reply(code: int, text: bytes) -> Reply:
    status = _ENHANCED_STATUS.match(text)
    return Reply(code, status[0].decode("ascii") if status else None)


def _open(server: Server) -> smtplib.SMTP:
    """Connect, encrypt and sign in; Unreachable when the server does not let us."""
    smtp: smtplib.SMTP | None = None
    try:
        smtp = _greeted(server)
        _prepare(smtp, server)
    except (smtplib.SMTPException, OSError) as error:
        if smtp is not None:
            smtp.close()
        # The name of the error and the number say what to look for; the server's own words
        # may repeat the user name.
        code = getattr(error, "smtp_code", "no code")
        logger.warning("The mail server cannot be used: %s (%s)", type(error).__name__, code)
        raise Unreachable from None
    return smtp


def _greeted(server: Server) -> smtplib.SMTP:
    if server.encryption is Encryption.TLS:
        return smtplib.SMTP_SSL(
            server.host,
            server.port,
            local_hostname=server.helo_name,
            timeout=server.connect_timeout,
            context=ssl.create_default_context(),
        )
    return smtplib.SMTP(
        server.host,
        server.port,
        local_hostname=server.helo_name,
        timeout=server.connect_timeout,
    )


def _prepare(smtp: smtplib.SMTP, server: Server) -> None:
    sock = cast("socket.socket", smtp.sock)
    sock.settimeout(server.command_timeout)
    # Each write is a whole turn of the conversation, so its last packet need not wait until
    # the ones before are acknowledged.
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if server.encryption is Encryption.STARTTLS:
        smtp.starttls(context=ssl.create_default_context())
    smtp.ehlo_or_helo_if_needed()
    if server.user:
        smtp.login(server.user, server.password)
