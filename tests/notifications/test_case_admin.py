"""The inbox of our staff, and the page of a case."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from time_machine import Traveller

from accounts.actors import Actor
from accounts.models import Customer, StaffAccess, User
from accounts.roles import Role
from notifications.attachments import Attachment
from notifications.models import CannedAnswer, Case, CaseAttachment, OutgoingMail
from notifications.services.answering import answer_case, read_case
from notifications.services.casework import add_message
from tests.builders import DAY, TODAY, member
from tests.notifications.writing import VISITOR, form_id, staff_page, steps, written
from tests.pages.browsing import signed_in_as, writing

INBOX = "/admin/notifications/case/"
NOTE, ANSWER = 1, 0


@pytest.fixture
def desk(clock: Traveller, db: None) -> User:
    """Give somebody in support who has accepted the terms."""
    return member(Role.SUPPORT)


@pytest.fixture
def client(desk: User) -> Client:
    return signed_in_as(desk)


def opened(client: Client, case: Case) -> str:
    """Open a case and return its page."""
    return client.post(staff_page(case), {"open": "1"}, follow=True).text


def press(client: Client, case: Case, button: str, **typed: str) -> Any:
    number = NOTE if button == "note" else ANSWER
    typed = {"form_id": form_id(client, staff_page(case), number), **typed}
    return client.post(staff_page(case), {button: "1", **typed})


def test_the_inbox_shows_the_oldest_unread_message_first(
    client: Client, desk: User, clock: Traveller
) -> None:
    numbers = []
    for number in range(3):
        case = written(message_id=f"<{number}@x>")
        numbers.append(case.number)
        clock.shift(DAY)
    read_case(case=Case.objects.get(number=numbers[0]), actor=Actor.staff(desk))
    clock.shift(DAY)
    page = signed_in_as(desk).get(INBOX).text
    places = [page.index(f">{number}<") for number in (numbers[1], numbers[2], numbers[0])]
    assert places == sorted(places)
    assert "overdue" in page


def test_the_list_names_nobody_but_by_number(client: Client, alice: Customer) -> None:
    written(customer=alice)
    page = client.get(INBOX).text
    assert alice.number in page
    for words in ("Nora", "nora@example.com", "slow", "Alice", alice.email):
        assert words not in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", {"unread", "mine"}),
        ("?queue=mine", {"mine"}),
        ("?queue=review", {"answered"}),
        ("?queue=all", {"unread", "mine", "answered"}),
        ("?queue=overdue", set()),
        ("?q={answered}", {"answered"}),
        ("?q=C-2", set()),
    ],
)
def test_the_list_shows_what_is_asked_for(
    client: Client, desk: User, query: str, found: set[str]
) -> None:
    cases = {name: written(message_id=f"<{name}@x>") for name in ("unread", "mine", "answered")}
    Case.objects.filter(pk=cases["mine"].pk).update(assigned_to=desk)
    answer_case(case=cases["answered"], text="x", actor=Actor.staff(desk))
    page = client.get(INBOX + query.format(answered=cases["answered"].number)).text
    assert {name for name, case in cases.items() if f">{case.number}<" in page} == found


def test_a_closed_case_shows_nothing_of_what_was_written(client: Client) -> None:
    case = written()
    with writing() as changed:
        page = client.get(staff_page(case)).text
    assert changed == []
    assert "Open and read" in page
    for words in ("Monday", "Nora", "My site is slow"):
        assert words not in page


def test_opening_it_shows_it_and_says_who_read_it(client: Client, desk: User) -> None:
    case = written()
    page = opened(client, case)
    for words in ("Since Monday", "Nora Nolan", "nora@example.com", desk.email):
        assert words in page
    assert "anybody can give any name and address" in page
    assert steps(case) == ["received", "read"]


def test_a_case_of_a_customer_closes_after_half_an_hour(
    client: Client, alice: Customer, clock: Traveller, desk: User
) -> None:
    case = written(customer=alice)
    assert "Since Monday" in opened(client, case)
    assert StaffAccess.objects.get().case_number == case.number
    clock.shift(31 * 60)
    page = signed_in_as(desk).get(staff_page(case)).text
    assert "Open and read" in page
    assert "Since Monday" not in page


def test_what_the_sender_adds_is_unread_again(client: Client) -> None:
    case = written()
    opened(client, case)
    add_message(case=case, text="Still slow.", actor=VISITOR, sender_address="otto@example.com")
    assert "Still slow." not in client.get(staff_page(case)).text
    page = opened(client, case)
    assert "From another address: otto@example.com" in page
    assert Case.objects.get().read_at == TODAY


def test_an_answer_a_note_and_a_review_are_one_press_each(client: Client, desk: User) -> None:
    case = written()
    opened(client, case)
    for button, typed in (
        ("note", {"text": "Asked operations."}),
        ("answer", {"text": "It was the cache."}),
        ("assign", {"assignee": str(desk.pk)}),
        ("keep", {}),
        ("discard", {}),
    ):
        assert press(client, case, button, **typed).status_code == 302
    assert steps(case)[2:] == ["noted", "answered", "assigned", "kept", "discarded"]
    page = client.get(staff_page(case)).text
    assert "Asked operations." in page
    assert "It was the cache." in page


def test_a_canned_answer_is_added_to_what_is_typed_and_sends_nothing(client: Client) -> None:
    canned = CannedAnswer.objects.create(title="Cache", text="Please empty your cache.")
    case = written()
    opened(client, case)
    page = press(client, case, "insert", text="Dear Nora,", canned=str(canned.pk))
    assert "Dear Nora,\n\nPlease empty your cache." in page.text
    assert not OutgoingMail.objects.filter(content__kind="case_answered").exists()


def test_nothing_typed_is_lost_where_no_answer_can_go_out(client: Client) -> None:
    case = written(sender_address="")
    opened(client, case)
    page = press(client, case, "answer", text="A long and careful answer.")
    assert page.status_code == 422
    assert "no address to answer to" in page.text
    assert "A long and careful answer." in page.text


def test_an_answer_typed_for_longer_than_a_look_lasts_goes_out(
    client: Client, alice: Customer, clock: Traveller
) -> None:
    case = written(customer=alice)
    opened(client, case)
    sent = {"answer": "1", "text": "Late.", "form_id": form_id(client, staff_page(case))}
    clock.shift(31 * 60)
    assert client.post(staff_page(case), sent).status_code == 302
    assert StaffAccess.objects.count() == 2
    assert OutgoingMail.objects.filter(content__kind="case_answered").exists()


def test_a_file_is_saved_by_a_button_and_never_shown(client: Client) -> None:
    case = written(attachments=[Attachment("the log ü.txt", b"<script>")])
    file = CaseAttachment.objects.get()
    path = reverse("admin:notifications_case_file", args=[case.pk, file.pk])
    assert client.get(path).status_code == 405
    answer = client.post(path)
    assert answer.content == b"<script>"
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"] == 'attachment; filename="the_log__.txt"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert steps(case)[-1] == "fetched"


def test_the_times_are_a_picture_with_its_table(desk: User, clock: Traveller) -> None:
    case = written()
    clock.shift(6 * 3600)
    answer_case(case=case, text="x", actor=Actor.staff(desk))
    written(message_id="")
    page = signed_in_as(desk).get(f"{INBOX}times/").text
    assert "One message waits for us." in page
    assert "<td>6.0</td>" in page
    assert "<td>100 %</td>" in page
    assert page.count("<rect") == 1


@pytest.mark.parametrize("role", [Role.BILLING, Role.MARKETING, Role.AUDITOR])
def test_nobody_else_reads_what_people_write(desk: User, role: Role) -> None:
    case = written()
    client = signed_in_as(member(role))
    for path in (INBOX, staff_page(case), f"{INBOX}times/"):
        assert client.get(path).status_code == 403
    assert client.post(staff_page(case), {"open": "1"}).status_code == 403
    assert steps(case) == ["received"]


def test_the_number_of_queries_does_not_depend_on_the_number_of_cases(
    client: Client, alice: Customer, django_assert_max_num_queries: Any
) -> None:
    for number in range(12):
        written(message_id=f"<{number}@x>", customer=alice)
    client.get(INBOX)
    with django_assert_max_num_queries(14):
        client.get(INBOX)
