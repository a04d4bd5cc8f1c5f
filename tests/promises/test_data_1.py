"""DATA-1: what customers give is asked for with the reason, and they see all of it."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse

from accounts.actors import Actor
from accounts.fields import ADDRESS_FIELDS, POSTAL_FIELDS
from accounts.models import Customer
from accounts.services.personal import PersonalDetails, update_personal_information
from consent.models import PolicyVersion

DETAILS = PersonalDetails(
    name="Alice Adams",
    telephone="+1 201-555-0142",
    time_zone="Europe/Berlin",
    street="77 Foundry Row",
    extra="The Old Dairy",
    city="Hobokenville",
    region="New Jersey",
    postcode="07099",
    country="US",
    company="Adams & Daughters",
    postal_street="Box 1402",
    postal_extra="Desk 3",
    postal_city="Weehawkenville",
    postal_region="New York",
    postal_postcode="10001",
    postal_country="CA",
)
# The reason for an address stands at its first line.
REST_OF_ADDRESS = {*ADDRESS_FIELDS, *POSTAL_FIELDS} - {"street", "postal_street"}
REST_OF_ADDRESS |= {"postal_same"}
# No page asks for these: they hold what others do, a name of ours, or keep the books in order.
NOT_ASKED = {
    "id",
    "uid",
    "user",
    "kind",
    "customer",
    "number",
    "address_digest",
    "folded_name",
    "turned_name",
    "telephone_digest",
    "email_verified_at",
    "status",
    "joined_at",
    "revision",
}


def text(client: Client, name: str) -> str:
    response = client.get(reverse(name))
    assert response.status_code == 200
    return re.sub(r"\s+", " ", unescape(response.content.decode()))


@pytest.fixture
def hers(alice: Customer) -> Client:
    """Give the browser of alice, of whom everything is known."""
    actor = Actor.customer(alice.user)
    update_personal_information(
        customer=alice, details=DETAILS, revision=alice.revision, actor=actor
    )
    client = Client()
    client.force_login(alice.user)  # type: ignore[arg-type]
    return client


def test_joining_asks_for_no_more_than_name_address_and_password(policy: PolicyVersion) -> None:
    form = Client().get(reverse("account_signup")).context["form"]
    assert [field.name for field in form.visible_fields()] == ["name", "email", "password1"]


def test_joining_says_of_each_field_why_it_is_asked_for(policy: PolicyVersion) -> None:
    page = text(Client(), "account_signup")
    for reason in ("So that we know how to address you.", "You sign in with it, and we write"):
        assert reason in page


def test_the_control_panel_says_of_each_field_why_it_is_asked_for(hers: Client) -> None:
    form = hers.get(reverse("personal")).context["form"]
    fields = [field for field in form.visible_fields() if field.name not in REST_OF_ADDRESS]
    assert [field.name for field in fields] == [
        "name",
        "company",
        "telephone",
        "street",
        "postal_street",
        "language",
        "time_zone",
    ]
    page = text(hers, "personal")
    assert [field.name for field in fields if not field.help_text] == []
    assert [field.name for field in fields if str(field.help_text) not in page] == []
    assert "You sign in with it, and we write to you there." in page


def test_the_customer_sees_everything_that_was_given(hers: Client, alice: Customer) -> None:
    page = text(hers, "personal")
    # A time zone is written once: as the label of its option, which is its value, too.
    marks = ('value="{}"', "<option selected>{}</option>")
    values = list(vars(DETAILS).values())
    assert [
        value for value in values if any(mark.format(value) in page for mark in marks)
    ] == values
    assert alice.email in page


def test_the_page_says_under_which_policy_each_piece_was_collected(hers: Client) -> None:
    form = hers.get(reverse("personal")).context["form"]
    fields = [field for field in form.visible_fields() if field.name not in REST_OF_ADDRESS]
    told = "Collected 4 January 2027 under version 1 of our privacy policy."
    joined = "Collected 1 May 2020 under version 1 of our privacy policy."
    changed = [field.name for field in fields if told in str(field.help_text)]
    assert changed == ["company", "telephone", "street", "postal_street", "time_zone"]
    assert joined in str(form["name"].help_text)


def test_there_is_no_fact_about_a_person_that_the_page_does_not_show() -> None:
    held = {
        field.name
        for model in ("Customer", "Address")
        for field in apps.get_model("accounts", model)._meta.fields
    }
    assert held - NOT_ASKED - {"email"} == set(vars(DETAILS)) - set(POSTAL_FIELDS)
