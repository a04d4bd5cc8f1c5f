"""A mail server that takes everything and keeps nothing, as fast as Python can.

    python -m benchmarks.sink [--port 2525]

It prints the port it listens on, and at its end how many messages it took.
"""

from __future__ import annotations

import argparse
import asyncio
import signal

END_OF_MESSAGE = b"\r\n.\r\n"
GREETING = b"220 sink\r\n"
EXTENSIONS = b"250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n"
REPLIES = {b"DATA": b"354 Go on\r\n", b"EHLO": EXTENSIONS, b"QUIT": b"221 Bye\r\n"}
DONE = b"250 OK\r\n"


class Conversation(asyncio.Protocol):
    """One connection: commands line by line, a message up to its lone dot."""

    taken = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - a server's are
        self.transport = transport
        self.waiting = bytearray()
        self.in_message = False
        transport.write(GREETING)

    def data_received(self, data: bytes) -> None:
        self.waiting += data
        replies = b"".join(iter(self._next_reply, b""))
        if replies:
            self.transport.write(replies)

    def _next_reply(self) -> bytes:
        """Take one command or message from what has come; nothing if it is not whole yet."""
        end = END_OF_MESSAGE if self.in_message else b"\r\n"
        head, found, rest = self.waiting.partition(end)
        if not found:
            return b""
        self.waiting = rest
        if self.in_message:
            self.in_message = False
            Conversation.taken += 1
            return DONE
        command = bytes(head[:4]).upper()
        self.in_message = command == b"DATA"
        return REPLIES.get(command, DONE)


async def main(port: int) -> None:
    """Serve until told to end."""
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, ended.set)
    server = await loop.create_server(Conversation, "127.0.0.1", port)
    print(server.sockets[0].getsockname()[1], flush=True)
    await ended.wait()
    print(Conversation.taken, flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 is any free port")
    asyncio.run(main(parser.parse_args().port))
