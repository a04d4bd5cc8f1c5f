"""What people write to us becomes a case, once, and finds its thread again."""

from __future__ import annotations

import json
from collections.abc import Callable
from email import message_from_bytes

import pytest

from accounts.models import Customer
from notifications.attachments import Attachment, opened_content
from notifications.letters import letter_as_bytes
from notifications.models import Case, CaseMessage, OutgoingMail
from notifications.services.casework import add_message, find_thread
from tests.builders import TODAY, during
from tests.notifications.writing import VISITOR, steps, written

PNG = b"\x89PNG\r\n\x1a\n..."


@pytest.fixture
def case(db: None) -> Case:
    return written()


def confirmation() -> OutgoingMail:
    return OutgoingMail.objects.get(content__kind="case_received")


def test_a_message_becomes_a_case_that_waits_for_us(db: None) -> None:
    with during(TODAY):
        case = written()
    assert (case.state, case.waiting_since, case.customer) == ("received", TODAY, None)
    assert (case.sender_address, case.subject) == ("nora@example.com", "My site is slow")
    (message,) = case.messages.all()
    assert message.text == "Since Monday it takes\nten seconds."
    assert steps(case) == ["received"]


def test_its_sender_gets_one_mail_that_sits_in_the_thread(case: Case) -> None:
    mail = confirmation()
    sent = message_from_bytes(letter_as_bytes(mail, TODAY))
    assert mail.address == "nora@example.com"
    assert case.number in sent["Subject"]
    assert sent["In-Reply-To"] == "<1@nora.example>"
    assert sent["References"] == "<0@nora.example> <1@nora.example>"
    assert sent["Reply-To"] == case.reply_address
    assert sent["Auto-Submitted"] == "auto-replied"


def test_the_confirmation_repeats_nothing_of_what_was_written(case: Case) -> None:
    content = confirmation().content
    for words in ("Monday", "slow", "Nora"):
        assert words not in content.text + content.html + content.subject


def test_what_no_machine_may_answer_is_not_confirmed(db: None) -> None:
    written(confirm=False)
    assert not OutgoingMail.objects.exists()


def test_without_an_address_there_is_a_case_and_no_mail(db: None) -> None:
    assert written(sender_address="", customer=None).sender_address is None
    assert not OutgoingMail.objects.exists()


@pytest.mark.parametrize(
    "known", [{"message_id": "<1@nora.example>"}, {"message_id": "", "form_id": "f1"}]
)
def test_the_same_message_twice_is_one_case(db: None, known: dict[str, str]) -> None:
    assert written(**known) == written(**known)
    assert (Case.objects.count(), OutgoingMail.objects.count()) == (1, 1)


def test_a_case_belongs_to_the_customer_with_its_address(alice: Customer) -> None:
    case = written(sender_address=alice.email.upper())
    assert (case.customer, case.is_proven) == (alice, False)


def test_of_two_customers_with_one_address_it_belongs_to_neither(
    alice: Customer, bob: Customer
) -> None:
    Customer.objects.filter(pk=bob.pk).update(email=alice.email)
    assert written(sender_address=alice.email).customer is None


@pytest.mark.parametrize("wrapped", ["{}", "case+{}@bizsecure.com", "  case+{}@bizsecure.com "])
@pytest.mark.parametrize("spelled", [str, str.upper])
def test_a_reply_address_finds_its_case(
    case: Case, wrapped: str, spelled: Callable[[str], str]
) -> None:
    token = spelled(case.reply_address.removeprefix("case+").partition("@")[0])
    assert find_thread(["<unknown@example.com>", wrapped.format(token)]) == case


def test_a_message_id_finds_its_case(case: Case) -> None:
    assert find_thread(["<x@y>", "<1@nora.example>"]) == case


@pytest.mark.parametrize(
    "references", [[], [""], ["<2@nora.example>"], ["case+@bizsecure.com"], ["x" * 5000], ["<a b>"]]
)
def test_what_refers_to_nothing_of_ours_finds_none(case: Case, references: list[str]) -> None:
    assert find_thread(references) is None


def test_a_token_for_something_else_finds_none(case: Case) -> None:
    token = case.reply_address.removeprefix("case+").partition("@")[0]
    assert find_thread([f"case+{token[:-1]}@bizsecure.com", f"case+{token}A@bizsecure.com"]) is None


def test_what_is_written_next_makes_the_case_wait_again(case: Case) -> None:
    Case.objects.filter(pk=case.pk).update(state="discarded", waiting_since=None, reviewed_at=TODAY)
    with during(TODAY):
        add_message(case=case, text="Still slow.", actor=VISITOR)
    case.refresh_from_db()
    assert (case.state, case.waiting_since, case.reviewed_at) == ("received", TODAY, None)
    assert steps(case) == ["received", "written-again"]


def test_what_is_added_twice_is_there_once(case: Case) -> None:
    for _each in range(2):
        add_message(case=case, text="Again.", actor=VISITOR, message_id="<2@nora.example>")
    assert CaseMessage.objects.filter(case=case).count() == 2
    assert steps(case) == ["received", "written-again"]


@pytest.mark.parametrize(
    ("address", "kept"),
    [("NORA@example.com", None), ("mallory@example.com", "mallory@example.com"), ("", None)],
)
def test_another_sender_is_told_apart(case: Case, address: str, kept: str | None) -> None:
    message = add_message(case=case, text="x", actor=VISITOR, sender_address=address)
    message.refresh_from_db()
    assert message.other_address == kept


@pytest.mark.parametrize(
    ("name", "content", "refusal"),
    [
        ("slow.png", PNG, ""),
        ("../../etc/slow.PNG", PNG, ""),
        ("log.txt", b"GET /", ""),
        ("log.txt", b"GET \0", "type"),
        ("slow.png", b"GIF89a", "type"),
        ("setup.exe", b"MZ", "type"),
        ("page.html", b"<script>", "type"),
        ("run.txt", b"#!/bin/sh", "scanner"),
        ("name", b"x", "type"),
        ("big.txt", b"x" * (5 * 1024 * 1024 + 1), "too-large"),
    ],
)
def test_a_file_is_kept_or_named(db: None, name: str, content: bytes, refusal: str) -> None:
    case = written(attachments=[Attachment(name, content)])
    (file,) = case.messages.get().attachments.all()
    assert (file.refusal, file.size) == (refusal, len(content))
    assert "/" not in file.name
    if not refusal:
        assert opened_content(file) == content
        assert content not in bytes(file.content or b"")


def test_no_more_than_ten_files_are_kept(db: None) -> None:
    case = written(attachments=[Attachment("a.txt", b"x")] * 12)
    files = case.messages.get().attachments
    assert files.filter(refusal="").count() == 10
    assert files.filter(refusal="too-many").count() == 2


def test_nothing_that_was_written_is_stored_in_clear(db: None) -> None:
    case = Case.objects.get(pk=written(text="the very words").pk)
    message = case.messages.get()
    stored = [*case.__dict__.values(), *message.__dict__.values()]
    assert [each for each in stored if "Nora" in str(each) or "very" in str(each)] == []
    assert json.loads(message.references or "") == ["<0@nora.example>"]


def test_a_text_without_end_is_cut_and_says_so(db: None) -> None:
    text = written(text="x" * 200_000).messages.get().text
    assert text is not None
    assert (len(text), text[-5:]) == (100_000, "[...]")
