"""What waits for a customer to read or decide, until it is answered, put aside, or void."""

from __future__ import annotations

from django.test import RequestFactory
from pytest_django import DjangoAssertNumQueries
from time_machine import Traveller

from accounts.actors import SYSTEM, Actor
from accounts.models import Customer
from consent.context import open_changes as in_pages
from consent.deadlines import earliest_effective
from consent.models import PolicyVersion
from consent.pending import Change, changes_for, open_changes
from consent.services.choosing import answer_change
from consent.services.publishing import reschedule, withdraw
from consent.services.telling import record_shown, retract_proof
from tests.builders import (
    DAY,
    NEW_YORK,
    PRODUCT_NEWS,
    RUN_ACCOUNT,
    TODAY,
    UPTIME_WATCH,
    a_draft,
    a_use,
    date_of,
    joined,
    published,
    say_no,
    say_yes,
    tell,
)


def only(changes: list[Change]) -> Change:
    (change,) = changes
    return change


def put_aside(customer: Customer, version: PolicyVersion) -> None:
    record_shown(version=version, customer=customer, actor=Actor.customer(customer.user))


def test_the_first_policy_is_no_change(alice: Customer, policy: PolicyVersion) -> None:
    assert changes_for(alice) == []


def test_a_published_change_waits_for_everyone_it_affects(
    alice: Customer, change: PolicyVersion
) -> None:
    waiting = only(open_changes(alice))
    assert waiting.version == change
    assert [row.use.key for row in waiting.uses] == ["uptime-watch"]
    assert waiting.answers == {}


def test_who_joined_under_the_new_policy_has_nothing_to_read(
    change: PolicyVersion, clock: Traveller
) -> None:
    dave = joined("Dave Doe", at=date_of(change))
    assert changes_for(dave) == []


def test_being_told_by_mail_does_not_take_the_question_away(
    alice: Customer, change: PolicyVersion
) -> None:
    tell(alice, change)
    assert only(open_changes(alice)).told_at == TODAY


def test_an_answer_closes_it_whichever_it_is(
    alice: Customer, bob: Customer, change: PolicyVersion
) -> None:
    for customer, yes in ((alice, True), (bob, False)):
        actor = Actor.customer(customer.user)
        answers = {"uptime-watch": yes}
        answer_change(customer=customer, version=change, answers=answers, actor=actor)
        assert open_changes(customer) == []
        assert only(changes_for(customer)).answers


def test_putting_it_aside_closes_it_without_an_answer(
    alice: Customer, change: PolicyVersion
) -> None:
    put_aside(alice, change)
    assert open_changes(alice) == []
    assert only(changes_for(alice)).acknowledged


def test_half_an_answer_leaves_it_open(alice: Customer, policy: PolicyVersion) -> None:
    change = published(a_draft(2, RUN_ACCOUNT, PRODUCT_NEWS, UPTIME_WATCH, a_use("maps")))
    tell(alice, change)
    say_no(alice, change, "uptime-watch")
    assert open_changes(alice)
    say_no(alice, change, "maps")
    assert not open_changes(alice)


def test_a_change_without_new_uses_waits_to_be_put_aside(
    alice: Customer, policy: PolicyVersion
) -> None:
    change = published(a_draft(2, RUN_ACCOUNT, PRODUCT_NEWS))
    tell(alice, change)
    assert open_changes(alice)
    put_aside(alice, change)
    assert not open_changes(alice)


def test_who_answered_without_being_told_is_still_shown_the_notice(
    alice: Customer, change: PolicyVersion
) -> None:
    say_yes(alice, change, "uptime-watch")
    assert open_changes(alice)
    message_id = tell(alice, change)
    assert not open_changes(alice)
    retract_proof(message_id=message_id)
    assert open_changes(alice)
    put_aside(alice, change)
    assert not open_changes(alice)


def test_a_withdrawn_change_waits_for_nobody(alice: Customer, change: PolicyVersion) -> None:
    withdraw(version=change, actor=SYSTEM)
    assert changes_for(alice) == []


def test_an_earlier_date_opens_it_again(alice: Customer, policy: PolicyVersion) -> None:
    change = published(
        a_draft(2, RUN_ACCOUNT, PRODUCT_NEWS, UPTIME_WATCH, effective_at=TODAY + 90 * DAY)
    )
    put_aside(alice, change)
    reschedule(version=change, effective_at=TODAY + 50 * DAY, actor=SYSTEM)
    assert open_changes(alice)


def test_an_answer_to_an_older_announcement_is_no_answer_to_this_one(
    alice: Customer, change: PolicyVersion
) -> None:
    tell(alice, change)
    say_no(alice, change, "uptime-watch")
    withdraw(version=change, actor=SYSTEM)
    again = published(a_draft(3, RUN_ACCOUNT, PRODUCT_NEWS, UPTIME_WATCH))
    tell(alice, again)
    waiting = only(open_changes(alice))
    assert waiting.version == again
    assert waiting.answers == {}


def test_it_binds_on_the_announced_date_and_never_before_thirty_days_of_ones_own(
    alice: Customer, bob: Customer, change: PolicyVersion, clock: Traveller
) -> None:
    assert only(changes_for(alice)).binds_from is None
    tell(alice, change)
    assert only(changes_for(alice)).binds_from == date_of(change)
    clock.shift(20 * DAY)
    tell(bob, change)
    own_date = earliest_effective(TODAY + 20 * DAY, NEW_YORK)
    assert only(changes_for(bob)).binds_from == own_date
    assert own_date > date_of(change)


def test_changes_come_in_their_order(alice: Customer, change: PolicyVersion) -> None:
    third = published(a_draft(3, RUN_ACCOUNT, PRODUCT_NEWS, UPTIME_WATCH, a_use("maps")))
    assert [waiting.version for waiting in changes_for(alice)] == [change, third]


def test_one_customers_answer_is_not_anothers(
    alice: Customer, bob: Customer, change: PolicyVersion
) -> None:
    put_aside(alice, change)
    tell(alice, change)
    say_yes(alice, change, "uptime-watch")
    waiting = only(open_changes(bob))
    assert (waiting.told_at, waiting.acknowledged, waiting.answers) == (None, False, {})


def test_any_number_of_changes_costs_two_queries(
    alice: Customer, change: PolicyVersion, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    uses = [RUN_ACCOUNT, PRODUCT_NEWS, UPTIME_WATCH]
    for number in range(3, 7):
        uses.append(a_use(f"new-{number}"))
        version = published(a_draft(number, *uses))
        tell(alice, version)
        say_yes(alice, version, f"new-{number}")
    changes_for(alice)
    with django_assert_num_queries(2):
        assert len(changes_for(alice)) == 5


def test_pages_of_visitors_ask_nothing(
    db: None, rf: RequestFactory, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        assert in_pages(rf.get("/"))["open_changes"] == []
