"""What the tests of the transport send, and to which server."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from notifications.transport import Delivery, Envelope, Outcome, Server, Transport

SENDER = "bounce+7@example.com"


def server_at(port: int, **changes: Any) -> Server:
    patience: dict[str, Any] = {
        "helo_name": "portal.example.com",
        "connect_timeout": 10,
        "command_timeout": 10,
        "reply_timeout": 10,
        "connections": 1,
    }
    return Server(host="127.0.0.1", port=port, **(patience | changes))


def message_for(recipient: str) -> bytes:
    return (
        f"Message-ID: <7.{recipient.partition('@')[0]}@example.com>\r\n"
        f"To: {recipient}\r\n\r\n.\r\n..two dots\r\nRSET\r\n.one dot\r\n"
    ).encode()


def envelopes_for(recipients: Sequence[str]) -> Iterator[Envelope[int]]:
    for number, recipient in enumerate(recipients):
        yield Envelope(number, SENDER, recipient, message_for(recipient))


def recipients(count: int) -> list[str]:
    return [f"customer{number}@example.com" for number in range(count)]


def send_all(server: Server, addresses: Sequence[str]) -> list[tuple[int, Delivery]]:
    with Transport(server) as transport:
        return list(transport.send_many(envelopes_for(addresses)))


def outcomes(results: Sequence[tuple[int, Delivery]]) -> list[Outcome]:
    return [delivery.outcome for _, delivery in results]
