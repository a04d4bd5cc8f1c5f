"""Keys are rotated everywhere at once, and nobody has to remember where something is sealed."""

from __future__ import annotations

import json
import re
from io import StringIO
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from pytest_django import Settings

from accounts.models import Customer
from accounts.second_factors import open_secret, seal_secret
from bizsecure.core import rotating
from bizsecure.core.ledger import AppendOnlyRow
from bizsecure.core.rotating import rotate, sealed_fields, sealed_models, under_older_keys
from tests.paying import VISA, a_card

OLD, NEW = bytes(range(32)), bytes(range(32, 64))


def rotate_keys(*options: str) -> Any:
    out = StringIO()
    call_command("rotate_keys", *options, stdout=out)
    return json.loads(out.getvalue())


def test_everything_sealed_is_found_and_sealed_anew(settings: Settings, alice: Customer) -> None:
    settings.CRYPTOGRAPHY_KEYS = [OLD]
    alice.telephone = "+1 201 555 0123"
    alice.save(update_fields=["telephone"])
    card = a_card(alice)
    settings.CRYPTOGRAPHY_KEYS = [NEW, OLD]
    before = under_older_keys()
    assert before["accounts.Customer"] == 1
    assert before["vault.Card"] == 2  # number and holder

    report = rotate_keys("--batch", "1")

    assert report["under_older_keys"] == {}
    assert report["resealed"].keys() == before.keys()
    assert rotate_keys() == {"resealed": {}, "under_older_keys": {}}
    settings.CRYPTOGRAPHY_KEYS = [NEW]
    alice.refresh_from_db()
    card.refresh_from_db()
    assert (alice.telephone, card.sealed_number) == ("+1 201 555 0123", VISA)


def test_what_does_not_open_is_left_and_counted(
    settings: Settings, alice: Customer, caplog: pytest.LogCaptureFixture
) -> None:
    alice.telephone = "1"
    alice.save(update_fields=["telephone"])
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_customer SET telephone = %s", [b"S1nonsense"])
    settings.CRYPTOGRAPHY_KEYS = [NEW, OLD]
    report = rotate_keys()
    assert report["under_older_keys"]["accounts.Customer"] == 1
    assert "does not open" in caplog.text


def test_what_is_sealed_elsewhere_is_rotated_along(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotating, "_elsewhere", {})
    rotating.register("second factors", lambda _batch: iter([2, 1]))
    done = [step.resealed for step in rotate(10) if step.name == "second factors"]
    assert done == [2, 1]


def test_the_key_of_digests_can_be_printed(db: None, settings: Settings) -> None:
    out = StringIO()
    call_command("rotate_keys", "--digest-key", stdout=out)
    assert len(out.getvalue().strip()) == 44


# Once destroyed it stays so, and is empty then.
NOT_WHILE_IT_IS_THERE = {"CustomerKey"}


@pytest.mark.parametrize("model", sealed_models(), ids=lambda model: model.__name__)
def test_no_rule_of_the_database_keeps_a_sealed_column_from_being_sealed_anew(
    db: None, model: Any
) -> None:
    assert not issubclass(model, AppendOnlyRow)
    rules = " ".join(_rules(model._meta.db_table))
    frozen = {
        field.column
        for field in sealed_fields(model)
        if re.search(rf"OLD\.{field.column} IS (NOT NEW|DISTINCT)", rules)
    }
    assert frozen == set() or model.__name__ in NOT_WHILE_IT_IS_THERE


def _rules(table: str) -> list[str]:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(
                "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s", [table]
            )
        else:
            cursor.execute(
                "SELECT p.prosrc FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid"
                " WHERE t.tgrelid = %s::regclass AND NOT t.tgisinternal",
                [table],
            )
        return [row[0] for row in cursor.fetchall()]


def test_there_are_sealed_models_to_look_at() -> None:
    assert {"Card", "Customer", "Address"} <= {model.__name__ for model in sealed_models()}
    assert len(sealed_models()) <= len(apps.get_models())


def test_the_secrets_of_second_factors_are_sealed_anew(settings: Settings, alice: Customer) -> None:
    settings.CRYPTOGRAPHY_KEYS = [OLD]
    user = alice.user
    assert user is not None
    secret = seal_secret(user, "JBSWY3DPEHPK3PXP")
    factor = Authenticator.objects.create(user=user, type="totp", data={"secret": secret})
    settings.CRYPTOGRAPHY_KEYS = [NEW, OLD]
    assert rotate_keys()["resealed"]["mfa.Authenticator"] == 1
    assert "mfa.Authenticator" not in rotate_keys()["resealed"]
    settings.CRYPTOGRAPHY_KEYS = [NEW]
    factor.refresh_from_db()
    assert open_secret(user, factor.data["secret"]) == "JBSWY3DPEHPK3PXP"
