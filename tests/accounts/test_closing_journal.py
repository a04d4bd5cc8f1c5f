"""Every closing is noted beside the database, and who left stays away after a restore."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import transaction
from pytest_django import Settings
from time_machine import Traveller

from accounts.actors import SYSTEM
from accounts.closing_journal import Note, Step, Unreadable, read_notes
from accounts.holdings import Obstacle
from accounts.models import Closing, Customer
from accounts.services.closing import TIME_TO_THINK, carry_out, undo_closing
from accounts.services.replaying import Replayed, replay
from consent.refusal_journal import read_notes as read_refusals
from tests.accounts.test_closing import ask, unpaid
from tests.builders import DAY, TODAY

__all__ = ["unpaid"]

Status = Customer.Status


@pytest.fixture
def journal(settings: Settings, tmp_path: Path) -> Path:
    """Have closings noted, and give the folder."""
    settings.OPT_OUT_JOURNAL = str(tmp_path / "journal")
    return tmp_path / "journal"


def lines(journal: Path) -> list[str]:
    return [line for path in sorted(journal.iterdir()) for line in path.read_text().splitlines()]


def the_note(customer: Customer, step: Step, *, days_ago: int = 1, asked: int = 20) -> Note:
    """Give what was noted so many days ago of a closing that was asked for `asked` days ago."""
    requested_at = TODAY - asked * DAY
    return Note(
        TODAY - days_ago * DAY, customer.number, step, requested_at, requested_at + TIME_TO_THINK
    )


def replayed(*notes: Note | Unreadable) -> dict[str, int]:
    return {each.value: number for each, number in replay(notes).items() if number}


def status_of(customer: Customer) -> str:
    customer.refresh_from_db()
    return customer.status


def test_each_step_is_noted_without_name_and_address(
    journal: Path, alice: Customer, clock: Traveller
) -> None:
    email = alice.email
    ask(alice)
    undo_closing(customer=alice, actor=SYSTEM)
    closing = ask(alice)
    clock.shift(TIME_TO_THINK)
    assert carry_out(closing_id=closing.pk)

    steps = [note.step for note in read_notes(lines(journal)) if isinstance(note, Note)]
    assert steps == [Step.REQUESTED, Step.UNDONE, Step.REQUESTED, Step.ERASED]
    assert all(json.loads(line)["customer"] == alice.number for line in lines(journal))
    assert email not in "".join(lines(journal))
    assert list(read_refusals(lines(journal))) == []


def test_a_step_is_noted_before_it_is_committed(journal: Path, alice: Customer) -> None:
    with transaction.atomic():
        ask(alice)
        transaction.set_rollback(True)
    assert len(lines(journal)) == 1


def test_whoever_was_erased_after_the_dump_is_erased_again(alice: Customer) -> None:
    gone = the_note(alice, Step.ERASED)

    assert replayed(the_note(alice, Step.REQUESTED, days_ago=20), gone) == {"erased": 1}
    assert status_of(alice) == Status.CLOSED
    assert alice.email == ""
    assert replayed(gone) == {"known": 1}


def test_whoever_had_asked_before_the_dump_and_was_erased_after_it_is_erased_again(
    alice: Customer, clock: Traveller
) -> None:
    closing = ask(alice)
    clock.shift(TIME_TO_THINK)
    noted = Note(
        closing.erase_at, alice.number, Step.ERASED, closing.requested_at, closing.erase_at
    )
    assert replayed(noted) == {"erased": 1}
    assert Closing.objects.get().erased_at is not None


def test_nothing_that_is_noted_later_brings_back_who_was_erased(alice: Customer) -> None:
    wrong_clock = the_note(alice, Step.UNDONE, days_ago=0)
    assert replayed(the_note(alice, Step.ERASED), wrong_clock) == {"erased": 1}
    assert status_of(alice) == Status.CLOSED


def test_whoever_had_asked_has_the_rest_of_the_days(alice: Customer) -> None:
    asked = the_note(alice, Step.REQUESTED, days_ago=3, asked=3)

    assert replayed(asked) == {"closing": 1}
    closing = Closing.objects.get()
    assert (closing.requested_at, closing.erase_at) == (asked.requested_at, asked.erase_at)
    assert status_of(alice) == Status.CLOSING
    assert replayed(asked) == {"known": 1}
    assert Closing.objects.count() == 1


def test_whoever_thinks_again_after_the_restore_is_not_closed_by_a_second_replay(
    alice: Customer,
) -> None:
    asked = the_note(alice, Step.REQUESTED, days_ago=3, asked=3)
    replay([asked])
    undo_closing(customer=alice, actor=SYSTEM)

    assert replayed(asked) == {"known": 1}
    assert status_of(alice) == Status.ACTIVE


def test_whoever_had_thought_again_stays(alice: Customer) -> None:
    replay([the_note(alice, Step.REQUESTED, days_ago=3, asked=3)])
    thought_again = the_note(alice, Step.UNDONE, asked=3)

    assert replayed(thought_again) == {"undone": 1}
    assert status_of(alice) == Status.ACTIVE
    assert replayed(thought_again) == {"known": 1}


def test_a_younger_wish_outweighs_an_older_second_thought(alice: Customer) -> None:
    older = the_note(alice, Step.UNDONE)
    ask(alice)
    assert replayed(older) == {"known": 1}
    assert status_of(alice) == Status.CLOSING


def test_what_stands_in_the_way_keeps_the_account_closing(
    alice: Customer, unpaid: list[Obstacle]
) -> None:
    unpaid.append(Obstacle("An invoice is not paid.", "orders"))
    gone = the_note(alice, Step.ERASED)

    assert replayed(gone) == {"waiting": 1}
    assert status_of(alice) == Status.CLOSING
    unpaid.clear()
    assert replayed(gone) == {"erased": 1}


def test_who_joined_after_the_dump_is_not_there_to_be_closed(alice: Customer) -> None:
    stranger = the_note(Customer(number="BZ-999999"), Step.ERASED)
    assert replayed(stranger) == {"unknown customer": 1}


@pytest.mark.parametrize(
    "line", ['{"closing": "erased"', '{"closing": "moved"}', '{"closing": "erased", "customer": 1}']
)
def test_half_a_line_is_counted_and_stops_nothing(line: str) -> None:
    [found] = read_notes([line, '{"uses": []}', ""])
    assert isinstance(found, Unreadable)
    assert replayed(found) == {Replayed.UNREADABLE.value: 1}


def test_the_command_says_what_became_of_each(
    journal: Path, alice: Customer, clock: Traveller
) -> None:
    closing = ask(alice)
    undo_closing(customer=alice, actor=SYSTEM)
    kept = [str(path) for path in journal.iterdir()]
    Closing.objects.filter(pk=closing.pk).update(undone_at=None)
    Customer.objects.filter(pk=alice.pk).update(status=Status.CLOSING)

    output = StringIO()
    call_command("replay_closings", *kept, stdout=output)
    told = json.loads(output.getvalue())
    assert (told["undone"], told["unreadable"]) == (1, 0)
    with (journal / "broken.jsonl").open("w") as file:
        file.write('{"closing": ')
    with pytest.raises(SystemExit) as ended:
        call_command("replay_closings", str(journal / "broken.jsonl"), stdout=output)
    assert ended.value.code == 1
