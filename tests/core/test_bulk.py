"""Many rows at once are the same rows as one by one."""

from __future__ import annotations

import pytest
from django.db import IntegrityError
from django.utils import timezone

from accounts.models import AccountEvent, Customer
from bizsecure.core.bulk import insert_rows
from bizsecure.core.verifying import broken_rows

pytestmark = pytest.mark.django_db


def _changes(*customers: Customer) -> list[AccountEvent]:
    now = timezone.now()
    return [
        AccountEvent(customer=customer, kind="signed_in", actor_kind="system", recorded_at=now)
        for customer in customers
    ]


def test_rows_added_by_the_many_chain_like_rows_added_one_by_one(
    alice: Customer, bob: Customer
) -> None:
    before = AccountEvent.objects.count()
    AccountEvent.append(*_changes(alice))
    AccountEvent.append_many(_changes(alice, bob, alice))
    AccountEvent.append(*_changes(bob))

    assert AccountEvent.objects.count() == before + 5
    assert list(broken_rows(AccountEvent)) == []


def test_no_rows_are_no_statement(django_assert_num_queries: pytest.FixtureRequest) -> None:
    with django_assert_num_queries(0):  # type: ignore[operator]
        insert_rows([])
        AccountEvent.append_many([])


def test_constraints_hold_for_many_rows_too(alice: Customer) -> None:
    rows = _changes(alice, alice)
    AccountEvent._chain(rows)
    rows[1].sequence = rows[0].sequence

    with pytest.raises(IntegrityError):
        insert_rows(rows)
