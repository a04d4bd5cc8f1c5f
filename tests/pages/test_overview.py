"""The account at a glance."""

from __future__ import annotations

from datetime import timedelta

from django.test import Client
from django.urls import reverse
from time_machine import Traveller

from accounts.actors import Actor
from accounts.models import Customer
from accounts.services.personal import update_personal_information
from consent.models import PolicyVersion
from consent.services.telling import retract_proof
from tests.builders import say_no, say_yes, tell
from tests.pages.browsing import signed_in, text
from tests.pages.conftest import DETAILS, Belongings


def overview(client: Client) -> str:
    response = client.get(reverse("overview"))
    assert response.status_code == 200
    return text(response)


def events(customer: Customer) -> list[str]:
    """Return what the page tells of the customer's record, the newest first."""
    context = signed_in(customer).get(reverse("overview")).context
    return [event.text for event in context["events"]]


def test_everything_known_is_shown_to_whom_it_is_about(belongings: Belongings) -> None:
    page = overview(signed_in(belongings.customer))
    customer = belongings.customer
    known = [DETAILS.name, customer.email, customer.number, DETAILS.telephone, DETAILS.street]
    assert not [fact for fact in [*known, DETAILS.city, "United States"] if fact not in page]
    assert "Hello, Alice" in page
    assert "Customer since 1 May 2020" in page
    assert "In good standing" in page


def test_what_is_not_known_is_said_in_words(alice: Customer) -> None:
    page = overview(signed_in(alice))
    assert "No telephone number" in page
    assert "No billing address" in page
    assert "None" not in page


def test_a_name_of_no_words_is_greeted_without_one(alice: Customer) -> None:
    Customer.objects.filter(pk=alice.pk).update(name=" ")
    assert "<h1>Hello</h1>" in overview(signed_in(alice))


def test_a_change_that_waits_is_announced_with_the_days_left(
    alice: Customer, change: PolicyVersion, clock: Traveller
) -> None:
    tell(alice, change)
    clock.shift(timedelta(days=10))
    client = signed_in(alice)
    page = overview(client)
    assert '<b class="num">22</b>' in page
    assert "22 days are left" in text(client.get(reverse("notice", args=[2])))
    assert "What version 2 says." in page
    assert reverse("notice", args=[2]) in page


def test_a_change_that_is_answered_waits_no_more(alice: Customer, change: PolicyVersion) -> None:
    tell(alice, change)
    say_no(alice, change, "uptime-watch")
    page = overview(signed_in(alice))
    assert "There is nothing to decide." in page
    assert 'class="callout"' not in page


def test_a_change_that_was_put_aside_waits_no_more(
    alice: Customer, change: PolicyVersion, clock: Traveller
) -> None:
    client = signed_in(alice)
    assert 'class="callout"' in overview(client)
    client.post(reverse("notice", args=[2]), {"put_aside": "1"})
    assert 'class="callout"' not in overview(client)


def test_the_record_says_what_happened_the_newest_first(
    alice: Customer, change: PolicyVersion, clock: Traveller
) -> None:
    message_id = tell(alice, change)
    clock.shift(timedelta(minutes=1))
    retract_proof(message_id=message_id)
    clock.shift(timedelta(minutes=1))
    say_yes(alice, change, "uptime-watch")
    clock.shift(timedelta(minutes=1))
    say_no(alice, change, "uptime-watch")
    assert events(alice) == [
        "You said no: May we use your name for uptime-watch?",
        "You said yes: May we use your name for uptime-watch?",
        "Our mail about version 2 came back. You count as not told.",
        "We told you of version 2 of our privacy policy by e-mail.",
        "You joined under version 1 of our privacy policy.",
    ]


def test_the_record_does_not_hold_what_happened_to_somebody_else(
    alice: Customer, bob: Customer, change: PolicyVersion
) -> None:
    tell(bob, change)
    say_yes(bob, change, "uptime-watch")
    assert events(alice) == ["You joined under version 1 of our privacy policy."]


def test_the_lines_of_an_address_are_one_event(alice: Customer) -> None:
    update_personal_information(
        customer=alice,
        details=DETAILS,
        revision=alice.revision,
        actor=Actor.customer(alice.user),
    )
    told = events(alice)
    whole = "You changed your billing address, company, postal address and telephone number."
    assert told.count(whole) == 1


def test_times_are_those_of_the_customers_clock(alice: Customer, change: PolicyVersion) -> None:
    tell(alice, change)
    Customer.objects.filter(pk=alice.pk).update(time_zone="Asia/Tokyo")
    assert "5 January 2027, 00:00" in overview(signed_in(alice))
