"""Receipts, checked by somebody who does not trust us."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.test import Client
from hypothesis import given
from hypothesis import settings as at_most
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.models import Customer
from bizsecure.proofs import merkle
from bizsecure.proofs.check_receipt import Wrong, check, explained, is_signed
from bizsecure.proofs.checks import receipts_say_where_records_are
from consent.models import PolicyVersion
from tests.pages.browsing import signed_in
from tests.proofs.test_heads import heads, listed, say_no

FIRST_CHOICE = "/account/receipts/choice/1.json"


@pytest.fixture
def receipt(alice: Customer, policy: PolicyVersion) -> dict[str, Any]:
    """Give the receipt of a no among other rows."""
    for _each in range(6):
        say_no(alice)
    heads(2)
    document: dict[str, Any] = json.loads(signed_in(alice).get(FIRST_CHOICE).content)
    return document


def test_a_receipt_holds(receipt: dict[str, Any]) -> None:
    key = receipt["head"]["public_key"]
    found = check(receipt, key, listed())
    assert "  decision: refused" in found
    assert found[-1] == "It stands in the chain of 2 heads."


def test_it_says_what_it_is_about(receipt: dict[str, Any], alice: Customer) -> None:
    assert receipt["receipt_id"] == f"choice-{alice.number}-1"
    assert receipt["event"]["way"] == "in your account"
    assert receipt["notice"]["address"].endswith("/privacy/versions/1/")
    assert set(receipt["processing"]) == {
        *("purpose", "pii_categories", "recipient", "lawful_basis", "basis"),
        *("collection_method", "withdrawal_method"),
        *("retention_period", "storage_locations"),
    }
    assert receipt["processing"]["basis"] == "opt-out"
    assert receipt["schema_version"] == "ISO/IEC TS 27560:2023"
    assert receipt["language"] == "en"
    assert receipt["event"]["state"] == "refused"
    assert set(receipt["pii_controller"]) >= {"name", "role", "address", "contact"}


def test_it_says_how_long_and_where_things_are_kept(
    receipt: dict[str, Any], settings: Settings
) -> None:
    used, record = receipt["processing"], receipt["record_storage"]
    assert "14 days after" in used["retention_period"]
    assert "for good" in record["retention_period"]
    assert used["storage_locations"] == record["storage_locations"] == [settings.STORAGE_LOCATION]
    place = settings.STORAGE_LOCATION
    assert explained(receipt) == [
        f"Said, not proven: the {what} is kept {part['retention_period']}, in {place}."
        for what, part in (("record", record), ("information used", used))
    ]


def test_a_receipt_of_before_that_says_nothing_of_keeping_holds_as_well(
    receipt: dict[str, Any],
) -> None:
    del receipt["record_storage"], receipt["processing"]
    assert check(receipt)
    assert explained(receipt) == []


@pytest.mark.parametrize(("place", "found"), [("example", ["proofs.W001"]), ("real", [])])
def test_a_real_site_is_told_when_receipts_would_name_an_invented_place(
    settings: Settings, place: str, found: list[str]
) -> None:
    settings.DEBUG = False
    settings.STORAGE_LOCATION = settings.EXAMPLE_LOCATION if place == "example" else "Ashburn"
    assert [message.id for message in receipts_say_where_records_are()] == found


def test_it_is_checked_by_a_program_that_has_nothing_of_ours(
    receipt: dict[str, Any], tmp_path: Path
) -> None:
    program, file = tmp_path / "check_receipt.py", tmp_path / "receipt.json"
    program.write_bytes(Client().get("/transparency/heads/check_receipt.py").content)
    file.write_text(json.dumps(receipt))
    ran = [sys.executable, "-I", "-S", str(program), str(file)]
    good = subprocess.run(ran, capture_output=True, text=True, check=False)
    assert good.returncode == 0, good.stdout + good.stderr
    assert good.stdout.endswith("Everything holds.\n")
    assert "Said, not proven: the record is kept" in good.stdout
    receipt["record"]["content"] = receipt["record"]["content"].replace("refused", "granted")
    file.write_text(json.dumps(receipt))
    bad = subprocess.run(ran, capture_output=True, text=True, check=False)
    assert bad.returncode == 1
    assert "DOES NOT HOLD: The record was altered" in bad.stdout


@pytest.mark.parametrize("part", [2, 4, 1024])
def test_every_row_has_its_way_to_the_head(
    alice: Customer, policy: PolicyVersion, monkeypatch: pytest.MonkeyPatch, part: int
) -> None:
    monkeypatch.setattr(merkle, "PART", part)
    for _each in range(7):
        say_no(alice)
    heads(2)
    browser = signed_in(alice)
    for sequence in range(1, 8):
        check(json.loads(browser.get(f"/account/receipts/choice/{sequence}.json").content))


def test_a_receipt_that_was_altered_does_not_hold(receipt: dict[str, Any]) -> None:
    other = Ed25519PrivateKey.generate()
    body = receipt["head"]["body"]
    forged = {**receipt["head"], "body": body.replace('"number": 2', '"number": 3')}
    resigned = {
        "body": body,
        "signature": other.sign(body.encode()).hex(),
        "public_key": other.public_key().public_bytes_raw().hex(),
    }
    steps = [[side, bytes(32).hex()] for side, _hash in receipt["inclusion"]]
    for altered in (
        {**receipt, "head": forged},
        {**receipt, "inclusion": steps},
        {**receipt, "record": {**receipt["record"], "row_hash": "0" * 64}},
    ):
        with pytest.raises(Wrong):
            check(altered)
    with pytest.raises(Wrong, match="another key"):
        check({**receipt, "head": resigned}, receipt["head"]["public_key"])


def test_before_two_heads_there_is_none(alice: Customer, policy: PolicyVersion) -> None:
    say_no(alice)
    heads(1)
    browser = signed_in(alice)
    assert browser.get(FIRST_CHOICE).status_code == 404
    assert "not yet" in browser.get("/account/receipts/").content.decode()


def test_nobody_gets_another_customers_receipt(
    receipt: dict[str, Any], bob: Customer, policy: PolicyVersion
) -> None:
    assert signed_in(bob).get(FIRST_CHOICE).status_code == 404
    assert Client().get(FIRST_CHOICE).status_code == 302


def test_the_page_lists_what_there_are_receipts_of(
    receipt: dict[str, Any],
    alice: Customer,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    browser = signed_in(alice)
    with django_assert_max_num_queries(16):
        page = browser.get("/account/receipts/").content.decode()
    assert FIRST_CHOICE in page
    assert "What you chose" in page


@at_most(max_examples=15)
@given(st.binary(max_size=64), st.binary(min_size=32, max_size=32), st.integers(0, 511))
def test_signatures_are_judged_as_the_library_judges_them(
    message: bytes, seed: bytes, flipped: int
) -> None:
    key = Ed25519PrivateKey.from_private_bytes(seed)
    public, signature = key.public_key().public_bytes_raw(), key.sign(message)
    assert is_signed(public, message, signature)
    assert not is_signed(public, message + b"!", signature)
    wrong = bytearray(signature)
    wrong[flipped // 8] ^= 1 << flipped % 8
    assert not is_signed(public, message, bytes(wrong))
