"""The staff pages of the register: one enters, another approves, and ledgers stay read-only."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from time_machine import Traveller

from accounts.models import Customer, User
from accounts.roles import Role
from consent.models import BarLifted, Disclosure, DisclosureEntry, DisclosureOutcome
from consent.models.entries import Telling
from tests.builders import member, promise
from tests.consent.registering import an_entry, given_by_staff
from tests.pages.browsing import signed_in_as

ENTRIES = "/admin/consent/disclosureentry/"
REGISTER = "/admin/consent/disclosure/"


@pytest.fixture
def officer(db: None, clock: Traveller) -> User:
    """Give a privacy officer."""
    return member(Role.PRIVACY)


@pytest.fixture
def second(officer: User) -> User:
    """Give another privacy officer."""
    user = promise(User.objects.create_user("second@example.com", is_staff=True))
    user.groups.set(officer.groups.all())
    return user


def browser(user: User) -> Client:
    return signed_in_as(user)


def written(of: Customer, **other: Any) -> dict[str, Any]:
    return {
        "key": str(uuid4()),
        "customer": of.number.lower(),
        "recipient": "court",
        "party": "Circuit Court of Multnomah County",
        "ground": "law",
        "purpose": "obey-law",
        "fields_given": ["name", "postal-address"],
        "reference": "Subpoena 27-CV-0042",
        "telling": "deferred",
        "tell_on": "2027-02-01",
        "barred_by": "not asked for, so dropped",
        **other,
    }


def test_one_enters_and_another_approves(alice: Customer, officer: User, second: User) -> None:
    one, other = browser(officer), browser(second)
    form = written(alice)
    for _twice in range(2):
        assert one.post(f"{ENTRIES}add/", form).status_code == 302
    entry = DisclosureEntry.objects.get()
    assert (entry.customer, entry.proposed_by, entry.barred_by) == (alice, officer, "")
    page = f"{ENTRIES}{entry.pk}/change/"
    approve = f"{ENTRIES}{entry.pk}/approve/"
    assert "Approve" not in one.get(page).text
    assert "Somebody else must decide" in one.post(approve).text
    assert not Disclosure.objects.exists()
    assert "Approve" in other.get(page).text
    for _twice in range(2):
        assert other.post(approve).status_code == 302
    assert Disclosure.objects.get().approved_by == second


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"customer": "BZ-NOBODY"}, "no customer of this number"),
        ({"party": ""}, "This field is required"),
        ({"ground": "a-fifth"}, "Select a valid choice"),
        ({"ground": "purchase"}, "Select a valid choice"),
        ({"recipient": "geotrust"}, "Select a valid choice"),
        ({"fields_given": []}, "This field is required"),
        ({"fields_given": ["mail-contents"]}, "not declared for a court"),
        ({"tell_on": ""}, "Name the day"),
        ({"tell_on": "2027-01-04"}, "a day to come"),
        ({"telling": "barred", "barred_by": ""}, "Name the law"),
        ({"reference": "two\nlines"}, "line"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(
    alice: Customer, officer: User, other: dict[str, Any], said: str
) -> None:
    answer = browser(officer).post(f"{ENTRIES}add/", written(alice, **other))
    assert answer.status_code == 422
    assert said in answer.text
    assert other.get("customer", alice.number.lower()) in answer.text
    assert not DisclosureEntry.objects.exists()


def test_a_rejection_says_why(alice: Customer, officer: User, second: User) -> None:
    entry = an_entry(alice, officer)
    page = f"{ENTRIES}{entry.pk}/reject/"
    assert browser(second).post(page, {"why": ""}).status_code == 422
    assert browser(second).post(page, {"why": "No signature"}).status_code == 302
    entry.refresh_from_db()
    assert (entry.state, entry.why_rejected) == ("rejected", "No signature")


def test_what_was_handed_over_is_recorded(alice: Customer, officer: User) -> None:
    row = given_by_staff(alice)
    page = f"{REGISTER}{row.pk}/handed_over/"
    client = browser(officer)
    assert "Handed over" in client.get(f"{REGISTER}{row.pk}/change/").text
    for _twice in range(2):
        assert client.post(page, {"outcome": "delivered"}).status_code == 302
    assert DisclosureOutcome.objects.get().actor_user == officer
    assert "outcome is known already" in client.post(page, {"outcome": "failed"}).text


def test_a_bar_is_lifted_with_a_document(alice: Customer, officer: User) -> None:
    row = given_by_staff(alice, telling=Telling.BARRED, barred_by="18 U.S.C. 2705(b)")
    page = f"{REGISTER}{row.pk}/lift/"
    client = browser(officer)
    assert client.post(page, {"tell_on": "", "reference": ""}).status_code == 422
    assert client.post(page, {"tell_on": "2027-03-01", "reference": "Order 9"}).status_code == 302
    assert str(BarLifted.objects.get().tell_on) == "2027-03-01"
    assert "Lift the bar" not in client.get(f"{REGISTER}{row.pk}/change/").text


def test_nobody_without_the_right_sees_or_enters(alice: Customer, officer: User) -> None:
    entry = an_entry(alice, officer)
    desk = browser(member(Role.SUPPORT))
    for page in (ENTRIES, f"{ENTRIES}add/", f"{ENTRIES}{entry.pk}/approve/", REGISTER):
        assert desk.get(page).status_code in {302, 403, 404}
        assert desk.post(page).status_code in {302, 403, 404}
    auditor = browser(member(Role.AUDITOR))
    assert auditor.get(ENTRIES).status_code == 200
    assert auditor.get(f"{ENTRIES}add/").status_code == 404
    auditor.post(f"{ENTRIES}{entry.pk}/approve/")
    assert not Disclosure.objects.exists()


def test_nothing_opens_before_the_terms_are_accepted(alice: Customer, db: None) -> None:
    new = browser(member(Role.PRIVACY, promised=False))
    for page in (ENTRIES, f"{ENTRIES}add/", REGISTER):
        answer = new.get(page)
        assert (answer.status_code, "confidentiality" in answer.headers["Location"]) == (302, True)
    assert new.post(f"{ENTRIES}add/", written(alice)).status_code == 302
    assert not DisclosureEntry.objects.exists()


def test_ledgers_cannot_be_edited(alice: Customer, officer: User) -> None:
    row = given_by_staff(alice)
    client = browser(officer)
    assert client.post(f"{REGISTER}{row.pk}/delete/").status_code == 403
    assert client.get(f"{REGISTER}add/").status_code == 403
    assert client.post(f"{REGISTER}{row.pk}/change/", {"party": "X"}).status_code == 403
    assert client.get("/admin/consent/recipient/add/").status_code == 403


@pytest.mark.parametrize(("page", "queries"), [(ENTRIES, 10), (REGISTER, 8)])
def test_a_list_takes_the_same_number_of_queries_however_long_it_is(
    alice: Customer,
    officer: User,
    django_assert_num_queries: DjangoAssertNumQueries,
    page: str,
    queries: int,
) -> None:
    client = browser(officer)
    given_by_staff(alice)
    client.get(page)
    with django_assert_num_queries(queries):
        client.get(page)
    for _each in range(5):
        given_by_staff(alice)
    with django_assert_num_queries(queries):
        client.get(page)
