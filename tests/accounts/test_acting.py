"""Acting for a customer who asked for it: never without the request, never behind their back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone
from time_machine import Traveller

from accounts.actors import SYSTEM, Actor, Channel
from accounts.event_kinds import EventKind, Grievance
from accounts.models import AccountEvent, Customer, Mandate, ProfileChange, User
from accounts.roles import Role
from accounts.services import confiding, suspending
from accounts.services.acting import Asked, change_details_for
from accounts.services.opening import open_account
from accounts.services.personal import (
    Reason,
    personal_details,
    record_changes,
    update_personal_information,
)
from accounts.services.suspending import reinstate_account, suspend_account
from bizsecure.core.errors import Refused
from bizsecure.core.verifying import broken_rows
from tests.builders import LONG_AGO, TODAY, look_at, member

BY_PHONE = Asked(Channel.PHONE, TODAY.date(), "C-118")


@pytest.fixture
def bill(db: None, clock: Traveller) -> User:
    """Give somebody in billing who has accepted the terms."""
    return member(Role.BILLING)


def refused(service: Callable[..., object], **facts: Any) -> Any:
    with pytest.raises(Refused) as refusal:
        service(**facts)
    return refusal.value.reason


def change_city(customer: Customer, staff: User, **facts: Any) -> set[str]:
    customer.refresh_from_db()
    given: dict[str, Any] = {
        "details": replace(personal_details(customer), city="Trenton"),
        "revision": customer.revision,
        "asked": BY_PHONE,
        "actor": Actor.staff(staff),
    }
    return change_details_for(customer=customer, **{**given, **facts})


def test_what_a_customer_asked_for_is_changed_and_says_by_whom_and_how(
    alice: Customer, bill: User
) -> None:
    look_at(alice, bill)
    assert change_city(alice, bill) == {"city"}
    row = ProfileChange.objects.get(customer=alice)
    assert (row.actor_kind, row.actor_user, row.channel) == ("staff", bill, Channel.PHONE)
    assert row.mandate is not None
    assert (row.mandate.asked_on, row.mandate.reference) == (BY_PHONE.asked_on, "C-118")
    assert personal_details(alice).city == "Trenton"
    for ledger in (ProfileChange, Mandate):
        assert list(broken_rows(ledger)) == []


def test_a_form_that_is_sent_twice_changes_once(alice: Customer, bill: User) -> None:
    look_at(alice, bill)
    alice.refresh_from_db()
    details = replace(personal_details(alice), city="Trenton")
    first, second = (change_city(alice, bill, details=details, revision=0) for _twice in range(2))
    assert (first, second) == ({"city"}, set())
    assert Mandate.objects.count() == 1


def test_a_stale_form_is_refused_and_leaves_no_request_behind(alice: Customer, bill: User) -> None:
    look_at(alice, bill)
    hers = replace(personal_details(alice), city="Camden")
    update_personal_information(
        customer=alice, details=hers, revision=0, actor=Actor.customer(alice.user)
    )
    theirs = replace(hers, city="Trenton")
    asked = refused(change_city, customer=alice, staff=bill, details=theirs, revision=0)
    assert asked == Reason.CHANGED_MEANWHILE
    assert not Mandate.objects.exists()


def test_without_an_open_record_nothing_is_changed(
    alice: Customer, bob: Customer, bill: User, clock: Traveller
) -> None:
    assert refused(change_city, customer=alice, staff=bill) == confiding.Reason.LOOK_FIRST
    look_at(bob, bill)
    assert refused(change_city, customer=alice, staff=bill) == confiding.Reason.LOOK_FIRST
    look_at(alice, bill)
    clock.shift(timedelta(minutes=30))
    assert refused(change_city, customer=alice, staff=bill) == confiding.Reason.LOOK_FIRST


def test_a_role_without_the_right_changes_nothing(alice: Customer) -> None:
    officer = member(Role.PRIVACY)
    look_at(alice, officer)
    assert refused(change_city, customer=alice, staff=officer) == confiding.Reason.NO_RIGHT
    facts = {"grievance": Grievance.MISUSE, "case_number": "C-1", "actor": Actor.staff(officer)}
    assert refused(suspend_account, customer=alice, **facts) == confiding.Reason.NO_RIGHT


def test_customers_act_as_no_staff(alice: Customer) -> None:
    actor = Actor.customer(alice.user)
    assert refused(change_city, customer=alice, staff=alice.user, actor=actor) == (
        confiding.Reason.NO_RIGHT
    )


# Customers without a sign-in


@pytest.fixture
def pen(db: None, clock: Traveller) -> Customer:
    """Give a customer who writes letters and has no sign-in."""
    return open_account(user=None, name="Pen Paper", email="pen@example.com", now=LONG_AGO)


def test_for_customers_without_a_sign_in_the_mail_address_is_changed_too(
    pen: Customer, bill: User
) -> None:
    look_at(pen, bill)
    Customer.objects.filter(pk=pen.pk).update(email_verified_at=LONG_AGO)
    assert change_city(pen, bill, email="new@example.com") == {"city", "email"}
    pen.refresh_from_db()
    assert (pen.email, pen.email_verified_at) == ("new@example.com", None)
    assert ProfileChange.objects.filter(customer=pen, mandate__isnull=False).count() == 2


def test_who_signs_in_proves_a_new_address_themselves(alice: Customer, bill: User) -> None:
    look_at(alice, bill)
    assert change_city(alice, bill, email="new@example.com") == {"city"}
    alice.refresh_from_db()
    assert alice.email == "alice@example.com"


# What the database itself refuses


def test_the_database_takes_no_change_by_staff_without_a_request(
    alice: Customer, bob: Customer, bill: User
) -> None:
    look_at(bob, bill)
    change_city(bob, bill)
    facts: dict[str, Any] = {
        "changes": {"city": ("", "Trenton")},
        "actor": Actor.staff(bill),
        "channel": Channel.PHONE,
        "now": timezone.now(),
    }
    for mandate in (None, Mandate.objects.get(customer=bob)):
        with pytest.raises(DatabaseError, match="asked them"), transaction.atomic():
            record_changes(customer=alice, mandate=mandate, **facts)
    record_changes(customer=alice, **{**facts, "actor": SYSTEM})


# Suspending


def test_an_account_is_suspended_and_reinstated_with_a_reason(alice: Customer, bill: User) -> None:
    look_at(alice, bill)
    by_bill: dict[str, Any] = {"case_number": "C-9", "actor": Actor.staff(bill)}
    suspend_account(customer=alice, grievance=Grievance.UNPAID, **by_bill)
    alice.refresh_from_db()
    assert alice.status == Customer.Status.SUSPENDED
    again = refused(suspend_account, customer=alice, grievance=Grievance.UNPAID, **by_bill)
    assert again == suspending.Reason.NOT_IN_GOOD_STANDING
    reinstate_account(customer=alice, **by_bill)
    assert refused(reinstate_account, customer=alice, **by_bill) == (
        suspending.Reason.NOT_SUSPENDED
    )
    events = AccountEvent.objects.filter(customer=alice).order_by("sequence")
    assert list(events.values_list("kind", "subject", "reference", "actor_user")) == [
        (EventKind.ACCOUNT_SUSPENDED, "unpaid", "C-9", bill.pk),
        (EventKind.ACCOUNT_RESTORED, "", "C-9", bill.pk),
    ]


def test_a_closed_account_is_not_reopened_by_reinstating_it(alice: Customer, bill: User) -> None:
    look_at(alice, bill)
    Customer.objects.filter(pk=alice.pk).update(status=Customer.Status.CLOSED)
    actor = Actor.staff(bill)
    assert refused(reinstate_account, customer=alice, case_number="", actor=actor)
    alice.refresh_from_db()
    assert alice.status == Customer.Status.CLOSED
