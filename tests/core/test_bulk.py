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


def test_keys_are_found_among_others(alice: Customer, bob: Customer) -> None:
    assert list(Customer.objects.filter(pk__among={alice.pk, 0})) == [alice]
    assert list(Customer.objects.filter(pk__among=[])) == []
    assert set(Customer.objects.exclude(pk__among=(alice.pk,))) == {bob}
    AccountEvent.append_many(_changes(alice, bob))
    events = AccountEvent.objects.filter(customer__among=iter([alice.pk]))
    assert set(events.values_list("customer", flat=True)) == {alice.pk}


@pytest.mark.parametrize("key", ["1", "1) OR (1=1", None, 1.5])
def test_only_whole_numbers_are_keys(key: object) -> None:
    with pytest.raises(TypeError):
        list(Customer.objects.filter(pk__among=[key]))
