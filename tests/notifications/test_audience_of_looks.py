"""A breach by one of our own is told to exactly those whose records they saw (SEC-4)."""

from __future__ import annotations

import pytest
from time_machine import Traveller

from accounts.models import Customer
from accounts.roles import Role
from notifications.audiences import customers_of
from notifications.kinds import KindKey
from notifications.models import Addressee
from tests.builders import DAY, look_at, member
from tests.notifications.announced import a_draft, agreed, sent, written

WEEK = {"looked_from": "2027-01-03", "looked_to": "2027-01-05"}


def test_exactly_those_whose_record_somebody_saw_in_these_days_are_told(
    alice: Customer, bob: Customer, clock: Traveller
) -> None:
    thief, other = member(Role.SUPPORT), member(Role.BILLING)
    look_at(alice, thief)
    look_at(bob, other)
    clock.shift(3 * DAY)
    look_at(bob, thief)
    seen = {**WEEK, "staff": thief.email.upper()}
    assert list(customers_of("looked-at", seen)) == [alice]
    told = sent(agreed(written(a_draft(KindKey.SECURITY_BREACH, "looked-at", seen))))
    assert list(Addressee.objects.filter(announcement=told).values_list("customer", flat=True)) == [
        alice.pk
    ]


@pytest.mark.parametrize("staff", ["nobody@example.com", ""])
def test_who_looked_at_nobody_has_no_audience(alice: Customer, staff: str) -> None:
    look_at(alice, member(Role.SUPPORT))
    assert not customers_of("looked-at", {**WEEK, "staff": staff}).exists()
