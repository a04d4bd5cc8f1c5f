"""Many rows at once are the same rows as one by one."""

from __future__ import annotations

import pytest
from django.db import IntegrityError
from django.utils import timezone

from accounts.models import AccountEvent, Customer
from bizsecure.core.bulk import insert_columns
from bizsecure.core.verifying import broken_rows

pytestmark = pytest.mark.django_db


SIGNED_IN = {
    "kind": "signed_in",
    "device": "",
    "subject": "",
    "reference": "",
    "count": None,
    "actor_kind": "system",
    "actor_user_id": None,
}


def _by_the_many(*customers: Customer) -> None:
    shared = {**SIGNED_IN, "recorded_at": timezone.now()}
    AccountEvent.append_many([{"customer_id": customer.pk} for customer in customers], shared)


def _one_by_one(customer: Customer) -> None:
    AccountEvent.append(AccountEvent(customer=customer, **SIGNED_IN, recorded_at=timezone.now()))


def test_rows_added_by_the_many_chain_like_rows_added_one_by_one(
    alice: Customer, bob: Customer
) -> None:
    before = AccountEvent.objects.count()
    _one_by_one(alice)
    _by_the_many(alice, bob, alice)
    _one_by_one(bob)

    assert AccountEvent.objects.count() == before + 5
    assert list(broken_rows(AccountEvent)) == []


def test_no_rows_are_no_statement(django_assert_num_queries: pytest.FixtureRequest) -> None:
    with django_assert_num_queries(0):  # type: ignore[operator]
        AccountEvent.append_many([], SIGNED_IN)


def test_constraints_hold_for_many_rows_too(alice: Customer) -> None:
    _by_the_many(alice)
    first = AccountEvent.objects.latest("pk")
    again = {field.attname: [getattr(first, field.attname)] for field in first._meta.fields[1:]}

    with pytest.raises(IntegrityError):
        insert_columns(AccountEvent, again, {})


def test_keys_are_found_among_others(alice: Customer, bob: Customer) -> None:
    assert list(Customer.objects.filter(pk__among={alice.pk, 0})) == [alice]
    assert list(Customer.objects.filter(pk__among=[])) == []
    assert set(Customer.objects.exclude(pk__among=(alice.pk,))) == {bob}
    _by_the_many(alice, bob)
    events = AccountEvent.objects.filter(customer__among=iter([alice.pk]))
    assert set(events.values_list("customer", flat=True)) == {alice.pk}


@pytest.mark.parametrize("key", ["1", "1) OR (1=1", None, 1.5])
def test_only_whole_numbers_are_keys(key: object) -> None:
    with pytest.raises(TypeError):
        list(Customer.objects.filter(pk__among=[key]))
