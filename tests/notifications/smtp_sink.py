"""A real SMTP server that keeps what it accepts and misbehaves exactly as told.

In a test:  with Sink({"bob@example.com": Act.reply(Stage.RECIPIENT, 550)}) as sink: ...
By itself:  python -m tests.notifications.smtp_sink --port 2525 --record accepted.jsonl
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import socket
import ssl
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from email import message_from_bytes
from enum import Enum, auto
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

# aiosmtpd logs every command with its addresses, which nobody wants to read in a test report.
logging.getLogger("mail.log").setLevel(logging.WARNING)


class Stage(Enum):
    """The moment of one message's way at which the sink acts."""

    SENDER = auto()  # instead of answering MAIL: planned under the sender's address
    RECIPIENT = auto()  # instead of answering RCPT
    DATA = auto()  # instead of answering DATA
    BODY = auto()  # after 354 and the first line of the message: always hangs up
    END = auto()  # after the final dot, instead of 250


@dataclass(frozen=True)
class Act:
    """What the sink does to one message; answer None hangs up without a word.

    It waits `delay` seconds first. `keeps` records the message although no 250 follows, as
    a server does that dies between storing and answering. `invites` answers DATA with 354
    although the recipient was refused.
    """

    stage: Stage = Stage.END
    answer: str | None = "250 2.0.0 OK"
    delay: float = 0
    keeps: bool = False
    invites: bool = False

    @classmethod
    def reply(cls, stage: Stage, code: int, *, invites: bool = False) -> Act:
        return cls(stage, f"{code} {code // 100}.1.1 no <somebody@example.com>", invites=invites)

    @classmethod
    def hang_up(cls, stage: Stage, *, keeps: bool = False) -> Act:
        return cls(stage, None, keeps=keeps)

    @classmethod
    def wait(cls, delay: float, stage: Stage = Stage.END, *, keeps: bool = False) -> Act:
        return cls(stage, delay=delay, keeps=keeps)


ACCEPT = Act()


@dataclass(frozen=True)
class Accepted:
    sender: str
    recipients: tuple[str, ...]
    message_id: str
    message: bytes
    offered_at: float = field(default=0, compare=False)
    """When RCPT came, by the monotonic clock."""


class Connection(SMTP):
    """aiosmtpd's protocol, with a say for the sink at every stage."""

    act = ACCEPT
    has_greeted = False
    offered_at = 0.0

    async def perform(self, act: Act) -> str:
        await asyncio.sleep(act.delay)
        if act.answer is None or act.answer.startswith("421"):
            if act.answer is not None:
                await self.push(act.answer)
            self._writer.close()
            # aiosmtpd's own way out when the client is gone.
            raise asyncio.CancelledError
        return act.answer

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802 - aiosmtpd's name
        if self.envelope is not None and self.envelope.rcpt_tos:
            if self.act.stage is Stage.DATA:
                answer = await self.perform(self.act)
                if not answer.startswith("2"):
                    await self.push(answer)
                    return
            if self.act.stage is Stage.BODY:
                await self.push("354 Go on")
                await self._reader.readline()
                await self.perform(replace(self.act, answer=None))
        await super().smtp_DATA(arg)

    async def smtp_BDAT(self, arg: str) -> None:  # noqa: N802 - aiosmtpd's way of naming
        """Take a message in one piece (RFC 3030), acting as `smtp_DATA` does."""
        content = await self._reader.readexactly(int(arg.split(maxsplit=1)[0]))
        if self.envelope is None or not self.envelope.rcpt_tos:
            await self.push("503 5.5.1 no recipient")
            return
        self.envelope.content = self.envelope.original_content = content
        if self.act.stage in {Stage.DATA, Stage.BODY}:
            answer = await self.perform(
                self.act if self.act.stage is Stage.DATA else replace(self.act, answer=None)
            )
        else:
            answer = await self.event_handler.handle_DATA(self, self.session, self.envelope)
        self._set_post_data_state()  # type: ignore[no-untyped-call]
        await self.push(answer)


def _listener(port: int) -> socket.socket:
    # Only where the protocol is named does asyncio send small packets at once; otherwise
    # each reply waits up to 40 ms for the one before it to be acknowledged.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    return listener


