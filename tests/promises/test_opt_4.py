"""OPT-4: all other customers do so through the billing department.

Customers without a panel sign-in: staff act on their behalf, recorded as such, and the customer is
told by mail or letter.
"""

from __future__ import annotations

import re
from dataclasses import asdict

import pytest
from django.test import Client
from django.urls import reverse

from accounts.account_log import entries_of
from accounts.models import Customer, ProfileChange
from accounts.roles import Role
from accounts.services.opening import open_account
from accounts.services.personal import personal_details
from consent.models import Choice, PolicyVersion
from tests.builders import LONG_AGO, look_at, member
from tests.pages.browsing import signed_in_as

ASKED = {"channel": "letter", "asked_on": "2027-01-04", "reference": "L-7"}


@pytest.fixture
def pen(policy: PolicyVersion) -> Customer:
    """Give a customer who writes letters and has no sign-in."""
    return open_account(user=None, name="Pen Paper", email="", now=LONG_AGO)


@pytest.fixture
def billing(pen: Customer) -> Client:
    """Give the browser of billing, to whom the record is open."""
    staff = member(Role.BILLING)
    look_at(pen, staff)
    return signed_in_as(staff)


def page(name: str, customer: Customer) -> str:
    return reverse(f"admin:{name}", args=[customer.pk])


def test_billing_changes_what_a_customer_without_a_sign_in_asked_for(
    billing: Client, pen: Customer
) -> None:
    known = {**asdict(personal_details(pen)), "street": "12 Fletcher Lane", "revision": 0}
    billing.post(page("accounts_customer_details", pen), {**known, **ASKED})
    assert personal_details(pen).street == "12 Fletcher Lane"
    change = ProfileChange.objects.get(customer=pen)
    assert (change.actor_kind, change.channel) == ("staff", "letter")
    assert change.mandate is not None
    assert change.mandate.reference == "L-7"


def test_billing_writes_down_what_such_a_customer_decided(
    billing: Client, pen: Customer, change: PolicyVersion
) -> None:
    billing.post(page("consent_decide", pen), {**ASKED, "use-uptime-watch": "yes"})
    choice = Choice.objects.get(customer=pen)
    assert (choice.decision, choice.method, choice.actor_kind) == ("granted", "staff", "staff")


@pytest.mark.parametrize("forgotten", ASKED)
def test_without_the_request_of_the_customer_nothing_is_done(
    billing: Client, pen: Customer, change: PolicyVersion, forgotten: str
) -> None:
    known = {**asdict(personal_details(pen)), "street": "12 Fletcher Lane", "revision": 0}
    asked = {**ASKED, forgotten: ""}
    assert (
        billing.post(page("accounts_customer_details", pen), {**known, **asked}).status_code == 422
    )
    decided = {**asked, "use-uptime-watch": "yes"}
    assert billing.post(page("consent_decide", pen), decided).status_code == 422
    assert not ProfileChange.objects.filter(customer=pen).exists()
    assert not Choice.objects.filter(customer=pen).exists()


def test_it_stands_in_the_customers_log_as_done_by_our_staff(
    billing: Client, pen: Customer
) -> None:
    known = {**asdict(personal_details(pen)), "street": "12 Fletcher Lane", "revision": 0}
    billing.post(page("accounts_customer_details", pen), {**known, **ASKED})
    told = [entry.text for entry in entries_of(pen, number=10).entries]
    assert "Our staff changed your billing address." in told
    assert any("L-7" in text for text in told)


def test_billing_gives_such_a_customer_a_code_and_a_letter_with_it(
    billing: Client, pen: Customer
) -> None:
    record = billing.get(page("accounts_customer_change", pen)).content.decode()
    assert page("accounts_customer_code", pen) in record
    refused = billing.post(page("accounts_customer_code", pen), {"way": "letter"})
    assert refused.status_code == 422
    known = {**asdict(personal_details(pen)), "street": "12 Fletcher Lane", "revision": 0}
    billing.post(page("accounts_customer_details", pen), {**known, **ASKED})
    letter = billing.post(page("accounts_customer_code", pen), {"way": "letter"}).content.decode()
    (code,) = re.findall(r"\b\w{4}-\w{4}-\w{4}\b", letter)
    assert "12 Fletcher Lane" in letter
    answer = Client().post(reverse("claim"), {"number": pen.number, "code": code})
    assert answer["Location"] == reverse("claim_sign_up")
