"""The record of a customer, and the pages behind its buttons."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from time_machine import Traveller

from accounts.actors import Actor, Channel
from accounts.models import AccountEvent, Customer, Mandate, ProfileChange, User
from accounts.roles import Role
from accounts.services.personal import personal_details, update_personal_information
from consent.models import Choice, PolicyVersion
from tests.builders import TODAY, look_at, member, say_no, say_yes
from tests.pages.browsing import signed_in, signed_in_as, writing
from tests.pages.conftest import DETAILS

ASKED = {"channel": "phone", "asked_on": "2027-01-04", "reference": "C-118"}


@pytest.fixture
def bill(policy: PolicyVersion, clock: Traveller) -> User:
    """Give somebody in billing who has accepted the terms."""
    return member(Role.BILLING)


@pytest.fixture
def desk(bill: User, alice: Customer) -> Client:
    """Give the browser of billing, to whom the record of alice is open."""
    update_personal_information(
        customer=alice, details=DETAILS, revision=0, actor=Actor.customer(alice.user)
    )
    alice.refresh_from_db()
    look_at(alice, bill)
    return signed_in_as(bill)


def page(name: str, customer: Customer) -> str:
    return reverse(f"admin:{name}", args=[customer.pk])


def typed(customer: Customer, **changes: Any) -> dict[str, Any]:
    """Return the form of the details as it is shown, with these changes."""
    customer.refresh_from_db()
    known = asdict(personal_details(customer))
    return {**known, "revision": customer.revision, **ASKED, **changes}


def test_the_record_shows_everything_there_is(
    desk: Client, alice: Customer, change: PolicyVersion
) -> None:
    say_no(alice, change, "product-news")
    shown = desk.get(page("accounts_customer_change", alice)).text
    for piece in (alice.email, DETAILS.telephone, DETAILS.street, "Asked about the last invoice"):
        assert piece in shown
    for part in ("choices", "notices", "messages", "log", "looks", "requests"):
        assert f'id="{part}"' in shown


def test_looking_at_a_record_that_is_open_writes_nothing(desk: Client, alice: Customer) -> None:
    with writing() as written:
        desk.get(page("accounts_customer_change", alice))
    assert written == []


def test_a_record_costs_the_same_however_long_it_is(
    desk: Client, alice: Customer, change: PolicyVersion
) -> None:
    address, asked = page("accounts_customer_change", alice), []
    for number in range(6):
        desk.post(page("accounts_customer_details", alice), typed(alice, city=f"City {number}"))
        say_no(alice, change, "product-news")
        say_yes(alice, change, "product-news")
        with CaptureQueriesContext(connection) as queries:
            desk.get(address)
        asked.append(len(queries))
    # The first look of a session writes down when it was used; of the log, the sources whose
    # entries are on the page are asked, which are no more in a long one.
    assert asked[1] >= asked[-1]
    assert max(asked) <= 45


def test_details_are_changed_on_request(desk: Client, alice: Customer, bill: User) -> None:
    sent = typed(alice, city="Trenton")
    for _twice in range(2):
        answer = desk.post(page("accounts_customer_details", alice), sent)
        assert answer["Location"] == page("accounts_customer_change", alice)
    change = ProfileChange.objects.get(customer=alice, actor_kind="staff")
    assert (change.field, change.channel) == ("city", Channel.PHONE)
    shown = signed_in(alice).get("/account/log/").text
    assert "Our staff changed your billing address." in shown
    assert "C-118" in shown


@pytest.mark.parametrize(
    ("sent", "complaint"),
    [
        ({"channel": ""}, "This field is required."),
        ({"channel": "import"}, "Select a valid choice."),
        ({"reference": ""}, "This field is required."),
        ({"reference": "a\u202eb"}, "cannot be seen"),
        ({"asked_on": "2027-01-05"}, "has not come yet"),
        ({"asked_on": "yesterday"}, "Enter a valid date."),
        ({"name": ""}, "This field is required."),
        ({"name": "x" * 201}, "at most 200 characters"),
        ({"telephone": "12"}, "no telephone number"),
        ({"country": "XX"}, "Select a valid choice."),
        ({"revision": "x"}, "Enter a whole number."),
        ({"revision": "999"}, "Somebody changed this information meanwhile."),
    ],
)
def test_a_change_that_is_not_right_says_why_and_keeps_what_was_typed(
    desk: Client, alice: Customer, sent: dict[str, str], complaint: str
) -> None:
    form = typed(alice, city="Trenton", **sent)
    answer = desk.post(page("accounts_customer_details", alice), form)
    assert answer.status_code == 422
    assert "Trenton" in answer.text
    if complaint != "Enter a whole number.":
        assert complaint in answer.text
    assert not Mandate.objects.exists()


def test_the_mail_address_of_who_signs_in_is_not_asked_for(desk: Client, alice: Customer) -> None:
    assert 'name="email"' not in desk.get(page("accounts_customer_details", alice)).text
    desk.post(page("accounts_customer_details", alice), typed(alice, email="mallory@example.com"))
    alice.refresh_from_db()
    assert alice.email == "alice@example.com"


def test_a_page_of_acting_opens_after_a_reason_alone(desk: Client, bob: Customer) -> None:
    for name in ("accounts_customer_details", "accounts_customer_standing", "consent_decide"):
        for method in ("get", "post"):
            answer = getattr(desk, method)(page(name, bob))
            assert "/reason/" in answer["Location"]


def test_an_account_is_suspended_and_reinstated(desk: Client, alice: Customer) -> None:
    standing = page("accounts_customer_standing", alice)
    assert desk.post(standing, {"grievance": "", "case_number": "C-1"}).status_code == 422
    desk.post(standing, {"grievance": "unpaid", "case_number": "C-1"})
    alice.refresh_from_db()
    assert alice.status == Customer.Status.SUSPENDED
    assert "an invoice is unpaid" in signed_in(alice).get("/account/log/").text
    desk.post(standing, {"case_number": "C-1"})
    alice.refresh_from_db()
    assert alice.status == Customer.Status.ACTIVE
    assert AccountEvent.objects.filter(customer=alice, actor_kind="staff").count() == 2


def test_decisions_are_written_down(desk: Client, alice: Customer, change: PolicyVersion) -> None:
    decide = page("consent_decide", alice)
    shown = desk.get(decide).text
    assert "May we use your name for uptime-watch?" in shown
    assert "run-account" not in shown
    answers = {"use-product-news": "no", "use-uptime-watch": ""}
    assert desk.post(decide, {**ASKED, "reference": "", **answers}).status_code == 422
    assert not Choice.objects.exists()
    for _twice in range(2):
        desk.post(decide, {**ASKED, **answers})
    choice = Choice.objects.get()
    assert (choice.use.key, choice.decision, choice.method) == ("product-news", "refused", "staff")
    assert choice.mandate is not None
    assert choice.mandate.asked_on == TODAY.date()


def test_a_customer_who_is_not_there_is_404(desk: Client) -> None:
    for address in ("customer/999999/details/", "customer/999999/standing/"):
        assert desk.get(f"/admin/accounts/{address}").status_code == 404
    assert desk.get("/admin/consent/choice/of/999999/").status_code == 404
