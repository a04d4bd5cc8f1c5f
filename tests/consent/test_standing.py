"""How each use stands for a customer: the switch, the sentence beside it, and the date."""

from __future__ import annotations

from datetime import date

from pytest_django import DjangoAssertNumQueries
from time_machine import Traveller

from accounts.actors import SYSTEM, Actor
from accounts.models import Customer
from consent.gate import Ground, may_use
from consent.models import Choice, PolicyVersion
from consent.services.choosing import record_choices, set_switches
from consent.services.publishing import withdraw
from consent.services.telling import retract_proof
from consent.standing import Standing, standings
from tests.builders import (
    DAY,
    INSTANT,
    PRODUCT_NEWS,
    RUN_ACCOUNT,
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

UNANSWERED = "You have not answered. Silence is a no."


def standing(customer: Customer, use: str = "uptime-watch") -> Standing:
    (found,) = (row for row in standings(customer) if row.use_key == use)
    return found


def save_as_shown(customer: Customer) -> list[Choice]:
    """Send the form of the page back as it was shown."""
    shown = {row.use_key: row.allowed for row in standings(customer) if not row.locked}
    return set_switches(customer=customer, switches=shown, actor=Actor.customer(customer.user))


def test_the_uses_in_force_come_first_and_those_to_come_after_them(
    alice: Customer, change: PolicyVersion
) -> None:
    rows = [(row.use_key, row.declared.version.number) for row in standings(alice)]
    assert rows == [("run-account", 1), ("product-news", 1), ("uptime-watch", 2)]


def test_what_is_essential_is_locked_and_says_so(alice: Customer, policy: PolicyVersion) -> None:
    row = standing(alice, "run-account")
    assert (row.locked, row.allowed, row.since) == (True, True, "Always on")
    assert row.question == "BizSecure uses your name to do what run-account stands for."


def test_an_opt_out_is_on_since_one_joined(alice: Customer, policy: PolicyVersion) -> None:
    row = standing(alice, "product-news")
    assert (row.locked, row.allowed, row.waiting_until) == (False, True, None)
    assert row.since == "On since you joined, 1 May 2020"
    assert row.since_for_staff == "On since they joined, 1 May 2020"


def test_a_refused_opt_out_is_off_since_that_day(alice: Customer, policy: PolicyVersion) -> None:
    say_no(alice, policy, "product-news")
    row = standing(alice, "product-news")
    assert not row.allowed
    assert row.since == "You said no on 4 January 2027, in your account"
    assert row.since_for_staff == "They said no on 4 January 2027, in their account"


def test_a_new_use_is_off_and_waits_for_its_date(alice: Customer, change: PolicyVersion) -> None:
    row = standing(alice)
    assert (row.allowed, row.since) == (False, UNANSWERED)
    assert row.waiting_until == change.effective_on == date(2027, 2, 5)
    assert row.answer.ground is Ground.NOT_YET_EFFECTIVE


def test_a_yes_is_shown_as_on_while_it_waits_and_after_that(
    alice: Customer, change: PolicyVersion, clock: Traveller
) -> None:
    tell(alice, change)
    say_yes(alice, change, "uptime-watch")
    clock.move_to(date_of(change) - INSTANT)
    row = standing(alice)
    assert (row.allowed, row.answer.allowed) == (True, False)
    assert row.waiting_until == change.effective_on
    clock.move_to(date_of(change))
    row = standing(alice)
    assert (row.allowed, row.answer.ground, row.waiting_until) == (True, Ground.GRANTED, None)
    assert row.since == "You said yes on 4 January 2027, in your account"


def test_a_no_by_the_link_of_a_mail_says_how_it_came(
    alice: Customer, change: PolicyVersion
) -> None:
    record_choices(
        customer=alice,
        version=change,
        answers={"uptime-watch": False},
        method=Choice.Method.MAIL_LINK,
        actor=Actor.customer(),
    )
    assert standing(alice).since == "You said no on 4 January 2027, by the link in a mail"


def test_whoever_was_told_late_sees_a_date_of_their_own(
    alice: Customer, change: PolicyVersion, clock: Traveller
) -> None:
    clock.move_to(date_of(change) + DAY)
    message_id = tell(alice, change)
    assert standing(alice).waiting_until == date(2027, 3, 9)
    clock.shift(DAY)
    # Untold again, so it could begin thirty days from today at the earliest.
    retract_proof(message_id=message_id)
    assert standing(alice).waiting_until == date(2027, 3, 10)


def test_whoever_joined_under_the_new_policy_waits_for_nothing(
    change: PolicyVersion, clock: Traveller
) -> None:
    clock.move_to(date_of(change))
    row = standing(joined("Dave Doe"))
    assert (row.waiting_until, row.answer.ground) == (None, Ground.NO_CHOICE)


def test_a_yes_to_a_withdrawn_change_does_not_switch_the_next_one_on(
    alice: Customer, change: PolicyVersion
) -> None:
    say_yes(alice, change, "uptime-watch")
    withdraw(version=change, actor=SYSTEM)
    published(a_draft(3, RUN_ACCOUNT, PRODUCT_NEWS, UPTIME_WATCH))
    row = standing(alice)
    assert (row.allowed, row.since) == (False, UNANSWERED)


def test_one_use_has_one_switch_so_that_no_yes_is_carried_into_another_announcement(
    alice: Customer, policy: PolicyVersion
) -> None:
    published(a_draft(2, RUN_ACCOUNT))
    published(a_draft(3, RUN_ACCOUNT, a_use("product-news", "choice")))
    assert standing(alice, "product-news").declared.version == policy
    assert save_as_shown(alice) == []
    assert not alice.choices.exists()


def test_saving_the_page_as_it_is_changes_nothing(alice: Customer, change: PolicyVersion) -> None:
    assert save_as_shown(alice) == []
    say_yes(alice, change, "uptime-watch")
    say_no(alice, change, "product-news")
    assert save_as_shown(alice) == []


def test_the_page_and_the_gate_say_the_same(
    alice: Customer, bob: Customer, change: PolicyVersion, clock: Traveller
) -> None:
    dave = joined("Dave Doe")
    tell(alice, change)
    say_yes(alice, change, "uptime-watch")
    say_no(alice, change, "product-news")
    say_yes(bob, change, "uptime-watch")
    for moment in (date_of(change) - INSTANT, date_of(change), date_of(change) + 90 * DAY):
        clock.move_to(moment)
        for customer in (alice, bob, dave):
            for row in standings(customer):
                assert row.answer == may_use(customer, row.use_key)


def test_any_number_of_uses_costs_three_queries(
    alice: Customer, change: PolicyVersion, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    uses = [a_use(f"new-{number}") for number in range(9)]
    published(a_draft(3, RUN_ACCOUNT, PRODUCT_NEWS, UPTIME_WATCH, *uses))
    standings(alice)
    with django_assert_num_queries(3):
        rows = standings(alice)
        assert len([(row.since, row.question, row.allowed) for row in rows]) == 12
