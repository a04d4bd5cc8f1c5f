"""Every no is noted beside the database, and can be recorded again from there."""

from __future__ import annotations

import json
import logging
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import transaction
from pytest_django import Settings
from time_machine import Traveller

from accounts.actors import SYSTEM
from accounts.models import Customer
from consent.gate import may_use
from consent.models import AddressOptOut, Choice, PolicyVersion
from consent.refusal_journal import Note, Unreadable, note, read_notes
from consent.services.opting_out import record_address_opt_out
from consent.services.replaying import Replayed, replay
from tests.builders import DAY, TODAY, say_no, say_yes

NEWS = "product-news"


@pytest.fixture
def journal(settings: Settings, tmp_path: Path) -> Path:
    """Have refusals noted, and give the folder."""
    settings.OPT_OUT_JOURNAL = str(tmp_path / "opt-outs")
    return tmp_path / "opt-outs"


def noted(journal: Path) -> list[Note | Unreadable]:
    lines = [path.read_text(encoding="utf-8") for path in sorted(journal.glob("*"))]
    return list(read_notes("".join(lines).splitlines()))


def replayed(*notes: Note | Unreadable) -> dict[str, int]:
    return {each.value: number for each, number in replay(notes).items() if number}


def the_note(customer: Customer | None, *uses: str, digest: str = "") -> Note:
    return Note(TODAY, customer.number if customer else "", digest, uses or (NEWS,))


def test_a_no_is_noted_without_name_and_address(
    journal: Path, alice: Customer, policy: PolicyVersion
) -> None:
    say_no(alice, policy, NEWS)

    [kept] = noted(journal)
    assert kept == Note(TODAY, alice.number, alice.address_digest or "", (NEWS,))
    [file] = journal.iterdir()
    assert file.name == f"opt-outs-{TODAY:%Y-%m-%d}.jsonl"
    assert file.stat().st_mode & 0o077 == 0
    assert set(json.loads(file.read_text())) == {"said_at", "customer", "address_digest", "uses"}
    assert alice.email not in file.read_text()


def test_a_yes_is_not_noted(journal: Path, alice: Customer, change: PolicyVersion) -> None:
    say_yes(alice, change, "uptime-watch")
    assert not journal.exists()


def test_a_no_of_an_address_is_noted_by_its_digest(journal: Path, policy: PolicyVersion) -> None:
    record_address_opt_out(
        address="Dora@example.com", uses=[NEWS], method=Choice.Method.ONE_CLICK, actor=SYSTEM
    )
    [kept] = noted(journal)
    assert isinstance(kept, Note)
    assert (kept.customer, kept.uses) == ("", (NEWS,))
    assert kept.address_digest == AddressOptOut.objects.get().digest


def test_a_no_is_noted_before_it_is_committed(
    journal: Path, alice: Customer, policy: PolicyVersion
) -> None:
    with transaction.atomic():
        say_no(alice, policy, NEWS)
        transaction.set_rollback(True)
    assert len(noted(journal)) == 1


def test_a_folder_that_takes_no_notes_costs_no_no(
    settings: Settings,
    tmp_path: Path,
    alice: Customer,
    policy: PolicyVersion,
    caplog: pytest.LogCaptureFixture,
) -> None:
    (tmp_path / "file").write_text("no folder")
    settings.OPT_OUT_JOURNAL = str(tmp_path / "file")
    with caplog.at_level(logging.WARNING):
        say_no(alice, policy, NEWS)
    assert not may_use(alice, NEWS).allowed
    assert "No journal of opt-outs" in caplog.text


def test_old_files_go_when_a_new_one_begins(journal: Path, clock: Traveller) -> None:
    note(customer="BZ-1", address_digest="", uses=[NEWS], said_at=TODAY)
    clock.shift(500 * DAY)
    note(customer="BZ-2", address_digest="", uses=[NEWS], said_at=TODAY + 500 * DAY)
    [kept] = journal.iterdir()
    assert "BZ-2" in kept.read_text()


def test_a_no_that_the_database_does_not_know_is_recorded_once(
    alice: Customer, policy: PolicyVersion
) -> None:
    assert replayed(the_note(alice)) == {Replayed.RECORDED: 1}
    assert not may_use(alice, NEWS).allowed
    assert Choice.objects.get(customer=alice).method == Choice.Method.EARLIER
    assert replayed(the_note(alice)) == {Replayed.KNOWN: 1}
    assert Choice.objects.filter(customer=alice).count() == 1


def test_a_younger_yes_stands_and_an_older_one_does_not(
    alice: Customer, bob: Customer, policy: PolicyVersion, clock: Traveller
) -> None:
    say_no(bob, policy, NEWS)
    say_yes(bob, policy, NEWS)
    clock.shift(DAY)
    say_no(alice, policy, NEWS)
    say_yes(alice, policy, NEWS)
    after_bob = Note(TODAY + DAY / 2, bob.number, "", (NEWS,))

    assert replayed(the_note(alice), after_bob) == {
        Replayed.OUTWEIGHED: 1,
        Replayed.RECORDED: 1,
    }
    assert may_use(alice, NEWS).allowed
    assert not may_use(bob, NEWS).allowed


def test_whoever_joined_after_the_dump_is_kept_by_address(
    alice: Customer, policy: PolicyVersion
) -> None:
    digest = alice.address_digest or ""
    lost = Note(TODAY, "BZ-NOBODY00", digest, (NEWS,))
    assert replayed(lost) == {Replayed.RECORDED: 1}
    assert AddressOptOut.objects.get().digest == digest
    # Whoever has the address now says no by it, too.
    assert not may_use(alice, NEWS).allowed
    assert replayed(lost) == {Replayed.KNOWN: 1}


def test_a_use_that_the_database_does_not_know_is_counted(
    alice: Customer, policy: PolicyVersion
) -> None:
    assert replayed(the_note(alice, "published-later")) == {Replayed.UNKNOWN_USE: 1}
    assert replayed(the_note(alice, "run-account")) == {Replayed.UNKNOWN_USE: 1}


@pytest.mark.parametrize(
    "line",
    ['{"said_at": "2026-', "[]", "7", "null", '{"said_at": "today", "customer": ""}', "{}"],
)
def test_half_a_line_is_no_note_and_hides_no_other(line: str) -> None:
    good = json.dumps(
        {
            "said_at": TODAY.isoformat(),
            "customer": "BZ-1",
            "address_digest": "",
            "uses": [NEWS],
        }
    )
    first, second = read_notes([line, "", good])
    assert isinstance(first, Unreadable)
    assert second == Note(TODAY, "BZ-1", "", (NEWS,))


def test_the_command_says_what_became_of_each_and_ends_with_1_for_what_it_cannot_read(
    journal: Path, alice: Customer, policy: PolicyVersion, tmp_path: Path
) -> None:
    kept = tmp_path / "kept.jsonl"
    line = {
        "said_at": TODAY.isoformat(),
        "customer": alice.number,
        "address_digest": "",
        "uses": [NEWS],
    }
    kept.write_text(json.dumps(line) + "\nhalf a li")
    output = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("replay_opt_outs", str(kept), stdout=output)
    assert ended.value.code == 1
    told = json.loads(output.getvalue())
    assert (told["recorded"], told["unreadable"], told["known"]) == (1, 1, 0)
