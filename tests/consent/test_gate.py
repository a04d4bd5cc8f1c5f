"""The gate: what may be done with whose information, why not, and what asking costs."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries
from time_machine import Traveller

from accounts.actors import SYSTEM, Actor
from accounts.models import Customer
from consent.deadlines import earliest_effective
from consent.gate import Ground, allowing, may_use
from consent.models import PolicyVersion
from consent.services.publishing import save_draft, withdraw
from consent.services.telling import record_shown
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
from tests.consent.asking import ground


def close(customer: Customer, status: str = Customer.Status.CLOSED) -> None:
    Customer.objects.filter(pk=customer.pk).update(status=status)


def test_what_no_policy_declares_is_denied(alice: Customer) -> None:
    assert ground(alice, "sell-everything") == Ground.UNDECLARED


def test_what_only_a_draft_declares_is_denied(alice: Customer) -> None:
    save_draft(draft=a_draft(2, RUN_ACCOUNT, PRODUCT_NEWS, UPTIME_WATCH), actor=SYSTEM)
    assert ground(alice) == Ground.UNDECLARED


def test_what_only_a_withdrawn_version_declared_is_denied(
    alice: Customer, change: PolicyVersion
) -> None:
    say_yes(alice, change, "uptime-watch")
    withdraw(version=change, actor=SYSTEM)
    assert ground(alice) == Ground.UNDECLARED


def test_a_use_that_was_given_up_is_denied(alice: Customer, clock: Traveller) -> None:
    next_version = published(a_draft(2, RUN_ACCOUNT))
    assert ground(alice, "product-news") == Ground.NOT_REFUSED
    clock.move_to(date_of(next_version))
    assert ground(alice, "product-news") == Ground.NOT_IN_POLICY


def test_an_essential_use_is_allowed_and_cannot_be_refused(alice: Customer) -> None:
    assert ground(alice, "run-account") == Ground.ESSENTIAL


def test_an_opt_out_use_is_allowed_until_the_customer_says_no(
    alice: Customer, policy: PolicyVersion
) -> None:
    assert ground(alice, "product-news") == Ground.NOT_REFUSED
    say_no(alice, policy, "product-news")
    assert ground(alice, "product-news") == Ground.REFUSED
    say_yes(alice, policy, "product-news")
    assert ground(alice, "product-news") == Ground.NOT_REFUSED


def test_a_no_of_one_customer_is_not_a_no_of_another(
    alice: Customer, bob: Customer, policy: PolicyVersion
) -> None:
    say_no(alice, policy, "product-news")
    assert ground(bob, "product-news") == Ground.NOT_REFUSED
    assert set(allowing("product-news")) == {bob}


def test_silence_is_not_a_yes(alice: Customer, change: PolicyVersion, clock: Traveller) -> None:
    tell(alice, change)
    clock.move_to(date_of(change) + 3650 * DAY)
    assert ground(alice) == Ground.NO_CHOICE


def test_looking_at_the_notice_is_not_a_yes(
    alice: Customer, change: PolicyVersion, clock: Traveller
) -> None:
    record_shown(version=change, customer=alice, actor=Actor.customer(alice.user))
    clock.move_to(date_of(change))
    assert ground(alice) == Ground.NO_CHOICE


def test_a_no_counts_at_once_and_a_later_yes_as_well(
    alice: Customer, change: PolicyVersion, clock: Traveller
) -> None:
    tell(alice, change)
    say_yes(alice, change, "uptime-watch")
    clock.move_to(date_of(change))
    say_no(alice, change, "uptime-watch")
    assert ground(alice) == Ground.REFUSED
    say_yes(alice, change, "uptime-watch")
    assert ground(alice) == Ground.GRANTED


def test_an_opt_out_use_that_becomes_a_choice_stops_for_the_silent(
    alice: Customer, bob: Customer, policy: PolicyVersion, clock: Traveller
) -> None:
    stricter = published(a_draft(2, RUN_ACCOUNT, a_use("product-news", "choice")))
    say_yes(bob, stricter, "product-news")
    assert ground(alice, "product-news") == Ground.NOT_REFUSED
    clock.move_to(date_of(stricter))
    assert ground(alice, "product-news") == Ground.NO_CHOICE
    assert ground(bob, "product-news") == Ground.GRANTED


def test_a_closed_account_is_denied_everything_even_what_is_essential(
    alice: Customer, policy: PolicyVersion
) -> None:
    close(alice)
    assert ground(alice, "run-account") == Ground.ACCOUNT_CLOSED
    assert ground(alice, "product-news") == Ground.ACCOUNT_CLOSED


def test_a_suspended_account_is_asked_and_told_like_any_other(
    alice: Customer, change: PolicyVersion, clock: Traveller
) -> None:
    close(alice, Customer.Status.SUSPENDED)
    assert ground(alice, "product-news") == Ground.NOT_REFUSED
    tell(alice, change)
    say_yes(alice, change, "uptime-watch")
    clock.move_to(date_of(change))
    assert ground(alice) == Ground.GRANTED


def test_the_gate_reads_what_is_true_now_and_not_an_old_copy_of_the_customer(
    alice: Customer, policy: PolicyVersion
) -> None:
    stale = Customer.objects.get(pk=alice.pk)
    close(alice)
    assert may_use(stale, "product-news").ground == Ground.ACCOUNT_CLOSED


def test_a_yes_to_a_withdrawn_change_does_not_come_back_with_its_use(
    alice: Customer, change: PolicyVersion, clock: Traveller
) -> None:
    say_yes(alice, change, "uptime-watch")
    withdraw(version=change, actor=SYSTEM)
    clock.shift(DAY)
    again = published(a_draft(3, RUN_ACCOUNT, PRODUCT_NEWS, UPTIME_WATCH))
    tell(alice, again)
    clock.move_to(date_of(again))
    assert ground(alice) == Ground.NO_CHOICE
    say_yes(alice, again, "uptime-watch")
    assert ground(alice) == Ground.GRANTED


def test_a_yes_to_a_use_that_was_given_up_does_not_come_back_with_it(
    alice: Customer, change: PolicyVersion, clock: Traveller
) -> None:
    tell(alice, change)
    say_yes(alice, change, "uptime-watch")
    clock.move_to(date_of(change))
    without = published(a_draft(3, RUN_ACCOUNT, PRODUCT_NEWS))
    again = published(a_draft(4, RUN_ACCOUNT, PRODUCT_NEWS, UPTIME_WATCH))
    tell(alice, again)
    assert ground(alice) == Ground.GRANTED
    clock.move_to(max(date_of(without), date_of(again)))
    assert ground(alice) == Ground.NO_CHOICE


def test_a_no_outlives_every_later_version(
    alice: Customer, change: PolicyVersion, clock: Traveller
) -> None:
    say_no(alice, change, "product-news", "uptime-watch")
    for number in (3, 4):
        version = published(
            a_draft(number, RUN_ACCOUNT, PRODUCT_NEWS, UPTIME_WATCH, a_use(f"new-{number}"))
        )
        tell(alice, version)
        clock.move_to(date_of(version))
        assert ground(alice, "product-news") == Ground.REFUSED
        assert ground(alice, "uptime-watch") == Ground.REFUSED


def test_a_choice_counts_by_its_place_in_the_ledger_and_not_by_the_clock(
    alice: Customer, policy: PolicyVersion, clock: Traveller
) -> None:
    say_no(alice, policy, "product-news")
    say_yes(alice, policy, "product-news")
    clock.shift(-DAY)  # a machine whose clock is a day behind
    say_no(alice, policy, "product-news")
    clock.shift(2 * DAY)
    assert ground(alice, "product-news") == Ground.REFUSED


def test_the_moment_may_be_given(alice: Customer, change: PolicyVersion) -> None:
    tell(alice, change)
    say_yes(alice, change, "uptime-watch")
    later = date_of(change)
    assert may_use(alice, "uptime-watch", at=later).ground == Ground.GRANTED
    assert list(allowing("uptime-watch", at=later)) == [alice]
    assert not allowing("uptime-watch").exists()


@pytest.mark.parametrize("use", ["nothing", "run-account", "product-news", "uptime-watch"])
def test_an_answer_takes_two_queries_at_most(
    use: str,
    alice: Customer,
    change: PolicyVersion,
    clock: Traveller,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    tell(alice, change)
    say_yes(alice, change, "uptime-watch")
    clock.move_to(date_of(change))
    with django_assert_max_num_queries(2):
        may_use(alice, use)


@pytest.mark.parametrize("use", ["run-account", "product-news", "uptime-watch"])
def test_all_customers_cost_as_many_queries_as_one(
    use: str,
    alice: Customer,
    change: PolicyVersion,
    clock: Traveller,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    everyone = [alice, *(joined(f"Customer{number} Doe") for number in range(12))]
    for customer in everyone:
        tell(customer, change)
        say_yes(customer, change, "uptime-watch")
    clock.move_to(earliest_effective(TODAY, NEW_YORK) + timedelta(days=2))
    with django_assert_num_queries(1):
        question = allowing(use)
    with django_assert_num_queries(1):
        assert set(question) == set(everyone)
