"""Servers that keep to the letter of RFC 5321 in their own way, or not at all."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from notifications.transport import UNTRIED, Outcome
from tests.notifications.wire import outcomes, recipients, send_all, server_at


@contextmanager
def strange_server(*turns: bytes) -> Iterator[int]:
    """A server that greets with the first turn and answers each burst of ours with the next."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            for turn in turns:
                connection.sendall(turn)
                connection.recv(65536)

    thread = threading.Thread(target=serve)
    thread.start()
    with listener:
        yield listener.getsockname()[1]
        thread.join()


EHLO = b"250-strange\r\n250 PIPELINING\r\n"


def test_replies_may_come_in_one_packet_and_in_several_lines() -> None:
    invitation = b"250-fine\r\n250 fine\r\n250 2.1.5 fine\r\n354 go on\r\n"

    with strange_server(
        b"220 hello\r\n", EHLO, invitation, b"250 taken\r\n" + invitation, b"250 taken\r\n"
    ) as port:
        results = send_all(server_at(port), recipients(2))

    assert outcomes(results) == [Outcome.ACCEPTED] * 2


def test_a_server_without_ehlo_is_served_step_by_step() -> None:
    steps = [b"250 fine\r\n", b"250 fine\r\n", b"354 go on\r\n", b"250 taken\r\n"]

    with strange_server(
        b"220 hello\r\n", b"502 what?\r\n", b"250 hello\r\n", *steps, *steps, b"221 bye\r\n"
    ) as port:
        results = send_all(server_at(port), recipients(2))

    assert outcomes(results) == [Outcome.ACCEPTED] * 2


def test_what_was_answered_before_hanging_up_still_counts() -> None:
    invitation = b"250 fine\r\n250 fine\r\n354 go on\r\n"

    with strange_server(
        b"220 hello\r\n", EHLO, invitation, b"250 taken\r\n421 closing down\r\n"
    ) as port:
        results = send_all(server_at(port), recipients(4))

    assert [delivery.code for _, delivery in results] == [250, 421, None, None]


@pytest.mark.parametrize("greeting", [b"554 no\r\n", b"421 later\r\n", b"hello?\r\n", b""])
def test_a_server_that_does_not_greet_defers_everything(greeting: bytes) -> None:
    with strange_server(greeting) as port:
        results = send_all(server_at(port, connect_timeout=0.2), recipients(2))

    assert [delivery for _, delivery in results] == [UNTRIED] * 2
