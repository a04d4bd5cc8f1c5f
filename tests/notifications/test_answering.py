"""What staff do with a case, and what becomes of what was written."""

from __future__ import annotations

from datetime import timedelta
from email import message_from_bytes
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from time_machine import Traveller

from accounts.actors import SYSTEM, Actor
from accounts.holdings import holdings
from accounts.models import Customer, StaffAccess, User
from accounts.roles import Role
from bizsecure.core.errors import Refused
from notifications.attachments import Attachment
from notifications.letters import letter_as_bytes
from notifications.models import Case, CaseAttachment, CaseLink, OutgoingMail
from notifications.reasons import Reason
from notifications.services.answering import (
    answer_case,
    assign_case,
    discard_case,
    fetch_attachment,
    keep_case,
    note,
    read_case,
)
from notifications.services.casework import add_message
from notifications.services.emptying import empty_reviewed_cases
from notifications.threads import find_thread
from tests.builders import DAY, TODAY, member, promise
from tests.notifications.writing import VISITOR, steps, written


@pytest.fixture
def desk(clock: Traveller, db: None) -> User:
    """Give somebody in support who has accepted the terms."""
    return member(Role.SUPPORT)


@pytest.fixture
def case(desk: User) -> Case:
    return written()


def again(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


def answer_mail() -> OutgoingMail:
    return OutgoingMail.objects.get(content__kind="case_answered")


def test_whoever_opens_a_case_first_has_read_it(case: Case, desk: User, clock: Traveller) -> None:
    read_case(case=case, actor=Actor.staff(desk))
    clock.shift(DAY)
    read_case(case=case, actor=Actor.staff(promise(member(Role.PRIVACY))))
    case = again(case)
    assert (case.state, case.read_by, case.read_at) == ("read", desk, TODAY)
    assert steps(case) == ["received", "read"]


def test_opening_a_case_of_a_customer_is_a_look_that_the_customer_sees(
    alice: Customer, desk: User
) -> None:
    case = written(customer=alice)
    for _each in range(2):
        read_case(case=case, actor=Actor.staff(desk))
    look = StaffAccess.objects.visible_to(alice).get()
    assert (look.reason, look.case_number, look.actor_user) == ("question", case.number, desk)


@pytest.mark.parametrize("who", ["nobody", "billing", "without terms"])
@pytest.mark.parametrize(
    ("service", "facts"),
    [
        (read_case, {}),
        (keep_case, {}),
        (discard_case, {}),
        (note, {"text": "x"}),
        (answer_case, {"text": "x"}),
        (assign_case, {"assignee": None}),
    ],
)
def test_nobody_works_on_a_case_without_right_and_promise(
    case: Case, service: Any, facts: dict[str, Any], who: str
) -> None:
    actors = {
        "nobody": lambda: SYSTEM,
        "billing": lambda: Actor.staff(member(Role.BILLING)),
        "without terms": lambda: Actor.staff(member(Role.PRIVACY, promised=False)),
    }
    with pytest.raises(Refused):
        service(case=case, actor=actors[who](), **facts)
    assert steps(case) == ["received"]


def test_an_answer_goes_out_in_the_thread(case: Case, desk: User) -> None:
    answer_case(case=case, text="It was the cache.\n\n- emptied it", actor=Actor.staff(desk))
    mail = answer_mail()
    sent = message_from_bytes(letter_as_bytes(mail, TODAY))
    assert mail.address == "nora@example.com"
    assert sent["From"] == "BizSecure support <support@bizsecure.com>"
    assert sent["Subject"] == f"Re: My site is slow [{case.number}]"
    assert sent["In-Reply-To"] == "<1@nora.example>"
    assert sent["Reply-To"] == case.reply_address
    assert sent["Auto-Submitted"] is None
    assert "It was the cache.\n\n- emptied it" in mail.content.text
    assert "<li>emptied it</li>" in mail.content.html


def test_an_answer_says_that_the_case_is_answered_and_read(case: Case, desk: User) -> None:
    answer_case(case=case, text="It was the cache.", actor=Actor.staff(desk))
    case = again(case)
    assert (case.state, case.waiting_since, case.answered_at) == ("answered", None, TODAY)
    assert case.read_by == desk
    assert steps(case) == ["received", "read", "answered"]


def test_a_reply_to_our_answer_finds_its_case(case: Case, desk: User) -> None:
    answer_case(case=case, text="It was the cache.", actor=Actor.staff(desk))
    assert find_thread([answer_mail().message_id]) == case


def test_the_second_answer_keeps_the_time_of_the_first(
    case: Case, desk: User, clock: Traveller
) -> None:
    answer_case(case=case, text="First.", actor=Actor.staff(desk))
    clock.shift(DAY)
    add_message(case=case, text="And now?", actor=VISITOR)
    answer_case(case=case, text="Second.", actor=Actor.staff(desk))
    assert again(case).answered_at == TODAY


@pytest.mark.parametrize("service", [note, answer_case])
def test_what_is_sent_twice_is_written_once(case: Case, desk: User, service: Any) -> None:
    for _each in range(2):
        service(case=case, text="Once.", actor=Actor.staff(desk), form_id="f1")
    assert case.messages.count() == 2
    assert OutgoingMail.objects.filter(content__kind="case_answered").count() <= 1


def test_a_note_reaches_nobody_and_changes_no_state(case: Case, desk: User) -> None:
    note(case=case, text="Asked operations.", actor=Actor.staff(desk))
    assert again(case).state == "received"
    assert [each.text for each in case.conversation()] == ["Since Monday it takes\nten seconds."]
    assert OutgoingMail.objects.count() == 1


def test_nobody_can_be_answered_who_gave_no_address(desk: User) -> None:
    case = written(sender_address="")
    with pytest.raises(Refused) as refused:
        answer_case(case=case, text="x", actor=Actor.staff(desk))
    assert refused.value.reason == Reason.NO_ADDRESS


def test_a_case_is_assigned_to_who_can_answer_it(case: Case, desk: User) -> None:
    for _each in range(2):
        assign_case(case=case, assignee=desk, actor=Actor.staff(desk))
    assert again(case).assigned_to == desk
    with pytest.raises(Refused) as refused:
        assign_case(case=case, assignee=member(Role.BILLING), actor=Actor.staff(desk))
    assert refused.value.reason == Reason.CANNOT_ANSWER
    assert steps(case) == ["received", "assigned"]


@pytest.mark.parametrize("review", [keep_case, discard_case])
def test_nothing_is_kept_or_discarded_unread(case: Case, desk: User, review: Any) -> None:
    with pytest.raises(Refused) as refused:
        review(case=case, actor=Actor.staff(desk))
    assert refused.value.reason == Reason.UNREAD


def test_a_review_can_be_changed(case: Case, desk: User) -> None:
    read_case(case=case, actor=Actor.staff(desk))
    for review in (discard_case, discard_case, keep_case):
        review(case=case, actor=Actor.staff(desk))
    assert (again(case).state, again(case).reviewed_at) == ("kept", TODAY)
    assert steps(case) == ["received", "read", "discarded", "kept"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"state": "answered"},
        {"state": "read"},
        {"state": "kept", "waiting_since": None},
        {"waiting_since": None},
        {"read_at": TODAY},
        {"reviewed_at": TODAY},
    ],
)
def test_the_database_knows_what_a_state_means(case: Case, wrong: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Case.objects.filter(pk=case.pk).update(**wrong)


def test_what_was_discarded_loses_its_content_after_its_days(
    case: Case, desk: User, clock: Traveller
) -> None:
    add_message(case=case, text="x", actor=VISITOR, attachments=[Attachment("a.txt", b"x")])
    answer_case(case=case, text="Thank you.", actor=Actor.staff(desk))
    discard_case(case=case, actor=Actor.staff(desk))
    clock.shift(timedelta(days=30))
    assert empty_reviewed_cases() == 0
    clock.shift(timedelta(seconds=1))
    assert (empty_reviewed_cases(), empty_reviewed_cases()) == (1, 0)
    case = again(case)
    assert (case.sender_address, case.sender_digest, case.subject) == (None, None, None)
    assert [each.text for each in case.messages.all()] == [None, None, None]
    assert (CaseAttachment.objects.count(), CaseLink.objects.count()) == (0, 0)
    assert (case.read_at, case.answered_at) == (TODAY, TODAY)
    assert steps(case)[-1] == "emptied"


def test_what_is_kept_or_not_reviewed_keeps_its_content(
    case: Case, desk: User, clock: Traveller
) -> None:
    kept = written(message_id="")
    for each in (case, kept):
        answer_case(case=each, text="Thank you.", actor=Actor.staff(desk))
    keep_case(case=kept, actor=Actor.staff(desk))
    clock.shift(timedelta(days=31))
    assert empty_reviewed_cases() == 0
    clock.shift(timedelta(days=3 * 365))
    assert empty_reviewed_cases() == 1
    assert again(case).subject


def test_whoever_writes_again_before_that_keeps_the_content(
    case: Case, desk: User, clock: Traveller
) -> None:
    read_case(case=case, actor=Actor.staff(desk))
    discard_case(case=case, actor=Actor.staff(desk))
    clock.shift(timedelta(days=29))
    add_message(case=case, text="One more thing.", actor=VISITOR)
    clock.shift(timedelta(days=29))
    assert empty_reviewed_cases() == 0


def test_an_account_that_is_erased_leaves_no_word_of_its_cases(alice: Customer, desk: User) -> None:
    case = written(customer=alice)
    holding = next(each for each in holdings() if each.key == "cases")
    assert [row["text"] for row in holding.rows(alice)] == ["Since Monday it takes\nten seconds."]
    holding.erase(customer=alice, now=timezone.now())
    case = again(case)
    assert (case.state, case.sender_address, case.emptied_at) == ("discarded", None, TODAY)
    assert [row["text"] for row in holding.rows(alice)] == [None]


def test_a_file_is_handed_out_and_that_is_written_down(desk: User) -> None:
    case = written(attachments=[Attachment("a.txt", b"the log"), Attachment("a.exe", b"MZ")])
    kept, refused = CaseAttachment.objects.order_by("pk")
    assert fetch_attachment(attachment=kept, actor=Actor.staff(desk)) == b"the log"
    assert steps(case) == ["received", "fetched"]
    with pytest.raises(Refused):
        fetch_attachment(attachment=refused, actor=Actor.staff(desk))


def test_the_oldest_unread_message_comes_first(desk: User, clock: Traveller) -> None:
    cases = []
    for number in range(3):
        cases.append(written(message_id=f"<{number}@x>"))
        clock.shift(DAY)
    oldest, middle, newest = cases
    read_case(case=oldest, actor=Actor.staff(desk))
    assert list(Case.objects.waiting().in_order()) == [middle, newest, oldest]
    answer_case(case=middle, text="x", actor=Actor.staff(desk))
    assert list(Case.objects.in_order()) == [newest, oldest, middle]
