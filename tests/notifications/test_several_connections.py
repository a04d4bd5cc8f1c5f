"""Several connections carry one stock of messages; each result still belongs to its message."""

from __future__ import annotations

from collections import Counter
from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notifications.transport import UNTRIED, Delivery, Envelope, Outcome, Transport
from notifications.transport.transport import (
    MESSAGES_FOR_A_LANE,
    MOST_PASSED,
    TAKEN_FOR_A_LANE,
    Stock,
    Width,
)
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


def at(domain: str, number: int = 0) -> Envelope[int]:
    recipient = f"customer{number}@{domain}"
    return Envelope(number, SENDER, recipient, message_for(recipient))


def draw(stock: Stock[int], lane: str) -> int | None:
    envelope = stock.draw(lane)
    return envelope.key if envelope is not None else None


def test_only_so_many_lanes_carry_mail_to_one_domain_and_others_go_before() -> None:
    names = ["a.example", "A.example", "a.example", "a.example", "b.example"]
    stock = Stock([at(name, number) for number, name in enumerate(names)], 2)

    assert [draw(stock, "first"), draw(stock, "second")] == [0, 1]
    # The third lane would be one too many for this domain; the first one goes on with it.
    assert [draw(stock, "third"), draw(stock, "third")] == [4, None]
    assert draw(stock, "first") == 2
    assert draw(stock, "second") == 3
    assert list(stock.rest()) == []


def test_a_lane_that_is_done_with_a_domain_makes_room_for_another() -> None:
    first, second = at("a.example", 1), at("a.example", 2)
    stock = Stock([first, second], 1)
    assert [draw(stock, "one"), draw(stock, "other")] == [1, None]

    stock.settled(first, "one")
    assert draw(stock, "other") == 2
    # What it could not offer, nobody holds any more.
    stock.return_left(second, "other")
    assert draw(stock, "one") == 2


def test_a_crowd_for_one_domain_is_not_read_through_for_the_sake_of_the_others() -> None:
    crowd = [at("a.example", number) for number in range(2 * MOST_PASSED)]
    stock = Stock([*crowd, at("b.example", -1)], 1)

    assert [draw(stock, "first"), draw(stock, "second")] == [0, None]
    assert [envelope.key for envelope in stock.rest()] == [*range(1, 2 * MOST_PASSED), -1]


def test_mails_to_two_domains_all_arrive_one_at_a_time_for_each() -> None:
    people = [f"customer{n}@{'ab'[n % 2]}.example" for n in range(40)]
    with Sink() as sink:
        results = send_all(server_at(sink.port, connections=4, domain_connections=1), people)

    assert outcomes(results) == [Outcome.ACCEPTED] * len(people)
    assert sorted(mail.recipients[0] for mail in sink.accepted) == sorted(people)
    assert sink.connections <= 2


LATER, TAKEN = Delivery(Outcome.DEFERRED, 451), Delivery(Outcome.ACCEPTED, 250)


def test_a_server_that_wants_mail_later_gets_fewer_connections_and_slowly_more_again() -> None:
    width = Width(8)
    for _each in range(3):
        width.learn(LATER)
    assert width.lanes == 4
    for _each in range(3):
        width.learn(LATER)
    assert width.lanes == 2
    for _each in range(TAKEN_FOR_A_LANE - 1):
        width.learn(TAKEN)
    assert width.lanes == 2
    for _each in range(20 * TAKEN_FOR_A_LANE):
        width.learn(TAKEN)
    assert width.lanes == 8


def test_one_full_mailbox_among_many_closes_no_connection() -> None:
    width = Width(4)
    for delivery in [LATER, *[TAKEN] * 15] * 10:
        width.learn(delivery)
    assert width.lanes == 4
