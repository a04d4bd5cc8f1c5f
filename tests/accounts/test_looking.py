"""Looking at a customer's record: the promise first, then a reason, then a row, then the record."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse
from time_machine import Traveller

from accounts import confidentiality
from accounts.actors import Actor
from accounts.models import ConfidentialityAcceptance, Customer, StaffAccess, User
from accounts.roles import Role
from accounts.services.confiding import Reason, accept_terms, open_record
from bizsecure.core.errors import Refused
from bizsecure.core.verifying import broken_rows
from tests.builders import look_at, member
from tests.pages.browsing import signed_in_as

TERMS = reverse("admin:accounts_confidentiality")
WHY = {"reason": "question", "words": "Asked about the last invoice.", "case_number": "C-17"}


@pytest.fixture
def sam(db: None, clock: Traveller) -> User:
    """Give somebody in support who has accepted the terms."""
    return member(Role.SUPPORT)


def record(customer: Customer) -> str:
    return reverse("admin:accounts_customer_change", args=[customer.pk])


def reason(customer: Customer) -> str:
    return reverse("admin:accounts_customer_reason", args=[customer.pk])


def asked_at(response: Any) -> str:
    """Return the page that a response leads to."""
    return str(response["Location"]).partition("?")[0]


def refusal(service: Callable[..., object], **facts: Any) -> Reason:
    with pytest.raises(Refused) as refused:
        service(**facts)
    return Reason(refused.value.reason.value)


# The promise


def test_nothing_about_customers_opens_before_the_terms_are_accepted(alice: Customer) -> None:
    client = signed_in_as(member(Role.PRIVACY, promised=False))
    models = ("accounts_staffaccess", "consent_choice", "notifications_outgoingmail")
    ledgers = [reverse(f"admin:{model}_changelist") for model in models]
    for page in (reverse("admin:accounts_customer_changelist"), record(alice), *ledgers):
        assert asked_at(client.get(page)) == TERMS
    shown = client.get(TERMS).text
    assert "You open the record of a customer only when" in shown


def test_accepting_the_terms_leads_on(alice: Customer) -> None:
    staff = member(Role.SUPPORT, promised=False)
    client = signed_in_as(staff)
    customers = reverse("admin:accounts_customer_changelist")
    on_the_way = client.get(customers)
    sent = {"number": confidentiality.NEWEST, "accepted": "on", "next": customers}
    for _twice in range(2):
        assert asked_at(client.post(on_the_way["Location"], sent)) == customers
    assert ConfidentialityAcceptance.objects.filter(user=staff).count() == 1
    assert client.get(customers).status_code == 200


def test_who_does_not_tick_the_box_has_not_accepted(alice: Customer) -> None:
    staff = member(Role.SUPPORT, promised=False)
    answer = signed_in_as(staff).post(TERMS, {"number": confidentiality.NEWEST})
    assert answer.status_code == 422
    assert "Without your promise no record opens." in answer.text
    assert not ConfidentialityAcceptance.objects.exists()


def test_the_promise_is_renewed_every_year(sam: User, clock: Traveller, alice: Customer) -> None:
    clock.shift(confidentiality.LASTS)
    assert asked_at(signed_in_as(sam).get(record(alice))) == TERMS
    accept_terms(number=confidentiality.NEWEST, actor=Actor.staff(sam))
    assert ConfidentialityAcceptance.objects.filter(user=sam).count() == 2


def test_an_older_version_of_the_terms_can_not_be_accepted(sam: User) -> None:
    older = confidentiality.NEWEST - 1
    assert refusal(accept_terms, number=older, actor=Actor.staff(sam)) == Reason.TERMS_CHANGED


# The reason


def test_a_record_opens_after_a_reason_and_not_before(sam: User, alice: Customer) -> None:
    client = signed_in_as(sam)
    assert asked_at(client.get(record(alice))) == reason(alice)
    assert asked_at(client.post(reason(alice), WHY)) == record(alice)
    assert client.get(record(alice)).status_code == 200
    look = StaffAccess.objects.get()
    assert (look.customer, look.actor_user, look.role) == (alice, sam, Role.SUPPORT)
    assert (look.reason, look.words, look.case_number) == tuple(WHY.values())


def test_the_page_that_asks_shows_nothing_of_the_record(sam: User, alice: Customer) -> None:
    shown = signed_in_as(sam).get(reason(alice)).text
    assert alice.number in shown
    assert alice.email not in shown


def test_a_record_stays_open_for_half_an_hour(sam: User, alice: Customer, clock: Traveller) -> None:
    client = signed_in_as(sam)
    look_at(alice, sam)
    clock.shift(timedelta(minutes=29, seconds=59))
    assert client.get(record(alice)).status_code == 200
    clock.shift(timedelta(seconds=1))
    assert asked_at(client.get(record(alice))) == reason(alice)


def test_one_reason_opens_one_record_to_one_person(
    sam: User, alice: Customer, bob: Customer
) -> None:
    look_at(alice, sam)
    assert asked_at(signed_in_as(sam).get(record(bob))) == reason(bob)
    assert asked_at(signed_in_as(member(Role.BILLING)).get(record(alice))) == reason(alice)


def test_a_reason_that_is_sent_twice_is_written_down_once(sam: User, alice: Customer) -> None:
    client = signed_in_as(sam)
    for _twice in range(2):
        client.post(reason(alice), WHY)
    assert StaffAccess.objects.count() == 1


@pytest.mark.parametrize(
    ("sent", "complaint"),
    [
        ({"reason": ""}, "This field is required."),
        ({"reason": "curiosity"}, "Select a valid choice."),
        ({"words": "", "case_number": ""}, "Say why in words"),
        ({"reason": "other", "words": ""}, "Say which reason."),
        ({"words": "x" * 201}, "at most 200 characters"),
        ({"words": "a\x00b"}, "Null characters are not allowed."),
        ({"words": "a\u202eb"}, "a character that cannot be seen"),
        ({"case_number": "\u200b"}, "a character that cannot be seen"),
    ],
)
def test_a_reason_says_something(
    sam: User, alice: Customer, sent: dict[str, str], complaint: str
) -> None:
    answer = signed_in_as(sam).post(reason(alice), {**WHY, **sent})
    assert answer.status_code == 422
    assert complaint in answer.text
    assert not StaffAccess.objects.exists()


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example/admin/", "/account/", "javascript:0"]
)
def test_the_way_on_stays_within_the_admin(sam: User, alice: Customer, elsewhere: str) -> None:
    answer = signed_in_as(sam).post(reason(alice), {**WHY, "next": elsewhere})
    assert answer["Location"] == record(alice)


def test_a_customer_who_is_not_there_has_no_reason_page(sam: User) -> None:
    assert signed_in_as(sam).get("/admin/accounts/customer/999999/reason/").status_code == 404


@pytest.mark.parametrize("role", [Role.MARKETING, Role.AUDITOR, Role.ADMINISTRATOR])
def test_who_has_no_business_with_records_is_refused(alice: Customer, role: Role) -> None:
    staff = member(role)
    client = signed_in_as(staff)
    for page in (record(alice), reason(alice)):
        assert client.get(page).status_code == 403
    facts = {"reason": StaffAccess.Reason.LAW, "words": "x", "case_number": ""}
    asked = refusal(open_record, customer=alice, actor=Actor.staff(staff), **facts)
    assert asked == Reason.NO_RIGHT


def test_the_service_asks_for_the_promise_too(alice: Customer) -> None:
    staff = member(Role.SUPPORT, promised=False)
    facts = {"reason": StaffAccess.Reason.LAW, "words": "x", "case_number": ""}
    asked = refusal(open_record, customer=alice, actor=Actor.staff(staff), **facts)
    assert asked == Reason.TERMS_FIRST


# The row


def test_looks_are_chained_for_each_customer(sam: User, alice: Customer, bob: Customer) -> None:
    for customer in (alice, bob, alice):
        look_at(customer, sam)
    assert list(broken_rows(StaffAccess)) == []


def test_a_look_belongs_to_a_member_of_staff(alice: Customer) -> None:
    look = StaffAccess(
        customer=alice,
        role=Role.SUPPORT,
        reason=StaffAccess.Reason.LAW,
        words="x",
        actor_kind="system",
        recorded_at=alice.joined_at,
    )
    with pytest.raises(DatabaseError), transaction.atomic():
        StaffAccess.append(look)


def test_the_ledger_of_looks_names_customers_by_number(alice: Customer, sam: User) -> None:
    look = look_at(alice, sam)
    client: Client = signed_in_as(member(Role.AUDITOR))
    for page in ("changelist", "change"):
        arguments = [look.pk] if page == "change" else []
        shown = client.get(reverse(f"admin:accounts_staffaccess_{page}", args=arguments)).text
        assert alice.number in shown
        assert "Alice" not in shown
