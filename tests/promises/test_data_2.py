"""DATA-2: account status and customer logs are the customer's to see."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse
from time_machine import Traveller

from accounts.actors import Actor
from accounts.models import Customer
from accounts.services.personal import personal_details, update_personal_information
from consent.models import PolicyVersion
from tests.builders import say_no, say_yes, tell


def overview(customer: Customer) -> str:
    client = Client()
    client.force_login(customer.user)  # type: ignore[arg-type]
    return re.sub(r"\s+", " ", unescape(client.get(reverse("overview")).content.decode()))


@pytest.mark.parametrize(
    ("status", "words"), [("active", "In good standing"), ("suspended", "Suspended")]
)
def test_the_customer_sees_the_state_of_the_account(
    alice: Customer, status: str, words: str
) -> None:
    Customer.objects.filter(pk=alice.pk).update(status=status)
    assert f"<dd>{words}</dd>" in overview(alice)


def test_the_customer_sees_since_when_and_under_which_number(alice: Customer) -> None:
    page = overview(alice)
    assert "Customer since 1 May 2020." in page
    assert alice.number in page


def test_everything_that_happens_to_the_account_stands_in_its_log(
    alice: Customer, change: PolicyVersion, clock: Traveller
) -> None:
    tell(alice, change)
    clock.shift(timedelta(hours=1))
    say_yes(alice, change, "uptime-watch")
    clock.shift(timedelta(hours=1))
    say_no(alice, change, "product-news")
    clock.shift(timedelta(hours=1))
    details = {**vars(personal_details(alice)), "city": "Trenton", "telephone": "+1 201-555-0142"}
    update_personal_information(
        customer=alice,
        details=type(personal_details(alice))(**details),
        revision=alice.revision,
        actor=Actor.customer(alice.user),
    )
    page = overview(alice)
    log = page[page.index("What happened to your account") :]
    for entry in (
        "You joined under version 1 of our privacy policy.",
        "We told you of version 2 of our privacy policy by e-mail.",
        "You said yes: May we use your name for uptime-watch?",
        "You said no: May we use your name for product-news?",
        "You changed your billing address and telephone number.",
    ):
        assert entry in log


def test_nobody_else_sees_it(alice: Customer, bob: Customer, change: PolicyVersion) -> None:
    say_yes(alice, change, "uptime-watch")
    page = overview(bob)
    assert "uptime-watch" not in page
    assert alice.number not in page
