"""OPT-5: corrections also by signing in or by mail to support.

Support mail becomes a case linked to the customer.
"""

from __future__ import annotations

from dataclasses import asdict

from django.urls import reverse

from accounts.actors import Actor
from accounts.models import Customer, ProfileChange
from accounts.roles import Role
from accounts.services.personal import personal_details
from notifications.services.casework import open_case
from tests.builders import look_at, member
from tests.pages.browsing import signed_in, signed_in_as


def test_a_customer_corrects_by_signing_in(alice: Customer) -> None:
    known = {**asdict(personal_details(alice)), "city": "Trenton", "revision": alice.revision}
    signed_in(alice).post(reverse("personal"), known)
    assert personal_details(alice).city == "Trenton"


def test_support_corrects_what_a_customer_wrote_by_mail(alice: Customer) -> None:
    support = member(Role.SUPPORT)
    look_at(alice, support)
    known = {**asdict(personal_details(alice)), "city": "Trenton", "revision": alice.revision}
    asked = {"channel": "mail", "asked_on": "2027-01-04", "reference": "C-12"}
    page = reverse("admin:accounts_customer_details", args=[alice.pk])
    signed_in_as(support).post(page, {**known, **asked})
    assert personal_details(alice).city == "Trenton"
    change = ProfileChange.objects.get(customer=alice)
    assert (change.actor_user, change.channel) == (support, "mail")


def test_mail_to_support_becomes_a_case_of_the_customer_who_wrote_it(alice: Customer) -> None:
    case = open_case(
        topic="privacy",
        sender_address="ALICE@example.com",
        sender_name="Alice",
        subject="My street",
        text="Please write Foundry Row 77.",
        actor=Actor.customer(),
        message_id="<1@alice.example>",
    )
    assert case.customer == alice
    assert "My street" in signed_in(alice).get(reverse("cases")).text