class Sink:
    """The server, on a free port of 127.0.0.1 while the context lasts; safe for threads.

    Acts are chosen by recipient, else by number of the message (counted from 1 at RCPT), else
    `otherwise`. Greetings beyond `most_connections` are answered with
    421. One with `chunking` takes BDAT. `ssl_context` is for TLS from the first octet; `options`
    go to aiosmtpd's SMTP (tls_context for STARTTLS, authenticator, ...).
    """

    def __init__(
        self,
        script: Mapping[str, Act] | None = None,
        *,
        nth: Mapping[int, Act] | None = None,
        otherwise: Act = ACCEPT,
        port: int = 0,
        record: Path | None = None,
        pipelining: bool = True,
        chunking: bool = False,
        most_connections: int = 1000,
        ssl_context: ssl.SSLContext | None = None,
        **options: Any,
    ) -> None:
        self._lock = threading.Lock()
        self._script = dict(script or {})
        self._nth = dict(nth or {})
        self._otherwise = otherwise
        self._record = record
        self._accepted: list[Accepted] = []
        self._offered = 0
        self._connections = 0
        self.pipelining, self.chunking = pipelining, chunking
        self.most_connections = most_connections
        self._socket = _listener(port)
        self.port: int = self._socket.getsockname()[1]
        self._controller = _Controller(self, self._socket, ssl_context, options)

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._controller.stop()
        self._socket.close()

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    @property
    def accepted(self) -> list[Accepted]:
        """What was answered with 250, or kept without an answer, in this order."""
        with self._lock:
            return list(self._accepted)

    @property
    def connections(self) -> int:
        """How many connections have said EHLO."""
        with self._lock:
            return self._connections

    @property
    def offered(self) -> int:
        """How many messages have come as far as RCPT."""
        with self._lock:
            return self._offered

    def plan(
        self,
        script: Mapping[str, Act] | None = None,
        *,
        nth: Mapping[int, Act] | None = None,
        otherwise: Act = ACCEPT,
    ) -> None:
        """Forget what happened and act differently from now on."""
        with self._lock:
            self._script = dict(script or {})
            self._nth = dict(nth or {})
            self._otherwise = otherwise
            self._accepted = []
            self._offered = 0
            self._connections = 0

    def forgive(self) -> None:
        """Take every message from now on. What happened stays on record."""
        with self._lock:
            self._script, self._nth, self._otherwise = {}, {}, ACCEPT

    def disturb(self, acts: Sequence[Act]) -> None:
        """Meet the next messages with these acts, one each. What happened stays on record."""
        with self._lock:
            self._nth |= dict(enumerate(acts, start=self._offered + 1))

    def count_connection(self) -> None:
        with self._lock:
            self._connections += 1

    def act_for_sender(self, sender: str) -> Act:
        with self._lock:
            return self._script.get(sender, ACCEPT)

    def act_for(self, recipient: str) -> Act:
        with self._lock:
            self._offered += 1
            by_number = self._nth.get(self._offered, self._otherwise)
            return self._script.get(recipient, by_number)

    def keep(self, envelope: Envelope, offered_at: float) -> None:
        message = envelope.original_content or b""
        accepted = Accepted(
            envelope.mail_from or "",
            tuple(envelope.rcpt_tos),
            str(message_from_bytes(message).get("Message-ID", "")),
            message,
            offered_at,
        )
        with self._lock:
            self._accepted.append(accepted)
            if self._record is not None:
                fields = {**vars(accepted), "message": message.decode("utf-8", "replace")}
                with self._record.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(fields) + "\n")


class _Handler:
    """The hooks that aiosmtpd calls, by these names."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink

    async def handle_EHLO(  # noqa: N802
        self,
        server: Connection,
        session: Session,
        envelope: Envelope,
        hostname: str,
        responses: list[str],
    ) -> list[str]:
        session.host_name = hostname
        if not server.has_greeted:
            server.has_greeted = True
            if self._sink.connections == self._sink.most_connections:
                await server.perform(Act.reply(Stage.SENDER, 421))
            self._sink.count_connection()
        # The first line is the server's name, no extension.
        name, *extensions = responses
        offered = ["250-PIPELINING"] * self._sink.pipelining
        offered += ["250-CHUNKING"] * self._sink.chunking
        return [name, *offered, *extensions]

    async def handle_MAIL(  # noqa: N802
        self,
        server: Connection,
        session: Session,
        envelope: Envelope,
        address: str,
        options: list[str],
    ) -> str:
        act = self._sink.act_for_sender(address)
        answer = await server.perform(act) if act.stage is Stage.SENDER else "250 OK"
        if answer.startswith("2"):
            envelope.mail_from = address
        return answer

    async def handle_RCPT(  # noqa: N802
        self,
        server: Connection,
        session: Session,
        envelope: Envelope,
        address: str,
        options: list[str],
    ) -> str:
        server.offered_at = time.monotonic()
        server.act = self._sink.act_for(address)
        answer = "250 OK"
        if server.act.stage is Stage.RECIPIENT:
            answer = await server.perform(server.act)
        if answer.startswith("2") or server.act.invites:
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(  # noqa: N802
        self, server: Connection, session: Session, envelope: Envelope
    ) -> str:
        act = server.act
        if act.invites:
            return "554 5.5.1 no valid recipients"
        if act.keeps:
            self._sink.keep(envelope, server.offered_at)
        answer = await server.perform(act if act.stage is Stage.END else ACCEPT)
        if answer.startswith("2") and not act.keeps:
            self._sink.keep(envelope, server.offered_at)
        return answer


class _Controller(Controller):
    def __init__(
        self,
        sink: Sink,
        listener: socket.socket,
        ssl_context: ssl.SSLContext | None,
        options: dict[str, Any],
    ) -> None:
        self._listener = listener
        self._options = {"enable_SMTPUTF8": True, "hostname": "sink", **options}
        host, port = listener.getsockname()
        super().__init__(_Handler(sink), hostname=host, port=port, ssl_context=ssl_context)

    def factory(self) -> SMTP:
        return Connection(self.handler, loop=self.loop, **self._options)

    def _create_server(self) -> Any:
        # Listening on a socket that is bound already leaves no moment in which another
        # process could take the free port.
        return self.loop.create_server(
            self._factory_invoker, sock=self._listener, ssl=self.ssl_context
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--record", type=Path, required=True)
    parser.add_argument("--delay", type=float, default=0, help="seconds before each 250")
    chosen = parser.parse_args()
    act = Act.wait(chosen.delay)
    with Sink(port=chosen.port, record=chosen.record, otherwise=act) as sink:
        print(f"Taking mail at {sink.url}", flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main()
