"""Verifying the ledgers: what was done to them, to which row, and whose it is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Customer
from bizsecure.core.ledger import AppendOnlyRow, LedgerRow
from bizsecure.core.streams import streams
from bizsecure.core.verifying import ledgers
from consent.models import Choice, PolicyVersion
from tests.core.test_ledger import CHOICES, a_choice, by_hand, chain, unguarded

__all__ = ["chain", "unguarded"]


def verify(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any]]:
    """Return what the command answers, and with which code."""
    code = 0
    try:
        call_command("verify_ledger", *arguments)
    except SystemExit as ended:
        code = int(str(ended.code))
    return code, json.loads(capsys.readouterr().out)


def wrong(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[tuple[Any, ...]]:
    code, answer = verify(capsys, *arguments)
    assert code == (1 if answer["findings"] else 0)
    return [tuple(finding.values()) for finding in answer["findings"]]


def test_every_chained_ledger_is_found_by_itself() -> None:
    assert {"AccountEvent", "ProfileChange", "Notice", "Choice", "Acceptance"} <= {
        model.__name__ for model in ledgers()
    }
    assert all(issubclass(model, LedgerRow | AppendOnlyRow) for model in ledgers())


def test_ledgers_that_nobody_touched_are_intact(
    chain: list[Choice], capsys: pytest.CaptureFixture[str]
) -> None:
    code, answer = verify(capsys)
    assert (code, answer["intact"], answer["found"]) == (0, True, 0)
    assert CHOICES in answer["tables"]


@pytest.mark.usefixtures("unguarded")
def test_an_altered_row_is_named_with_its_customer(
    alice: Customer, chain: list[Choice], capsys: pytest.CaptureFixture[str]
) -> None:
    by_hand(f"UPDATE {CHOICES} SET language = 'fr' WHERE id = %s", chain[1].pk)
    assert wrong(capsys) == [(CHOICES, alice.number, 2, chain[1].pk, "altered", 1)]


@pytest.mark.usefixtures("unguarded")
def test_removed_rows_are_named_by_their_places(
    alice: Customer, chain: list[Choice], capsys: pytest.CaptureFixture[str]
) -> None:
    by_hand(f"DELETE FROM {CHOICES} WHERE id IN (%s, %s)", chain[1].pk, chain[2].pk)
    assert wrong(capsys) == [(CHOICES, alice.number, 2, None, "removed", 2)]


def test_an_inserted_row_is_named(
    alice: Customer, chain: list[Choice], capsys: pytest.CaptureFixture[str]
) -> None:
    forged = a_choice(alice, chain[0])
    forged.sequence, forged.previous_hash = 5, "1" * 64
    forged.row_hash = forged.content_hash()
    Choice._base_manager.bulk_create([forged])
    assert wrong(capsys) == [(CHOICES, alice.number, 5, forged.pk, "inserted", 1)]


@pytest.mark.usefixtures("unguarded")
def test_a_row_that_was_written_anew_is_named_and_not_the_one_that_betrays_it(
    alice: Customer, chain: list[Choice], capsys: pytest.CaptureFixture[str]
) -> None:
    forged = chain[1]
    forged.language = "fr"
    by_hand(
        f"UPDATE {CHOICES} SET language = 'fr', row_hash = %s WHERE id = %s",
        forged.content_hash(),
        forged.pk,
    )
    assert wrong(capsys) == [(CHOICES, alice.number, 2, forged.pk, "altered", 1)]


@pytest.mark.usefixtures("unguarded")
def test_a_copy_of_the_ends_shows_what_a_chain_alone_cannot(
    alice: Customer,
    bob: Customer,
    chain: list[Choice],
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    heads = tmp_path / "heads.csv"
    _code, answer = verify(capsys, "--write-heads", str(heads))
    # Alice and bob joined once each, and both chose.
    assert answer["heads_written"] == 4
    assert wrong(capsys, "--against", str(heads)) == []
    by_hand(f"DELETE FROM {CHOICES} WHERE id IN (%s, %s)", chain[2].pk, chain[3].pk)
    by_hand(f"DELETE FROM {CHOICES} WHERE customer_id = %s", bob.pk)
    assert wrong(capsys) == []
    assert wrong(capsys, "--against", str(heads)) == [
        (CHOICES, alice.number, 3, None, "removed", 2),
        (CHOICES, bob.number, 1, None, "removed", 4),
    ]


@pytest.mark.usefixtures("unguarded")
def test_a_chain_that_was_written_anew_to_its_end_differs_from_the_copy(
    alice: Customer,
    policy: PolicyVersion,
    chain: list[Choice],
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    heads = tmp_path / "heads.csv"
    verify(capsys, "--write-heads", str(heads))
    last = chain[3]
    last.language = "fr"
    by_hand(
        f"UPDATE {CHOICES} SET language = 'fr', row_hash = %s WHERE id = %s",
        last.content_hash(),
        last.pk,
    )
    assert wrong(capsys) == []
    assert wrong(capsys, "--against", str(heads)) == [
        (CHOICES, alice.number, 4, last.pk, "altered", 1)
    ]


def test_verifying_asks_a_few_questions_a_table_however_many_rows_it_has(
    chain: list[Choice], capsys: pytest.CaptureFixture[str]
) -> None:
    with CaptureQueriesContext(connection) as asked:
        verify(capsys)
    # Of a stream its links and up to where it is settled, and once for the heads.
    assert len(asked) == len(ledgers()) + 2 * len(streams()) + 1
