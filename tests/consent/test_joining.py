"""Becoming a customer: under which words, and what was seen of the words to come (CHANGE-4)."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from time_machine import Traveller

from accounts.actors import SYSTEM
from accounts.models import Customer, User
from accounts.services.opening import open_account
from consent.audience import affected_by, told_of, untold
from consent.models import Acceptance, Notice, PolicyVersion
from consent.services.joining import accept_policy_in_force, join
from consent.services.publishing import reschedule, save_draft, withdraw
from tests.builders import (
    DAY,
    INSTANT,
    LONG_AGO,
    PRODUCT_NEWS,
    RUN_ACCOUNT,
    TODAY,
    UPTIME_WATCH,
    a_draft,
    a_use,
    date_of,
    joined,
    prove_address,
    published,
)


def test_who_joins_accepts_the_policy_in_force_word_for_word(
    alice: Customer, policy: PolicyVersion, change: PolicyVersion
) -> None:
    acceptance = Acceptance.objects.get(customer=alice)
    assert (acceptance.version, acceptance.text_hash) == (policy, policy.text_hash)
    assert (acceptance.actor_user, acceptance.recorded_at) == (alice.user, LONG_AGO)


def test_who_joins_in_the_window_is_told_by_the_page_of_signing_up(
    policy: PolicyVersion, change: PolicyVersion
) -> None:
    dave = joined("Dave Doe", seen=[policy, change])
    notice = Notice.objects.get(customer=dave)
    assert (notice.version, notice.channel, notice.told_at) == (change, "sign_up", TODAY)
    assert Acceptance.objects.get(customer=dave).version == policy
    assert list(told_of(change)) == [dave]


def test_who_joins_between_two_changes_is_told_of_both(change: PolicyVersion) -> None:
    third = published(a_draft(3, RUN_ACCOUNT, PRODUCT_NEWS, UPTIME_WATCH, a_use("maps")))
    dave = joined("Dave Doe", seen=[change, third])
    assert {notice.version for notice in dave.notices.all()} == {change, third}


def test_who_joins_while_a_change_is_published_is_still_affected_by_it(
    policy: PolicyVersion,
) -> None:
    # The page was opened a moment before, so it showed nothing.
    change = published(a_draft(2, RUN_ACCOUNT, PRODUCT_NEWS, UPTIME_WATCH))
    dave = joined("Dave Doe", seen=[])
    assert list(untold(change)) == [dave]


def test_who_saw_a_date_that_was_then_moved_forward_is_told_again(
    policy: PolicyVersion,
) -> None:
    shown = published(
        a_draft(2, RUN_ACCOUNT, PRODUCT_NEWS, UPTIME_WATCH, effective_at=TODAY + 90 * DAY)
    )
    moved = reschedule(version=shown, effective_at=TODAY + 50 * DAY, actor=SYSTEM)
    dave = joined("Dave Doe", seen=[shown])
    assert list(untold(moved)) == [dave]


def test_who_joins_in_the_last_instant_is_affected_and_in_the_next_is_not(
    change: PolicyVersion,
) -> None:
    dave = joined("Dave Doe", at=date_of(change) - INSTANT, seen=[change])
    erin = joined("Erin Doe", at=date_of(change), seen=[change])
    assert list(affected_by(change)) == [dave]
    assert not erin.notices.exists()
    assert Acceptance.objects.get(customer=erin).version == change


def test_what_was_withdrawn_a_moment_ago_harms_nobody_who_still_saw_it(
    policy: PolicyVersion, change: PolicyVersion
) -> None:
    withdraw(version=change, actor=SYSTEM)
    dave = joined("Dave Doe", seen=[change])
    assert Acceptance.objects.get(customer=dave).version == policy


def test_one_sign_in_is_one_customer(alice: Customer, policy: PolicyVersion) -> None:
    user = alice.user
    assert user is not None
    with pytest.raises(IntegrityError), transaction.atomic():
        join(user=user, name="Alice Again", seen=[])
    assert Acceptance.objects.count() == 1


def test_who_cannot_be_told_does_not_half_join(policy: PolicyVersion) -> None:
    user = User.objects.create_user("dave@example.com")
    draft = save_draft(draft=a_draft(2, RUN_ACCOUNT, UPTIME_WATCH), actor=SYSTEM)
    with pytest.raises(IntegrityError), transaction.atomic():
        join(user=user, name="Dave Doe", seen=[draft])
    assert not Customer.objects.filter(user=user).exists()


def test_an_address_is_the_customers_only_once_it_is_proven(policy: PolicyVersion) -> None:
    dave = joined("Dave Doe")
    assert dave.email == "dave@example.com"
    assert not Customer.objects.reachable_by_mail().exists()
    prove_address(dave)
    assert list(Customer.objects.reachable_by_mail()) == [dave]


def test_the_date_of_joining_decides_under_which_words_however_late_it_is_recorded(
    policy: PolicyVersion, change: PolicyVersion, clock: Traveller
) -> None:
    # A customer without a sign-in, entered by staff after the change took effect (OPT-4).
    clock.move_to(date_of(change) + DAY)
    dave = open_account(user=None, name="Dave Doe", email="", now=date_of(change) - DAY)
    accept_policy_in_force(customers=[dave], actor=SYSTEM)
    assert Acceptance.objects.get(customer=dave).version == policy
    assert list(untold(change)) == [dave]
