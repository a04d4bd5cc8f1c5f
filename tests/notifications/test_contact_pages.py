"""Writing to us by form, and following it: signed in, or by the link in the mail."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from time_machine import Traveller

from accounts.actors import Actor
from accounts.models import Customer
from accounts.roles import Role
from notifications.models import Case, CaseMessage, OutgoingMail
from notifications.services.answering import answer_case
from notifications.services.emptying import empty_reviewed_cases
from notifications.threads import LINK_LASTS
from tests.builders import DAY, member
from tests.notifications.writing import form_id, link_in, written
from tests.pages.browsing import signed_in

CONTACT = "/contact/"
TYPED = {
    "topic": "feedback",
    "message": "The page about cookies is good.",
    "name": "Nora Nolan",
    "email": "nora@example.com",
    "order": "",
    "website": "",
}
pytestmark = pytest.mark.usefixtures("clock", "db")


@pytest.fixture
def visitor() -> Client:
    return Client(enforce_csrf_checks=True)


def typed(client: Client, clock: Traveller, **changed: str) -> dict[str, str]:
    """Return the form as somebody sends it who took a minute for it."""
    found = form_id(client, CONTACT)
    clock.shift(60)
    return {**TYPED, "form_id": found, **changed}


def confirmation() -> OutgoingMail:
    return OutgoingMail.objects.get(content__kind="case_received")


def test_a_visitor_without_account_or_cookie_can_write(visitor: Client, clock: Traveller) -> None:
    sent = typed(visitor, clock)
    visitor.cookies.clear()
    answer = visitor.post(CONTACT, sent, follow=True)
    case = Case.objects.get()
    assert case.number in answer.text
    assert (case.sender_address, case.is_proven, case.topic) == (
        "nora@example.com",
        False,
        "feedback",
    )
    assert not visitor.cookies


def test_the_page_after_sending_does_not_hold_the_private_link(
    visitor: Client, clock: Traveller
) -> None:
    answer = visitor.post(CONTACT, typed(visitor, clock), follow=True)
    assert "/case/" not in answer.text
    assert visitor.get("/contact/sent/C-23456789/").status_code == 404


def test_a_form_sent_twice_is_one_message(visitor: Client, clock: Traveller) -> None:
    sent = typed(visitor, clock)
    answers = [visitor.post(CONTACT, sent) for _each in range(2)]
    assert answers[0]["Location"] == answers[1]["Location"]
    assert (Case.objects.count(), OutgoingMail.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"message": ""}, "This field is required."),
        ({"topic": "nothing"}, "Select a valid choice."),
        ({"email": "nora"}, "Enter a valid email address."),
        ({"message": "My card is 4111 1111 1111 1111"}, "looks like a card number"),
        ({"website": "https://spam.example"}, "Please leave this field empty."),
        ({"form_id": "x"}, "Please send it once more."),
        ({"name": "Nora\u202eNolan"}, "cannot be seen"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(
    visitor: Client, clock: Traveller, changed: dict[str, str], words: str
) -> None:
    answer = visitor.post(CONTACT, typed(visitor, clock, order="O-2345", **changed))
    assert answer.status_code == 422
    assert words in answer.text
    assert "O-2345" in answer.text
    assert not Case.objects.exists()


def test_a_form_that_was_too_old_can_be_sent_once_more(visitor: Client, clock: Traveller) -> None:
    sent = typed(visitor, clock)
    clock.shift(DAY)
    refused = visitor.post(CONTACT, sent)
    assert refused.status_code == 422
    again = refused.context["form"]["form_id"].value()
    clock.shift(60)
    assert visitor.post(CONTACT, {**sent, "form_id": again}).status_code == 302


def test_what_was_typed_too_fast_goes_through_at_the_second_press(
    visitor: Client, clock: Traveller
) -> None:
    sent = {**TYPED, "form_id": form_id(visitor, CONTACT)}
    clock.shift(1)
    refused = visitor.post(CONTACT, sent)
    assert (refused.status_code, Case.objects.exists()) == (422, False)
    clock.shift(5)
    assert visitor.post(CONTACT, sent).status_code == 302


def test_one_sender_can_write_only_so_often(visitor: Client, clock: Traveller) -> None:
    for _each in range(5):
        assert visitor.post(CONTACT, typed(visitor, clock)).status_code == 302
    refused = visitor.post(CONTACT, typed(visitor, clock, message="The sixth."))
    assert (refused.status_code, "The sixth." in refused.text) == (429, True)
    assert "send it later" in refused.text
    other = visitor.post(CONTACT, typed(visitor, clock, email="otto@example.com"))
    assert other.status_code == 302


def test_the_form_of_a_customer_is_no_form_of_anybody_else(
    alice: Customer, visitor: Client, clock: Traveller
) -> None:
    sent = typed(visitor, clock)
    refused = signed_in(alice).post(CONTACT, sent)
    assert refused.status_code == 422
    assert not Case.objects.exists()


def test_a_customer_who_is_signed_in_need_not_say_who_she_is(
    alice: Customer, clock: Traveller
) -> None:
    browser = signed_in(alice)
    page = browser.get(CONTACT).text
    assert alice.email in page
    assert 'name="email"' not in page
    answer = browser.post(CONTACT, typed(browser, clock, name="", email=""), follow=True)
    case = Case.objects.get()
    assert (case.customer, case.is_proven, case.sender_address) == (alice, True, alice.email)
    assert answer.request["PATH_INFO"] == f"/account/cases/{case.number}/"
    assert TYPED["message"] in answer.text


def test_a_customer_sees_her_cases_and_nobody_elses(alice: Customer, bob: Customer) -> None:
    case = written(customer=alice)
    for path in ("/account/cases/", case.get_absolute_url()):
        assert "My site is slow" in signed_in(alice).get(path).text
    stranger = signed_in(bob)
    assert "slow" not in stranger.get("/account/cases/").text
    assert stranger.get(case.get_absolute_url()).status_code == 404
    assert stranger.post(case.get_absolute_url(), {"message": "x"}).status_code == 404


def test_the_link_in_the_mail_shows_state_and_thread(visitor: Client) -> None:
    case = written()
    answer_case(case=case, text="It was the cache.", actor=Actor.staff(member(Role.SUPPORT)))
    page = visitor.get(link_in(confirmation()))
    for words in ("Answered", "Since Monday", "It was the cache.", case.number):
        assert words in page.text
    assert "nora@example.com" not in page.text
    assert "support@example.com" not in page.text
    assert page["Cache-Control"].startswith("max-age=0")


def test_no_other_link_opens_anything(visitor: Client, clock: Traveller) -> None:
    written()
    link = link_in(confirmation())
    for wrong in (link[:-2] + "/", link.replace("/case/", "/case/x"), "/case/x/"):
        assert visitor.get(wrong).status_code == 404
    clock.shift(LINK_LASTS)
    assert visitor.get(link).status_code == 404


def test_the_link_itself_is_stored_nowhere(visitor: Client) -> None:
    written()
    mail = confirmation()
    token = link_in(mail).split("/")[2]
    case = Case.objects.get()
    assert token not in mail.content.text + mail.content.html
    assert case.links.get().digest != token


@pytest.mark.parametrize("how", ["by link", "signed in"])
def test_the_sender_writes_again_and_once(
    alice: Customer, visitor: Client, clock: Traveller, how: str
) -> None:
    case = written(customer=alice)
    client = visitor if how == "by link" else signed_in(alice)
    path = link_in(confirmation()) if how == "by link" else case.get_absolute_url()
    sent = {"form_id": form_id(client, path), "message": "Still slow."}
    for _each in range(2):
        assert client.post(path, sent).status_code == 302
    assert CaseMessage.objects.filter(case=case).count() == 2
    assert "Still slow." in client.get(path).text


def test_an_empty_message_is_not_added(visitor: Client) -> None:
    written()
    path = link_in(confirmation())
    answer = visitor.post(path, {"form_id": form_id(visitor, path), "message": " "})
    assert answer.status_code == 422
    assert CaseMessage.objects.count() == 1


def test_what_was_erased_says_so(alice: Customer, clock: Traveller) -> None:
    case = written(customer=alice)
    staff = Actor.staff(member(Role.SUPPORT))
    answer_case(case=case, text="x", actor=staff)
    Case.objects.filter(pk=case.pk).update(state="discarded", reviewed_at=case.received_at)
    clock.shift((settings.CASE_DISCARD_DAYS + 1) * DAY)
    assert empty_reviewed_cases() == 1
    page = signed_in(alice).get(case.get_absolute_url())
    assert "was erased on" in page.text


def test_the_number_of_queries_does_not_depend_on_the_number_of_messages(
    alice: Customer, django_assert_max_num_queries: Any
) -> None:
    browser = signed_in(alice)
    cases = [written(customer=alice, message_id=f"<{number}@x>") for number in range(12)]
    for path, most in (("/account/cases/", 9), (cases[0].get_absolute_url(), 10)):
        browser.get(path)
        with django_assert_max_num_queries(most):
            browser.get(path)


def test_the_foot_of_every_page_leads_to_the_form(visitor: Client) -> None:
    assert f'href="{reverse("contact")}"' in visitor.get("/").text
