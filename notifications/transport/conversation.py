"""The order of commands, bodies and replies on one connection (RFC 5321, RFC 2920).

With PIPELINING each turn is one write and one round trip:

    we write     the body of message n, then MAIL, RCPT and DATA of message n + 1
    we read      the final reply to n, then the three replies to n + 1

DATA is the last command that may be sent ahead, so there is never more than one message
whose body the server has and whose final reply we have not. Without PIPELINING the same
turns are made in single steps.

Where CHUNKING is offered (RFC 3030), BDAT carries the body as it is, in one piece: its length is
said beforehand, so nobody looks for its end, and no reply to DATA is waited for. More could be
sent ahead then; it is not, so that a connection that breaks leaves one message uncertain.

A conversation never waits by itself. Where it needs a reply that has not come it says for how
long it would wait, so that one thread can lead many conversations.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache
from typing import Generic, NamedTuple

from notifications.transport.connection import Connection, Reply
from notifications.transport.envelope import (
    END_OF_MESSAGE,
    Delivery,
    Envelope,
    Key,
    Outcome,
)

GO_AHEAD = 354

ABOUT_THE_SESSION = frozenset({502, 503, 530, 534, 535, 538})
"""Final replies that speak of us and not of one recipient: unknown or unexpected command,
sign-in or encryption required. They must not count as a customer's address refusing mail."""


class Step(Enum):
    """What a command is for."""

    RESET = auto()
    SENDER = auto()
    RECIPIENT = auto()
    DATA = auto()


Commands = tuple[tuple[Step, bytes], ...]


@dataclass(frozen=True, slots=True)
class Wait:
    """Go on once more has come from the server, or after so many seconds without."""

    seconds: float


Result = tuple[Key, Delivery]
Answer = Generator[Wait, None, Reply]


class Handed(NamedTuple, Generic[Key]):
    """A message that the server has, or the lone end of one that it had refused before."""

    key: Key
    refusal: Delivery | None


