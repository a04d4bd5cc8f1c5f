"""The sealed columns: nothing readable is stored, nothing altered or moved opens (SEC-1)."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from io import StringIO
from itertools import count
from typing import Any

import pytest
from django.core import serializers
from django.core.exceptions import FieldError
from django.core.management import call_command
from django.db import connection, models, transaction
from pytest_django import Settings

from accounts.models import Address, Customer
from bizsecure.core.keyring import Tampered, keyring
from bizsecure.core.sealing import Sealed, SealedCharField, reseal

OLD, NEW, LOST = bytes(range(32)), bytes(range(32, 64)), bytes(range(64, 96))
TELEPHONE = "+1 201-555-0123"
# Long enough not to stand in a ciphertext or a hash by chance.
ITS_END = "555-0123"


@pytest.fixture(autouse=True)
def one_key(settings: Settings) -> None:
    settings.CRYPTOGRAPHY_KEYS = [OLD]


@pytest.fixture
def dora(db: None) -> Customer:
    customer = Customer.objects.create(name="Dora", telephone=TELEPHONE)
    return Customer.objects.get(pk=customer.pk)


@pytest.fixture
def five(db: None) -> list[Customer]:
    return [Customer.objects.create(name="Customer", telephone=f"{n}") for n in range(5)]


def stored(customer: Customer) -> bytes:
    with connection.cursor() as cursor:
        cursor.execute("SELECT telephone FROM accounts_customer WHERE id = %s", [customer.pk])
        return bytes(cursor.fetchone()[0])


def write(customer: Customer, value: Any, column: str = "telephone") -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f'UPDATE accounts_customer SET "{column}" = %s WHERE id = %s', [value, customer.pk]
        )


def keys_in_use() -> set[bytes]:
    sealed: Any = Customer.objects.filter(telephone__isnull=False).values_list("telephone")
    return {keyring().key_id(value) for (value,) in sealed}


def test_a_value_reads_as_it_was_written(dora: Customer) -> None:
    assert dora.telephone == TELEPHONE


@pytest.mark.parametrize("text", ["", " ", "Straße 12, 東京, 🏠", "sealed:AAAA", "x" * 5000, "\n"])
def test_any_text_reads_as_it_was_written(db: None, text: str) -> None:
    customer = Customer.objects.create(name="Dora", telephone=text)
    customer.refresh_from_db()
    assert customer.telephone == text


def test_nothing_stays_nothing(db: None) -> None:
    customer = Customer.objects.create(name="Dora")
    customer.refresh_from_db()
    assert customer.telephone is None
    assert list(Customer.objects.filter(telephone__isnull=True)) == [customer]


def test_no_part_of_the_text_is_stored(dora: Customer) -> None:
    assert TELEPHONE.encode() not in stored(dora)
    assert ITS_END.encode() not in stored(dora)


def test_the_opened_text_is_not_kept_on_the_row(dora: Customer) -> None:
    assert dora.telephone == TELEPHONE
    assert isinstance(dora.__dict__["telephone"], Sealed)
    assert TELEPHONE not in f"{dora!r} {dora.__dict__!r} {dora.__dict__['telephone']}"


def test_saving_a_row_that_was_read_changes_nothing(dora: Customer) -> None:
    before = stored(dora)
    dora.save()
    assert stored(dora) == before


def test_many_rows_are_sealed_in_one_statement(db: None) -> None:
    made = Customer.objects.bulk_create([Customer(name="a", telephone=str(n)) for n in range(3)])
    read = Customer.objects.in_bulk([customer.pk for customer in made])
    assert [read[customer.pk].telephone for customer in made] == ["0", "1", "2"]


def test_every_altered_byte_and_every_cut_is_refused(dora: Customer) -> None:
    sealed = stored(dora)
    altered = [
        sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :]
        for place in range(len(sealed))
    ]
    cuts = [sealed[:length] for length in range(len(sealed))]
    for value in altered + cuts:
        write(dora, value)
        with pytest.raises(Tampered):
            _ = Customer.objects.get(pk=dora.pk).telephone


def test_a_value_moved_to_another_row_is_refused(dora: Customer) -> None:
    mallory = Customer.objects.create(name="Mallory", telephone="+1 201-555-0199")
    write(mallory, stored(dora))
    with pytest.raises(Tampered):
        _ = Customer.objects.get(pk=mallory.pk).telephone


def test_a_value_moved_to_another_column_or_table_is_refused(dora: Customer) -> None:
    address = Address.objects.create(customer=dora, street="Elm Street", city="Springfield")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_address SET city = street")
    address = Address.objects.get(pk=address.pk)
    assert address.street == "Elm Street"
    with pytest.raises(Tampered):
        _ = address.city
    Address.objects.filter(pk=address.pk).update(uid=dora.uid)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_address SET street = %s", [stored(dora)])
    with pytest.raises(Tampered):
        _ = Address.objects.get(pk=address.pk).street


def test_a_row_copied_under_another_identity_is_refused(dora: Customer) -> None:
    dora.pk, dora.uid, dora.number = None, uuid.uuid4(), "BZ-COPY"
    dora._state.adding = True
    with pytest.raises(Tampered):
        dora.save()


@pytest.mark.parametrize(
    "ask",
    [
        lambda rows: rows.update(telephone=TELEPHONE),
        lambda rows: rows.filter(telephone=TELEPHONE),
        lambda rows: rows.exclude(telephone=TELEPHONE),
        lambda rows: rows.filter(telephone__in=[TELEPHONE]),
        lambda rows: rows.get_or_create(telephone=TELEPHONE),
    ],
    ids=["update", "filter", "exclude", "filter in", "get or create"],
)
def test_clear_text_in_a_query_is_refused(
    dora: Customer, ask: Callable[[models.QuerySet[Customer]], object]
) -> None:
    before = stored(dora)
    with pytest.raises((TypeError, FieldError)), transaction.atomic():
        ask(Customer.objects.all())
    assert stored(dora) == before


@pytest.mark.parametrize("lookup", ["contains", "startswith", "regex", "gt"])
def test_a_sealed_column_cannot_be_searched(dora: Customer, lookup: str) -> None:
    with pytest.raises(FieldError, match="Unsupported lookup"):
        list(Customer.objects.filter(**{f"telephone__{lookup}": "555"}))


def test_values_give_the_sealed_value_and_never_the_text(dora: Customer) -> None:
    assert str(Customer.objects.values_list("telephone").get()) == "(<sealed>,)"


@pytest.mark.parametrize("written", ["by hand", 7, 1.5, b"", b"S1", b"\xff" * 200])
def test_a_damaged_value_spoils_itself_and_no_list(dora: Customer, written: object) -> None:
    if connection.vendor == "postgresql" and not isinstance(written, bytes):
        written = str(written).encode()
    write(dora, written)
    erin = Customer.objects.create(name="Erin", telephone="1")
    rows = {row.pk: row for row in Customer.objects.all()}
    assert rows[erin.pk].telephone == "1"
    assert rows[dora.pk].name == "Dora"
    with pytest.raises(Tampered):
        _ = rows[dora.pk].telephone


def test_a_missing_key_spoils_the_value_and_not_the_list(
    dora: Customer, settings: Settings
) -> None:
    settings.CRYPTOGRAPHY_KEYS = [LOST]
    (row,) = Customer.objects.all()
    assert row.name == "Dora"
    with pytest.raises(Tampered):
        _ = row.telephone


def test_a_dump_holds_no_clear_text_and_loads_again(dora: Customer) -> None:
    dump = StringIO()
    call_command("dumpdata", "accounts.customer", stdout=dump)
    assert ITS_END not in dump.getvalue()
    assert "sealed:" in dump.getvalue()
    Customer.objects.all().delete()
    for loaded in serializers.deserialize("json", dump.getvalue()):
        loaded.save()
    assert Customer.objects.get(pk=dora.pk).telephone == TELEPHONE


def test_a_row_that_was_not_saved_yet_is_dumped_sealed() -> None:
    dumped = serializers.serialize("json", [Customer(name="Dora", telephone=TELEPHONE)])
    assert ITS_END not in dumped


def test_no_form_and_no_admin_page_shows_a_sealed_field_by_itself() -> None:
    fields = [*Customer._meta.fields, *Address._meta.fields]
    sealed = [field for field in fields if isinstance(field, SealedCharField)]
    assert sealed
    assert not [field for field in sealed if field.editable]


def test_every_piece_of_an_address_but_the_country_is_sealed() -> None:
    texts = [field for field in Address._meta.fields if isinstance(field, models.CharField)]
    clear = {field.name for field in texts if not isinstance(field, SealedCharField)}
    assert clear == {"kind", "country"}


def test_a_change_of_keys_is_finished_by_sealing_again(
    five: list[Customer], settings: Settings
) -> None:
    settings.CRYPTOGRAPHY_KEYS = [NEW, OLD]
    assert reseal(Customer, batch=2) == 5
    assert keys_in_use() == {keyring().newest}
    assert reseal(Customer, batch=2) == 0
    settings.CRYPTOGRAPHY_KEYS = [NEW]
    read = Customer.objects.in_bulk([customer.pk for customer in five])
    assert [read[customer.pk].telephone for customer in five] == [str(n) for n in range(5)]


def test_sealing_again_passes_over_what_is_empty(db: None, settings: Settings) -> None:
    Customer.objects.create(name="Dora")
    settings.CRYPTOGRAPHY_KEYS = [NEW, OLD]
    assert reseal(Customer) == 0


class Killed(BaseException):
    """As when the process ends in the middle."""


def kill_after(saves: int, monkeypatch: pytest.MonkeyPatch) -> None:
    save, done = Customer.save, count()

    def save_or_die(self: Customer, **kwargs: Any) -> None:
        if next(done) == saves:
            raise Killed
        save(self, **kwargs)

    monkeypatch.setattr(Customer, "save", save_or_die)


def test_sealing_again_may_be_killed_and_run_again(
    five: list[Customer], settings: Settings
) -> None:
    settings.CRYPTOGRAPHY_KEYS = [NEW, OLD]
    with pytest.MonkeyPatch.context() as patched:
        kill_after(3, patched)
        with pytest.raises(Killed):
            reseal(Customer, batch=2)
    # The batch in hand was taken back whole, the one before it was kept.
    assert len(keys_in_use()) == 2
    assert reseal(Customer, batch=2) == 3
    assert keys_in_use() == {keyring().newest}
    read = Customer.objects.in_bulk([customer.pk for customer in five])
    assert [read[customer.pk].telephone for customer in five] == [str(n) for n in range(5)]


def test_one_damaged_row_does_not_stop_the_others(
    five: list[Customer], settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    damaged, lost = five[1], five[3]
    write(damaged, b"damaged")
    settings.CRYPTOGRAPHY_KEYS = [LOST]
    lost.telephone = "3"
    lost.save()
    settings.CRYPTOGRAPHY_KEYS = [NEW, OLD]
    assert reseal(Customer, batch=2) == 3
    assert stored(damaged) == b"damaged"
    told = [each.getMessage() for each in caplog.records if each.name == "bizsecure.core.sealing"]
    assert told == [
        f"accounts.customer {damaged.pk} does not open",
        f"accounts.customer {lost.pk} does not open",
    ]
