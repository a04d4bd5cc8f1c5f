"""What a customer decided, told in the words that were seen."""

from __future__ import annotations

from datetime import datetime

from pytest_django import DjangoAssertNumQueries
from time_machine import Traveller

from accounts.models import Customer
from consent.history import MOST_ROWS, Decided, choice_history
from consent.models import PolicyVersion
from tests.builders import (
    DAY,
    PRODUCT_NEWS,
    RUN_ACCOUNT,
    TODAY,
    a_draft,
    a_use,
    published,
    say_no,
    say_yes,
)

ASKED = "May we use your name for uptime-watch?"


def told(decision: str, question: str, at: datetime) -> Decided:
    return Decided(decision=decision, question=question, way="in your account", at=at)


def test_the_newest_decision_stands_first(
    alice: Customer, change: PolicyVersion, clock: Traveller
) -> None:
    say_yes(alice, change, "uptime-watch")
    clock.shift(DAY)
    say_no(alice, change, "uptime-watch")
    newest, oldest = told("no", ASKED, TODAY + DAY), told("yes", ASKED, TODAY)
    assert choice_history(alice) == [newest, oldest]


def test_the_order_is_that_of_deciding_though_the_clock_was_set_back(
    alice: Customer, change: PolicyVersion, clock: Traveller
) -> None:
    say_yes(alice, change, "uptime-watch")
    clock.shift(-DAY)
    say_no(alice, change, "uptime-watch")
    assert [row.decision for row in choice_history(alice)] == ["no", "yes"]


def test_an_old_answer_keeps_the_words_it_was_given_to(
    alice: Customer, change: PolicyVersion
) -> None:
    say_yes(alice, change, "uptime-watch")
    reworded = a_use("uptime-watch", question="May we watch?")
    third = published(a_draft(3, RUN_ACCOUNT, PRODUCT_NEWS, reworded))
    say_no(alice, third, "uptime-watch")
    assert [row.question for row in choice_history(alice)] == ["May we watch?", ASKED]


def test_nobody_sees_what_another_customer_decided(
    alice: Customer, bob: Customer, change: PolicyVersion
) -> None:
    say_yes(bob, change, "uptime-watch")
    assert choice_history(alice) == []


def test_the_latest_decisions_are_read_in_two_queries(
    alice: Customer, change: PolicyVersion, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _mind in range(MOST_ROWS // 2 + 1):
        say_yes(alice, change, "uptime-watch")
        say_no(alice, change, "uptime-watch")
    choice_history(alice)
    with django_assert_num_queries(2):
        assert len(choice_history(alice)) == MOST_ROWS
