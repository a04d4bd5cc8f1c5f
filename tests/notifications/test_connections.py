"""When a connection is opened, kept, renewed and given up."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from notifications.transport import UNTRIED, Delivery, Envelope, Outcome, Server, Transport
from tests.notifications.smtp_sink import Act, Sink, Stage
from tests.notifications.wire import (
    SENDER,
    envelopes_for,
    message_for,
    outcomes,
    recipients,
    send_all,
    server_at,
)


@pytest.fixture(scope="module", params=["pipelined", "step by step"])
def sink(request: pytest.FixtureRequest) -> Iterator[Sink]:
    with Sink(pipelining=request.param == "pipelined") as running:
        yield running


@pytest.fixture(autouse=True)
def _fresh(request: pytest.FixtureRequest) -> None:
    if "sink" in request.fixturenames:
        request.getfixturevalue("sink").plan()


def test_one_connection_serves_many_messages_and_calls(sink: Sink) -> None:
    with Transport(server_at(sink.port)) as transport:
        for _ in range(3):
            assert len(list(transport.send_many(envelopes_for(recipients(20))))) == 20
        transport.send(sender=SENDER, recipient="a@example.com", message=message_for("a"))

    assert len(sink.accepted) == 61
    assert sink.connections == 1


def test_a_refusal_leaves_no_trace_in_the_next_call(sink: Sink) -> None:
    sink.plan({"bob@example.com": Act.reply(Stage.RECIPIENT, 550)})

    with Transport(server_at(sink.port)) as transport:
        results = [
            transport.send(sender=SENDER, recipient=recipient, message=message_for(recipient))
            for recipient in ("bob@example.com", "alice@example.com", "bob@example.com")
        ]

    assert [delivery.code for delivery in results] == [550, 250, 550]
    assert sink.connections == 1


def test_a_connection_carries_no_more_messages_than_allowed(sink: Sink) -> None:
    results = send_all(server_at(sink.port, messages_per_connection=3), recipients(10))

    assert outcomes(results) == [Outcome.ACCEPTED] * 10
    assert sink.connections == 4


def test_nothing_is_connected_before_there_is_something_to_send(sink: Sink) -> None:
    assert send_all(server_at(sink.port), []) == []
    assert sink.connections == 0


def test_a_server_that_was_restarted_gets_a_new_connection() -> None:
    with Sink() as sink:
        transport = Transport(server_at(sink.port))
        list(transport.send_many(envelopes_for(recipients(2))))
    with Sink(port=sink.port) as restarted, transport:
        results = list(transport.send_many(envelopes_for(recipients(2))))

    assert outcomes(results) == [Outcome.ACCEPTED] * 2
    assert len(restarted.accepted) == 2


def test_a_server_that_is_away_defers_everything(caplog: pytest.LogCaptureFixture) -> None:
    with Sink() as sink:
        port = sink.port

    results = send_all(server_at(port), recipients(3))

    assert [delivery for _, delivery in results] == [UNTRIED] * 3
    assert caplog.messages == ["The mail server cannot be used: ConnectionRefusedError (no code)"]


def test_who_stops_asking_for_results_sends_no_more(sink: Sink) -> None:
    with Transport(server_at(sink.port)) as transport:
        results = transport.send_many(envelopes_for(recipients(5)))
        first = next(results)
        del results
        again = transport.send(
            sender=SENDER, recipient="alice@example.com", message=message_for("alice@example.com")
        )

    assert first[1].outcome is Outcome.ACCEPTED
    assert again.outcome is Outcome.ACCEPTED
    assert [kept.recipients for kept in sink.accepted] == [
        ("customer0@example.com",),
        ("alice@example.com",),
    ]


def test_an_error_in_the_callers_envelopes_spoils_only_that_call(sink: Sink) -> None:
    def failing() -> Iterator[Envelope[int]]:
        yield from envelopes_for(recipients(2))
        raise LookupError

    results: list[tuple[int, Delivery]] = []
    with Transport(server_at(sink.port)) as transport:
        with pytest.raises(LookupError):
            results.extend(transport.send_many(failing()))
        results += transport.send_many(envelopes_for(["alice@example.com"]))

    assert outcomes(results) == [Outcome.ACCEPTED] * 2
    assert [kept.recipients for kept in sink.accepted] == [
        ("customer0@example.com",),
        ("alice@example.com",),
    ]


def test_a_server_too_slow_after_the_message_leaves_it_unconfirmed(sink: Sink) -> None:
    addresses = recipients(3)
    sink.plan({addresses[1]: Act.wait(60, keeps=True)})

    results = send_all(server_at(sink.port, reply_timeout=0.2), addresses)

    accepted, unknown = Outcome.ACCEPTED, Outcome.UNCONFIRMED
    assert outcomes(results) == [accepted, unknown, accepted]
    assert len(sink.accepted) == 3


def test_a_server_too_slow_before_the_message_defers_it(sink: Sink) -> None:
    addresses = recipients(3)
    sink.plan({addresses[1]: Act.wait(60, Stage.RECIPIENT)})

    results = send_all(server_at(sink.port, command_timeout=0.2), addresses)

    accepted, deferred = Outcome.ACCEPTED, Outcome.DEFERRED
    assert outcomes(results) == [accepted, deferred, accepted]


def test_the_wait_after_a_message_is_the_longer_one(sink: Sink) -> None:
    sink.plan(otherwise=Act.wait(0.5))

    results = send_all(server_at(sink.port, command_timeout=0.2), recipients(1))

    assert outcomes(results) == [Outcome.ACCEPTED]


def test_by_default_nobody_is_given_up_before_the_time_of_rfc_5321() -> None:
    server = Server.from_url("smtp://mail.example.com")

    assert (server.connect_timeout, server.command_timeout, server.reply_timeout) == (30, 300, 600)
