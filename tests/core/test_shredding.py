"""What is sealed under a person's own key is gone with that key, and the chain stays whole."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Customer, CustomerKey, ProfileChange
from accounts.profile_history import opened
from accounts.services.data_keys import destroy_key, obtain_key
from bizsecure.core.keyring import Tampered
from bizsecure.core.sealing import reseal
from bizsecure.core.verifying import broken_rows
from tests.accounts.test_personal_information import change

PLACE = "a.table.column"


@pytest.fixture
def key(alice: Customer) -> CustomerKey:
    return obtain_key(customer=alice)


def values(customer: Customer) -> list[tuple[str | None, str | None]]:
    rows = ProfileChange.objects.filter(customer=customer).order_by("sequence")
    return [(change.old, change.new) for change in opened(customer, rows)]


@pytest.mark.parametrize("text", ["", "Trenton", "مريم", "x" * 5000])
def test_what_is_sealed_opens_again_and_shows_nothing(key: CustomerKey, text: str) -> None:
    sealed = key.seal(text, PLACE)
    assert sealed
    assert key.open(sealed, PLACE) == text
    assert not text or text.encode() not in sealed


def test_it_opens_at_its_place_and_under_its_owners_key_alone(
    key: CustomerKey, bob: Customer
) -> None:
    sealed = key.seal("Trenton", PLACE)
    with pytest.raises(Tampered):
        key.open(sealed, "another.place")
    with pytest.raises(Tampered):
        obtain_key(customer=bob).open(sealed, PLACE)


def test_a_customer_has_one_key(alice: Customer, key: CustomerKey) -> None:
    assert obtain_key(customer=alice) == key
    assert CustomerKey.objects.count() == 1


def test_destroying_the_key_destroys_the_values_and_no_row(alice: Customer, bob: Customer) -> None:
    change(alice, city="Trenton")
    change(bob, city="Camden")
    for _twice in range(2):
        destroy_key(customer=alice, now=timezone.now())
    assert values(alice) == [(None, None)]
    assert values(bob) == [("", "Camden")]
    assert list(broken_rows(ProfileChange)) == []
    change(alice, city="Newark")
    assert values(alice) == [(None, None), (None, None)]
    assert list(broken_rows(ProfileChange)) == []


def test_a_customer_of_whom_nothing_was_kept_is_forgotten_for_good(alice: Customer) -> None:
    destroy_key(customer=alice, now=timezone.now())
    change(alice, city="Trenton")
    assert values(alice) == [(None, None)]


def test_no_code_brings_a_destroyed_key_back(alice: Customer, key: CustomerKey) -> None:
    kept = key.key
    destroy_key(customer=alice, now=timezone.now())
    key.key, key.destroyed_at = kept, None
    with pytest.raises(DatabaseError, match="stays destroyed"), transaction.atomic():
        key.save(update_fields=["key", "destroyed_at"])


def test_a_rotation_seals_the_keys_anew_and_touches_no_ledger(
    alice: Customer, settings: Settings
) -> None:
    change(alice, city="Trenton")
    before = list(ProfileChange.objects.values())
    old = settings.CRYPTOGRAPHY_KEYS
    settings.CRYPTOGRAPHY_KEYS = [b"n" * 32, *old]
    assert reseal(CustomerKey) == 1
    settings.CRYPTOGRAPHY_KEYS = [b"n" * 32]
    assert values(alice) == [("", "Trenton")]
    assert list(ProfileChange.objects.values()) == before
