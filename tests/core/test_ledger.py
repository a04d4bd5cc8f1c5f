"""The chained ledgers: what somebody with all rights to the database changed is found."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from accounts.models import Customer
from bizsecure.core.ledger import FIRST, LedgerRow, hash_of
from bizsecure.core.triggers import append_only
from bizsecure.core.verifying import broken_rows
from consent.models import Choice, Notice, PolicyVersion
from tests.builders import TODAY, joined, say_no, say_yes, tell

CHOICES = "consent_choice"


@pytest.fixture
def chain(alice: Customer, bob: Customer, policy: PolicyVersion) -> list[Choice]:
    """Give four choices of alice, with two of bob in between."""
    for _round in range(2):
        say_no(alice, policy, "product-news")
        say_no(bob, policy, "product-news")
        say_yes(alice, policy, "product-news")
        say_yes(bob, policy, "product-news")
    return list(Choice.objects.filter(customer=alice).order_by("sequence"))


@pytest.fixture
def unguarded(chain: list[Choice]) -> Iterator[None]:
    """Let somebody take the guard off the table, which is rolled back with the test."""
    connection.check_constraints()
    guard: Any = append_only(CHOICES)
    guard.reverse_code(None, connection.schema_editor())
    yield
    connection.check_constraints()


def by_hand(statement: str, *values: str | int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def broken(customer: Customer) -> list[int]:
    return [place for owner, place in broken_rows(Choice) if owner == customer.pk]


def a_choice(customer: Customer, like: Choice) -> Choice:
    fields = [field.attname for field in Choice._meta.fields if not field.primary_key]
    copy = Choice(**{name: getattr(like, name) for name in fields})
    copy.customer = customer
    return copy


def test_every_customer_has_a_chain_of_their_own(
    alice: Customer, bob: Customer, chain: list[Choice]
) -> None:
    assert [row.sequence for row in chain] == [1, 2, 3, 4]
    assert chain[0].previous_hash == FIRST
    assert [row.previous_hash for row in chain[1:]] == [row.row_hash for row in chain[:-1]]
    his = Choice.objects.filter(customer=bob).order_by("sequence")
    assert [row.sequence for row in his] == [1, 2, 3, 4]
    assert his[0].previous_hash == FIRST


def test_a_chain_that_nobody_touched_is_whole(chain: list[Choice]) -> None:
    assert list(broken_rows(Choice)) == []


def test_the_hash_is_the_same_after_a_trip_through_the_database(chain: list[Choice]) -> None:
    for row in Choice.objects.all():
        assert row.row_hash == row.content_hash()


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.text(),
    st.binary(),
    st.sampled_from(Notice.Channel),
    st.uuids(),
    st.datetimes(timezones=st.sampled_from([UTC, ZoneInfo("Asia/Kathmandu")])),
)


def in_json(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, bytes):
        return value.hex()
    return value if value is None or isinstance(value, (str, int)) else str(value)


@given(st.lists(VALUES))
def test_the_hash_is_that_of_the_values_in_json(values: list[Any]) -> None:
    content = json.dumps([7, 2, FIRST, *map(in_json, values)], separators=(",", ":"))

    assert hash_of(7, 2, FIRST, values) == hashlib.sha256(content.encode()).hexdigest()


def test_every_ledger_hashes_every_column_that_means_something() -> None:
    chained = {"id", "customer_id", "sequence", "previous_hash", "row_hash"}
    for ledger in LedgerRow.__subclasses__():
        for model in [*ledger.__subclasses__(), ledger]:
            if not model._meta.abstract:
                columns = {field.attname for field in model._meta.concrete_fields}
                assert set(model.hashed) == columns - chained, model


def test_a_moment_is_hashed_as_an_instant_whatever_zone_it_is_written_in(
    chain: list[Choice],
) -> None:
    row = chain[0]
    before = row.content_hash()
    row.recorded_at = row.recorded_at.astimezone(ZoneInfo("Asia/Tokyo"))
    assert row.content_hash() == before
    row.recorded_at = datetime(2020, 1, 1, tzinfo=UTC)
    assert row.content_hash() != before


@pytest.mark.usefixtures("unguarded")
@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("decision", "granted"),
        ("method", "staff"),
        ("question_hash", "0" * 64),
        ("actor_kind", "system"),
        ("language", "fr"),
        ("row_hash", "0" * 64),
    ],
)
def test_an_altered_row_is_found(
    alice: Customer, bob: Customer, chain: list[Choice], column: str, value: str
) -> None:
    by_hand(f'UPDATE {CHOICES} SET "{column}" = %s WHERE id = %s', value, chain[2].pk)
    assert 3 in broken(alice)
    assert broken(bob) == []


@pytest.mark.usefixtures("unguarded")
def test_a_row_altered_with_a_fresh_hash_is_betrayed_by_the_next(
    alice: Customer, chain: list[Choice]
) -> None:
    forged = chain[2]
    forged.decision = "granted"
    by_hand(
        f"UPDATE {CHOICES} SET decision = %s, row_hash = %s WHERE id = %s",
        forged.decision,
        forged.content_hash(),
        forged.pk,
    )
    assert broken(alice) == [4]


@pytest.mark.usefixtures("unguarded")
@pytest.mark.parametrize("place", [1, 2, 3])
def test_a_removed_row_leaves_a_gap(alice: Customer, chain: list[Choice], place: int) -> None:
    by_hand(f"DELETE FROM {CHOICES} WHERE id = %s", chain[place - 1].pk)
    assert broken(alice) == [place]


@pytest.mark.usefixtures("unguarded")
def test_closing_the_gap_does_not_hide_it(alice: Customer, chain: list[Choice]) -> None:
    by_hand(f"DELETE FROM {CHOICES} WHERE id = %s", chain[1].pk)
    by_hand(f"UPDATE {CHOICES} SET sequence = 2 WHERE id = %s", chain[2].pk)
    by_hand(f"UPDATE {CHOICES} SET sequence = 3 WHERE id = %s", chain[3].pk)
    assert broken(alice) == [2, 3]


@pytest.mark.usefixtures("unguarded")
def test_a_row_moved_to_another_customer_is_found(
    alice: Customer, bob: Customer, chain: list[Choice]
) -> None:
    by_hand(
        f"UPDATE {CHOICES} SET customer_id = %s, sequence = 5 WHERE id = %s", bob.pk, chain[3].pk
    )
    assert broken(bob) == [5]


def test_an_inserted_row_is_found(alice: Customer, chain: list[Choice]) -> None:
    forged = a_choice(alice, chain[0])
    forged.sequence, forged.previous_hash = 5, "1" * 64
    forged.row_hash = forged.content_hash()
    Choice._base_manager.bulk_create([forged])
    assert broken(alice) == [5]


def test_a_place_in_the_chain_is_given_once(alice: Customer, chain: list[Choice]) -> None:
    forged = a_choice(alice, chain[0])
    forged.sequence, forged.row_hash = 4, "1" * 64
    with pytest.raises(IntegrityError), transaction.atomic():
        Choice._base_manager.bulk_create([forged])


def test_rows_of_many_customers_are_appended_in_one_call(
    chain: list[Choice], bob: Customer, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    others = [joined(f"Customer{number} Doe") for number in range(20)]
    rows = [a_choice(customer, chain[0]) for customer in [*others, bob, *others]]
    # One question for the heads of the chains, one statement for the rows, and a savepoint.
    with django_assert_num_queries(4):
        Choice.append(*rows)
    assert list(broken_rows(Choice)) == []
    assert Choice.objects.filter(customer=others[0]).count() == 2
    assert Choice.objects.filter(customer=bob).latest("sequence").sequence == 5


def test_appending_nothing_asks_nothing(
    db: None, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        Choice.append()


def test_rows_that_are_taken_back_with_their_transaction_leave_no_gap(
    alice: Customer, policy: PolicyVersion, change: PolicyVersion
) -> None:
    tell(alice, change)
    with transaction.atomic():
        tell(alice, change)
        transaction.set_rollback(True)
    tell(alice, change, at=TODAY)
    assert list(Notice.objects.values_list("sequence", flat=True)) == [1, 2]
    assert list(broken_rows(Notice)) == []
