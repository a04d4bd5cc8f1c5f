"""Several connections carry one stock of messages; each result still belongs to its message."""

from __future__ import annotations

from collections import Counter
from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notifications.transport import UNTRIED, Delivery, Envelope, Outcome, Transport
from notifications.transport.transport import MESSAGES_FOR_A_LANE
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

MANY = recipients(60)
KINDS = {
    "accepted": (None, Outcome.ACCEPTED),
    "refused": (Act.reply(Stage.RECIPIENT, 550), Outcome.REFUSED),
    "deferred": (Act.reply(Stage.DATA, 451), Outcome.DEFERRED),
    "dropped": (Act.hang_up(Stage.END), Outcome.UNCONFIRMED),
}


def test_as_many_connections_are_used_as_are_allowed() -> None:
    with Sink() as sink:
        results = send_all(server_at(sink.port, connections=4), MANY)

    assert Counter(key for key, _ in results) == Counter(range(len(MANY)))
    assert outcomes(results) == [Outcome.ACCEPTED] * len(MANY)
    assert sorted(mail.recipients[0] for mail in sink.accepted) == sorted(MANY)
    assert sink.connections == 4


def test_a_few_messages_need_one_connection() -> None:
    with Sink() as sink:
        send_all(server_at(sink.port, connections=4), recipients(MESSAGES_FOR_A_LANE))

    assert sink.connections == 1


def test_a_message_that_takes_its_time_does_not_hold_up_the_others() -> None:
    slow = MANY[20]
    with Sink({slow: Act.wait(0.5)}) as sink:
        results = send_all(server_at(sink.port, connections=3), MANY)

    # Behind it comes only the one that was offered with its body.
    assert 20 in [key for key, _ in results[-2:]]
    assert outcomes(results) == [Outcome.ACCEPTED] * len(MANY)


@pytest.mark.parametrize("stage", [Stage.RECIPIENT, Stage.END])
def test_a_message_that_is_never_answered_costs_the_others_nothing(stage: Stage) -> None:
    with Sink({MANY[20]: Act.wait(60, stage)}) as sink:
        server = server_at(sink.port, connections=2, command_timeout=2, reply_timeout=2)
        results = dict(send_all(server, MANY))

    never = Outcome.DEFERRED if stage is Stage.RECIPIENT else Outcome.UNCONFIRMED
    assert results.pop(20) == Delivery(never)
    assert {delivery.outcome for delivery in results.values()} == {Outcome.ACCEPTED}


def test_a_421_on_one_connection_lets_the_others_finish_and_no_more() -> None:
    with Sink({MANY[30]: Act.reply(Stage.RECIPIENT, 421)}) as sink:
        results = dict(send_all(server_at(sink.port, connections=3), MANY))

    assert len(results) == len(MANY)
    untried = [key for key, delivery in results.items() if delivery is UNTRIED]
    assert len(sink.accepted) == len(MANY) - 1 - len(untried)
    assert set(untried) == set(range(len(MANY) - len(untried), len(MANY)))
    assert results[30].code == 421


def test_a_server_that_takes_one_connection_only_gets_everything_over_that() -> None:
    with Sink(most_connections=1) as sink:
        results = send_all(server_at(sink.port, connections=4), MANY)

    assert outcomes(results) == [Outcome.ACCEPTED] * len(MANY)


def test_who_stops_asking_leaves_at_most_one_message_a_connection_unanswered() -> None:
    with Sink() as sink:
        with Transport(server_at(sink.port, connections=3)) as transport:
            answered = list(islice(transport.send_many(envelopes_for(MANY)), 30))
        assert len(answered) <= len(sink.accepted) <= len(answered) + 3


@settings(max_examples=25)
@given(st.lists(st.sampled_from(sorted(KINDS)), min_size=12, max_size=30), st.integers(1, 4))
def test_whatever_happens_on_any_of_them_each_result_belongs_to_its_message(
    kinds: list[str], connections: int
) -> None:
    people = recipients(len(kinds))
    script = {
        person: act
        for person, kind in zip(people, kinds, strict=True)
        if (act := KINDS[kind][0]) is not None
    }
    with Sink(script) as sink:
        results = dict(send_all(server_at(sink.port, connections=connections), people))

    assert len(results) == len(kinds)
    untried = {key for key, delivery in results.items() if delivery is UNTRIED}
    for key, kind in enumerate(kinds):
        if key not in untried:
            assert results[key].outcome is KINDS[kind][1]


def test_what_had_to_wait_too_long_is_not_offered_any_more() -> None:
    stale = Envelope("stale", SENDER, MANY[0], message_for(MANY[0]), fresh_until=0)
    fresh = Envelope("fresh", SENDER, MANY[1], message_for(MANY[1]))
    with Sink() as sink, Transport(server_at(sink.port)) as transport:
        results = dict(transport.send_many([stale, fresh]))

    assert results == {"stale": UNTRIED, "fresh": Delivery(Outcome.ACCEPTED, 250, "2.0.0")}
    assert [mail.recipients for mail in sink.accepted] == [(MANY[1],)]