class Conversation(Generic[Key]):
    """Sends one message after the other, until none waits or the connection has to end."""

    def __init__(self, connection: Connection, waiting: Iterator[Envelope[Key]]) -> None:
        self._connection = connection
        self._waiting = waiting
        self._handed: Handed[Key] | None = None
        self._body: tuple[bytes, ...] = ()
        self._needs_reset = False

    def run(
        self, upcoming: Envelope[Key] | None
    ) -> Generator[Result[Key] | Wait, None, Envelope[Key] | None]:
        """Yield what became of each message, in their order, as soon as it is known.

        Between results it yields each Wait for the server.

        Returns the envelope that another connection must start with, if one is left: it was
        not offered here, or offered behind a message at which the connection ended.
        """
        connection = self._connection
        while connection.is_open and (upcoming is not None or self._handed is not None):
            offered = upcoming if connection.room > 0 else None
            commands = self._commands(offered) if offered is not None else ()
            self._write_turn(commands)
            if self._handed is not None:
                yield (yield from self._final_answer(self._handed))
            if offered is None or not connection.is_open:
                break
            yield from self._invite(offered, commands)
            upcoming = next(self._waiting, None)
        return upcoming

    def _commands(self, envelope: Envelope[Key]) -> Commands:
        """The commands that offer this envelope; none if this server cannot carry it."""
        parameters = ""
        if envelope.needs_smtputf8 or not envelope.wire.isascii():
            if not self._connection.offers_8bitmime:
                return ()
            parameters = " BODY=8BITMIME"
        if envelope.needs_smtputf8:
            if not self._connection.offers_smtputf8:
                return ()
            parameters += " SMTPUTF8"
        # What a BDAT that fails leaves behind is not defined (RFC 3030, 2).
        follows_a_chunk = self._connection.offers_chunking and self._handed is not None
        needs_reset = self._needs_reset or follows_a_chunk
        reset: Commands = ((Step.RESET, b"RSET\r\n"),) if needs_reset else ()
        data: Commands = ((Step.DATA, b"DATA\r\n"),)
        return (
            *reset,
            (Step.SENDER, f"MAIL FROM:<{envelope.sender}>{parameters}\r\n".encode()),
            (Step.RECIPIENT, f"RCPT TO:<{envelope.recipient}>\r\n".encode()),
            *(() if self._connection.offers_chunking else data),
        )

    def _write_turn(self, commands: Commands) -> None:
        ahead = commands if self._connection.offers_pipelining else ()
        self._connection.write(*self._body, *(line for _, line in ahead))
        self._body = ()

    def _invite(
        self, offered: Envelope[Key], commands: Commands
    ) -> Generator[Result[Key] | Wait, None, None]:
        """Read the answers to the commands; either there is a body to write, or a result."""
        connection = self._connection
        if not commands:
            yield offered.key, beyond_this_server(offered)
            return
        connection.room -= 1
        self._needs_reset = False
        refusal: Delivery | None = None
        reply = Reply()
        for step, line in commands:
            if not connection.offers_pipelining:
                if refusal is not None:
                    break
                connection.write(line)
            reply = yield from self._answer(connection.command_patience)
            if not connection.is_open:
                yield offered.key, refusal or answered(reply, otherwise=Outcome.DEFERRED)
                return
            refusal = refusal or refusal_of(step, reply)
        if self._takes_a_body(offered, refusal, invited=reply.code == GO_AHEAD):
            return
        if refusal is not None:
            connection.has_settled_one = True
            self._needs_reset = True
            yield offered.key, refusal

    def _takes_a_body(
        self, offered: Envelope[Key], refusal: Delivery | None, *, invited: bool
    ) -> bool:
        """Put ready what the server is to get next of this message, if it is to get anything."""
        if self._connection.offers_chunking:
            if refusal is None:
                chunk = offered.wire.as_chunk()
                self._handed = Handed(offered.key, None)
                self._body = (b"BDAT %d LAST\r\n" % len(chunk), chunk)
            return refusal is None
        if invited:
            # Some servers invite the body although they refused the only recipient. They get
            # a lone dot, and the message itself stays here (RFC 2920, 3.1).
            self._handed = Handed(offered.key, refusal)
            self._body = (END_OF_MESSAGE,) if refusal else offered.wire.pieces
        return invited

    def _answer(self, patience: float) -> Answer:
        reply = self._connection.next_reply()
        if reply is None:
            wait = Wait(patience)
            while reply is None:
                yield wait
                reply = self._connection.next_reply()
        return reply

    def _final_answer(self, handed: Handed[Key]) -> Generator[Wait, None, Result[Key]]:
        connection = self._connection
        reply = yield from self._answer(connection.message_patience)
        self._handed = None
        delivery = handed.refusal or answered(reply, otherwise=Outcome.UNCONFIRMED)
        if delivery.outcome is Outcome.UNCONFIRMED:
            connection.abort()
        elif connection.is_open:
            connection.has_settled_one = True
        return handed.key, delivery


# Servers say the same words again and again.
@lru_cache(maxsize=64)
def answered(reply: Reply, *, otherwise: Outcome) -> Delivery:
    """Read a reply as a verdict on one message; `otherwise` if it is none (no answer at all)."""
    outcome = {2: Outcome.ACCEPTED, 4: Outcome.DEFERRED, 5: Outcome.REFUSED}.get(
        reply.kind, otherwise
    )
    if reply.code in ABOUT_THE_SESSION:
        outcome = Outcome.DEFERRED
    return Delivery(outcome, reply.code, reply.status)


def refusal_of(step: Step, reply: Reply) -> Delivery | None:
    """Return why a message cannot go on after this reply to a command, None if it can."""
    expected = reply.code == GO_AHEAD if step is Step.DATA else reply.kind == 2
    if step is Step.RESET or expected:
        return None
    if step is Step.SENDER or reply.kind not in {4, 5}:
        # A refused sender is our own fault and not the recipient's, so it is never final.
        return Delivery(Outcome.DEFERRED, reply.code, reply.status)
    return answered(reply, otherwise=Outcome.DEFERRED)


def beyond_this_server(envelope: Envelope[Key]) -> Delivery:
    """The refusal of what the server has no extension for, under the codes of RFC 6531/3463."""
    return Delivery(Outcome.REFUSED, status="5.6.7" if envelope.needs_smtputf8 else "5.6.3")
