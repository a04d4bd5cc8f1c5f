"""A date that moves and a change that is taken back (CHANGE-2)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from time_machine import Traveller

from accounts.actors import SYSTEM, Actor
from accounts.models import Customer, User
from bizsecure.core.errors import Refused
from consent.audience import affected_by, told_of, untold
from consent.models import Notice, PolicyVersion
from consent.reasons import Reason
from consent.services.publishing import (
    notice_period_ends,
    publish,
    reschedule,
    save_draft,
    withdraw,
)
from tests.builders import (
    DAY,
    INSTANT,
    PRODUCT_NEWS,
    RUN_ACCOUNT,
    TODAY,
    UPTIME_WATCH,
    a_draft,
    a_use,
    date_of,
    published,
    say_yes,
    tell,
)
from tests.consent.asking import refusal

USES = (RUN_ACCOUNT, PRODUCT_NEWS, UPTIME_WATCH)


@pytest.fixture
def far_change(policy: PolicyVersion) -> PolicyVersion:
    return published(a_draft(2, *USES, effective_at=TODAY + 90 * DAY))


def test_a_later_date_takes_nothing_from_anyone(alice: Customer, change: PolicyVersion) -> None:
    tell(alice, change)
    moved = reschedule(version=change, effective_at=date_of(change) + DAY, actor=SYSTEM)
    assert moved.round == 1
    assert list(told_of(moved)) == [alice]


def test_a_later_date_is_free_until_the_last_instant(
    change: PolicyVersion, clock: Traveller
) -> None:
    clock.move_to(date_of(change) - INSTANT)
    moved = reschedule(version=change, effective_at=date_of(change) + INSTANT, actor=SYSTEM)
    assert moved.effective_at == date_of(change)


def test_an_earlier_date_means_telling_everyone_again(
    alice: Customer, bob: Customer, far_change: PolicyVersion
) -> None:
    tell(alice, far_change)
    moved = reschedule(version=far_change, effective_at=TODAY + 60 * DAY, actor=SYSTEM)
    assert moved.round == 2
    assert set(untold(moved)) == {alice, bob}
    tell(alice, moved)
    assert list(told_of(moved)) == [alice]


def test_a_mail_of_the_old_round_that_arrives_late_proves_nothing_now(
    alice: Customer, far_change: PolicyVersion
) -> None:
    moved = reschedule(version=far_change, effective_at=TODAY + 60 * DAY, actor=SYSTEM)
    tell(alice, moved, in_round=1)
    assert not told_of(moved).exists()


def test_an_earlier_date_leaves_the_whole_notice_period(far_change: PolicyVersion) -> None:
    earliest = notice_period_ends(TODAY)
    with pytest.raises(Refused) as refused:
        reschedule(version=far_change, effective_at=earliest - INSTANT, actor=SYSTEM)
    assert refused.value.reason == Reason.TOO_EARLY
    assert refused.value.facts == {"earliest": earliest}
    assert reschedule(version=far_change, effective_at=earliest, actor=SYSTEM).round == 2


def test_back_to_the_old_date_is_a_new_round_too(change: PolicyVersion) -> None:
    announced = date_of(change)
    reschedule(version=change, effective_at=announced + 60 * DAY, actor=SYSTEM)
    assert reschedule(version=change, effective_at=announced, actor=SYSTEM).round == 2


def test_moving_twice_to_the_same_date_moves_once(far_change: PolicyVersion) -> None:
    moved = reschedule(version=far_change, effective_at=TODAY + 60 * DAY, actor=SYSTEM)
    again = reschedule(version=far_change, effective_at=TODAY + 60 * DAY, actor=SYSTEM)
    assert again.round == moved.round == 2
    kinds = [event.kind for event in moved.events.all()]
    assert kinds == ["written", "published", "moved"]


def test_no_date_overtakes_another_version(change: PolicyVersion) -> None:
    third = published(a_draft(3, *USES, a_use("maps"), effective_at=TODAY + 90 * DAY))
    overtaking = date_of(third) + INSTANT
    assert (
        refusal(reschedule, version=change, effective_at=overtaking, actor=SYSTEM)
        == Reason.OUT_OF_ORDER
    )
    later = reschedule(version=change, effective_at=TODAY + 50 * DAY, actor=SYSTEM)
    before = date_of(later) - INSTANT
    assert (
        refusal(reschedule, version=third, effective_at=before, actor=SYSTEM) == Reason.OUT_OF_ORDER
    )


@pytest.mark.parametrize("action", [reschedule, withdraw])
def test_what_is_in_force_is_neither_moved_nor_withdrawn(
    change: PolicyVersion, clock: Traveller, action: Callable[..., object]
) -> None:
    facts = {"effective_at": date_of(change) + 60 * DAY} if action is reschedule else {}
    clock.move_to(date_of(change))
    assert refusal(action, version=change, actor=SYSTEM, **facts) == Reason.IN_FORCE


@pytest.mark.parametrize("action", [reschedule, withdraw])
def test_a_draft_is_neither_moved_nor_withdrawn(
    policy: PolicyVersion, action: Callable[..., object]
) -> None:
    draft = save_draft(draft=a_draft(2, *USES), actor=SYSTEM)
    facts = {"effective_at": TODAY + 60 * DAY} if action is reschedule else {}
    assert refusal(action, version=draft, actor=SYSTEM, **facts) == Reason.NOT_PUBLISHED


def test_withdrawn_is_final(change: PolicyVersion, carol: User) -> None:
    stale = PolicyVersion.objects.get(pk=change.pk)
    withdrawn = withdraw(version=change, actor=Actor.staff(carol))
    assert withdrawn.status == PolicyVersion.Status.WITHDRAWN
    assert withdrawn.withdrawn_at == TODAY
    assert withdrawn.events.get(kind="withdrawn").actor_user == carol
    for version in (withdrawn, stale):
        assert refusal(withdraw, version=version, actor=SYSTEM) == Reason.WITHDRAWN
        assert refusal(publish, version=version, actor=SYSTEM) == Reason.NOT_A_DRAFT
        later = date_of(change) + 90 * DAY
        assert (
            refusal(reschedule, version=version, effective_at=later, actor=SYSTEM)
            == Reason.WITHDRAWN
        )


@pytest.mark.parametrize("status", ["published", "draft"])
def test_the_database_itself_brings_no_withdrawn_version_back(
    change: PolicyVersion, status: str
) -> None:
    withdraw(version=change, actor=SYSTEM)
    versions = PolicyVersion.objects.filter(pk=change.pk)
    with pytest.raises(DatabaseError, match="from draft to published"), transaction.atomic():
        versions.update(status=status, withdrawn_at=None)


def test_a_withdrawn_change_never_takes_effect(change: PolicyVersion, clock: Traveller) -> None:
    withdraw(version=change, actor=SYSTEM)
    clock.move_to(date_of(change) + 3650 * DAY)
    in_force = PolicyVersion.objects.in_force(TODAY + 7300 * DAY)
    assert in_force is not None
    assert in_force.number == 1


def test_withdrawing_keeps_proofs_and_choices_on_record(
    alice: Customer, change: PolicyVersion
) -> None:
    tell(alice, change)
    say_yes(alice, change, "uptime-watch")
    withdraw(version=change, actor=SYSTEM)
    assert Notice.objects.filter(version=change, customer=alice).count() == 1
    assert alice.choices.count() == 1


def test_a_version_that_another_builds_on_is_not_withdrawn_under_it(
    change: PolicyVersion,
) -> None:
    third = published(a_draft(3, *USES, a_use("maps")))
    assert refusal(withdraw, version=change, actor=SYSTEM) == Reason.BUILT_UPON
    withdraw(version=third, actor=SYSTEM)
    assert withdraw(version=change, actor=SYSTEM).status == PolicyVersion.Status.WITHDRAWN


@pytest.mark.parametrize("days", [1, 30])
def test_the_database_itself_refuses_an_earlier_date_without_a_new_round(
    far_change: PolicyVersion, days: int
) -> None:
    versions = PolicyVersion.objects.filter(pk=far_change.pk)
    earlier = date_of(far_change) - timedelta(days=days)
    with pytest.raises(DatabaseError, match="new round of notices"), transaction.atomic():
        versions.update(effective_at=earlier)
    versions.update(effective_at=earlier, round=2)
    with pytest.raises(DatabaseError, match="new round of notices"), transaction.atomic():
        versions.update(round=1)


def test_everyone_who_joined_before_the_date_is_affected_and_nobody_else(
    alice: Customer, bob: Customer, policy: PolicyVersion, change: PolicyVersion
) -> None:
    Customer.objects.filter(pk=bob.pk).update(status=Customer.Status.CLOSED)
    assert list(affected_by(change)) == [alice]
    assert not affected_by(policy).exists()
