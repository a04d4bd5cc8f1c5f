"""Every message gets the outcome that is its own, whatever the server does to its neighbours."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notifications.transport import Delivery, Outcome, Transport
from tests.notifications.smtp_sink import ACCEPT, Accepted, Act, Sink, Stage
from tests.notifications.wire import (
    SENDER,
    message_for,
    outcomes,
    recipients,
    send_all,
    server_at,
)


@pytest.fixture(
    scope="module", params=["pipelined", "step by step", "in chunks", "chunks step by step"]
)
def sink(request: pytest.FixtureRequest) -> Iterator[Sink]:
    way = request.param
    with Sink(pipelining="step" not in way, chunking="chunks" in way) as running:
        yield running


@pytest.fixture(autouse=True)
def _fresh(request: pytest.FixtureRequest) -> None:
    if "sink" in request.fixturenames:
        request.getfixturevalue("sink").plan()


def test_an_accepted_message_arrives_octet_by_octet(sink: Sink) -> None:
    message = message_for("alice@example.com")

    with Transport(server_at(sink.port)) as transport:
        delivery = transport.send(sender=SENDER, recipient="alice@example.com", message=message)

    assert delivery == Delivery(Outcome.ACCEPTED, 250, "2.0.0")
    assert sink.accepted == [
        Accepted(SENDER, ("alice@example.com",), "<7.alice@example.com>", message)
    ]


def test_more_than_the_system_takes_at_once_arrives_octet_by_octet(sink: Sink) -> None:
    lines = (b"%d " % number + b"o" * 900 + b"\r\n" for number in range(9_000))
    message = message_for("alice@example.com") + b"".join(lines)

    with Transport(server_at(sink.port)) as transport:
        transport.send(sender=SENDER, recipient="alice@example.com", message=message)

    [accepted] = sink.accepted
    assert accepted.message == message


@pytest.mark.parametrize(
    ("act", "delivery"),
    [
        (Act.reply(Stage.RECIPIENT, 550), Delivery(Outcome.REFUSED, 550, "5.1.1")),
        (Act.reply(Stage.RECIPIENT, 550, invites=True), Delivery(Outcome.REFUSED, 550, "5.1.1")),
        (Act.reply(Stage.RECIPIENT, 451), Delivery(Outcome.DEFERRED, 451, "4.1.1")),
        (Act.reply(Stage.RECIPIENT, 421), Delivery(Outcome.DEFERRED, 421, "4.1.1")),
        (Act.reply(Stage.RECIPIENT, 530), Delivery(Outcome.DEFERRED, 530, "5.1.1")),
        (Act(Stage.RECIPIENT, "450 greylisted"), Delivery(Outcome.DEFERRED, 450)),
        (Act.hang_up(Stage.RECIPIENT), Delivery(Outcome.DEFERRED)),
        (Act.reply(Stage.DATA, 554), Delivery(Outcome.REFUSED, 554, "5.1.1")),
        (Act.reply(Stage.DATA, 451), Delivery(Outcome.DEFERRED, 451, "4.1.1")),
        (Act.hang_up(Stage.DATA), Delivery(Outcome.DEFERRED)),
        (Act.hang_up(Stage.BODY), Delivery(Outcome.UNCONFIRMED)),
        (Act.reply(Stage.END, 552), Delivery(Outcome.REFUSED, 552, "5.1.1")),
        (Act.reply(Stage.END, 452), Delivery(Outcome.DEFERRED, 452, "4.1.1")),
        (Act.reply(Stage.END, 421), Delivery(Outcome.DEFERRED, 421, "4.1.1")),
        (Act.hang_up(Stage.END), Delivery(Outcome.UNCONFIRMED)),
        (Act.hang_up(Stage.END, keeps=True), Delivery(Outcome.UNCONFIRMED)),
        (Act(Stage.END, "354 what?"), Delivery(Outcome.UNCONFIRMED, 354)),
        (Act(Stage.END, "999 what?"), Delivery(Outcome.UNCONFIRMED)),
        (Act(Stage.END, "what?"), Delivery(Outcome.UNCONFIRMED)),
    ],
)
def test_each_answer_has_its_outcome_and_nobody_elses_words_are_kept(
    sink: Sink, act: Act, delivery: Delivery
) -> None:
    sink.plan({"alice@example.com": act})

    [(_, found)] = send_all(server_at(sink.port), ["alice@example.com"])

    if sink.chunking and act == Act.hang_up(Stage.DATA):
        # The body goes with the command: what became of it nobody knows.
        delivery = Delivery(Outcome.UNCONFIRMED)
    assert found == delivery
    assert [kept.recipients for kept in sink.accepted] == [("alice@example.com",)] * act.keeps


@pytest.mark.parametrize("code", [451, 530, 550, 553])
def test_a_refused_sender_is_never_held_against_the_recipient(sink: Sink, code: int) -> None:
    sink.plan({SENDER: Act.reply(Stage.SENDER, code)})

    results = send_all(server_at(sink.port), recipients(3))

    assert {delivery.code for _, delivery in results} == {code}
    assert outcomes(results) == [Outcome.DEFERRED] * 3


@dataclass(frozen=True)
class Case:
    """What the sink does to one message, what that makes of it, and what it does to the rest."""

    act: Act
    outcome: Outcome
    code: int | None
    arrives: bool = False
    ends: str = ""


CASES = [
    Case(ACCEPT, Outcome.ACCEPTED, 250, arrives=True),
    Case(Act.reply(Stage.RECIPIENT, 550), Outcome.REFUSED, 550),
    Case(Act.reply(Stage.RECIPIENT, 451), Outcome.DEFERRED, 451),
    Case(Act.reply(Stage.RECIPIENT, 550, invites=True), Outcome.REFUSED, 550),
    Case(Act.reply(Stage.DATA, 554), Outcome.REFUSED, 554),
    Case(Act.reply(Stage.END, 550), Outcome.REFUSED, 550),
    Case(Act.reply(Stage.END, 451), Outcome.DEFERRED, 451),
    Case(Act.hang_up(Stage.RECIPIENT), Outcome.DEFERRED, None, ends="connection"),
    Case(Act.hang_up(Stage.BODY), Outcome.UNCONFIRMED, None, ends="connection"),
    Case(Act.hang_up(Stage.END), Outcome.UNCONFIRMED, None, ends="connection"),
    Case(
        Act.hang_up(Stage.END, keeps=True),
        Outcome.UNCONFIRMED,
        None,
        arrives=True,
        ends="connection",
    ),
    Case(Act(Stage.END, "354 what?"), Outcome.UNCONFIRMED, 354, ends="connection"),
    Case(Act(Stage.END, "what?"), Outcome.UNCONFIRMED, None, ends="connection"),
    Case(Act.reply(Stage.RECIPIENT, 421), Outcome.DEFERRED, 421, ends="everything"),
    Case(Act.reply(Stage.END, 421), Outcome.DEFERRED, 421, ends="everything"),
]


def tried(cases: Sequence[Case], room: int) -> int:
    """How many messages are tried before the transport leaves the server alone."""
    fruitless = settled = 0
    for number, case in enumerate(cases, start=1):
        if case.ends == "everything":
            return number
        if case.ends == "connection":
            fruitless = 0 if settled else fruitless + 1
            settled = 0
        else:
            fruitless = 0
            settled = (settled + 1) % room
        if fruitless == 2:
            return number
    return len(cases)


@settings(deadline=None)
@given(
    cases=st.lists(st.sampled_from(CASES), max_size=12)
    | st.lists(st.sampled_from([*CASES[:7] * 4, *CASES]), max_size=40),
    room=st.sampled_from([1, 3, 500]),
)
def test_whatever_happens_each_result_belongs_to_its_message(
    sink: Sink, cases: list[Case], room: int
) -> None:
    addresses = recipients(len(cases))
    sink.plan(dict(zip(addresses, (case.act for case in cases), strict=True)))
    reached = tried(cases, room)

    results = send_all(server_at(sink.port, messages_per_connection=room), addresses)

    assert [(key, found.outcome, found.code) for key, found in results] == [
        (number, case.outcome, case.code) if number < reached else (number, Outcome.DEFERRED, None)
        for number, case in enumerate(cases)
    ]
    assert [kept.message for kept in sink.accepted] == [
        message_for(address)
        for address, case in zip(addresses[:reached], cases[:reached], strict=True)
        if case.arrives
    ]


def test_messages_behind_a_421_are_deferred_untried(sink: Sink) -> None:
    addresses = recipients(5)
    sink.plan({addresses[2]: Act.reply(Stage.END, 421)})

    results = send_all(server_at(sink.port), addresses)

    assert [delivery.code for _, delivery in results] == [250, 250, 421, None, None]
    assert outcomes(results)[2:] == [Outcome.DEFERRED] * 3
    assert sink.connections == 1


def test_one_message_that_kills_every_connection_does_not_hold_up_the_others(sink: Sink) -> None:
    addresses = recipients(6)
    sink.plan({addresses[0]: Act.hang_up(Stage.END), addresses[3]: Act.hang_up(Stage.BODY)})

    results = send_all(server_at(sink.port), addresses)

    accepted, unknown = Outcome.ACCEPTED, Outcome.UNCONFIRMED
    assert outcomes(results) == [unknown, accepted, accepted, unknown, accepted, accepted]
    assert sink.connections == 3


def test_a_server_that_always_hangs_up_is_left_alone(sink: Sink) -> None:
    sink.plan(otherwise=Act.hang_up(Stage.END))

    results = send_all(server_at(sink.port), recipients(5))

    assert outcomes(results) == [Outcome.UNCONFIRMED] * 2 + [Outcome.DEFERRED] * 3
    assert sink.connections == 2
