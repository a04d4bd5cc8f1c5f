"""The page of personal information: everything known, and how to correct it (OPT-3)."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Address, Customer, ProfileChange, User
from accounts.remembered import NAME_COOKIE
from accounts.services.data_keys import destroy_key
from accounts.services.personal import postal_address
from tests.pages.browsing import signed_in, stored, text
from tests.pages.conftest import DETAILS, Belongings

ADDRESS = "/account/personal/"
HISTORY = "/account/personal/history/"


def form(client: Client, **typed: Any) -> dict[str, Any]:
    """Return what the page's form holds, with what is typed over it."""
    shown = client.get(ADDRESS).context["form"]
    return {**{name: shown[name].value() or "" for name in shown.fields}, **typed}


def fields_of(response: Any) -> list[tuple[str, Any]]:
    shown = response.context["form"]
    return [(name, shown[name]) for name in shown.fields]


def save(client: Client, **typed: Any) -> Any:
    return client.post(ADDRESS, form(client, **typed), follow=True)


def changed(customer: Customer) -> list[str]:
    """Return which fields the customer's history of changes names."""
    rows = ProfileChange.objects.filter(customer=customer)
    return list(rows.order_by("sequence").values_list("field", flat=True))


def test_the_form_holds_what_is_known(belongings: Belongings) -> None:
    held = form(signed_in(belongings.customer))
    assert {name: held[name] for name in vars(DETAILS)} == vars(DETAILS)


def test_what_is_typed_is_saved_and_recorded(alice: Customer) -> None:
    client = signed_in(alice)
    page = save(client, street="12 Fletcher Lane", telephone="+44 20 7946 0958")
    assert "Saved." in text(page)
    alice.refresh_from_db()
    assert alice.telephone == "+44 20 7946 0958"
    assert Address.objects.get(customer=alice).street == "12 Fletcher Lane"
    assert changed(alice) == ["street", "telephone"]


def test_a_form_sent_twice_changes_once(alice: Customer) -> None:
    client = signed_in(alice)
    typed = form(client, city="Trenton")
    assert "Saved." in text(client.post(ADDRESS, typed, follow=True))
    assert "Nothing was changed." in text(client.post(ADDRESS, typed, follow=True))
    assert changed(alice) == ["city"]


def test_an_editor_who_was_overtaken_sees_what_changed_beside_what_was_typed(
    alice: Customer,
) -> None:
    mine, yours = signed_in(alice), signed_in(alice)
    typed = form(mine, city="Trenton", company="Adams Ltd")
    save(yours, city="Camden", name="Alice Brown")
    response = mine.post(ADDRESS, typed)
    page = text(response)
    assert response.status_code == 409
    assert "Somebody changed this information meanwhile." in page
    assert 'value="Trenton"' in page
    shown = {each.change.field: each for each in response.context["meanwhile"]}
    assert (shown["city"].old, shown["city"].change.new) == ("", "Camden")
    assert (shown["city"].typed, shown["city"].change.who) == ("Trenton", "you")
    assert not shown["name"].is_conflict
    assert changed(alice) == ["city", "name"]
    # Saving once more is a decision, and takes nothing back that was not touched.
    again = {name: field.value() or "" for name, field in fields_of(response)}
    assert "Saved." in text(mine.post(ADDRESS, again, follow=True))
    alice.refresh_from_db()
    assert (alice.name, alice.company) == ("Alice Brown", "Adams Ltd")
    assert changed(alice) == ["city", "name", "city", "company"]


def test_what_another_editor_changed_elsewhere_is_merged(alice: Customer) -> None:
    mine, yours = signed_in(alice), signed_in(alice)
    typed = form(mine, company="Adams Ltd")
    save(yours, city="Camden", name="Alice Brown")
    assert "Saved." in text(mine.post(ADDRESS, typed, follow=True))
    alice.refresh_from_db()
    assert (alice.name, alice.company) == ("Alice Brown", "Adams Ltd")
    assert changed(alice) == ["city", "name", "company"]


def test_another_country_shows_its_own_lines_and_saves_nothing(alice: Customer) -> None:
    client = signed_in(alice)
    before = stored()
    typed = form(client, country="JP", city="Trenton", name="<b>Alice</b>", other_country="1")
    response = client.post(ADDRESS, typed)
    shown = response.context["form"]
    lines = [(field.name, field.label) for field in shown.billing_lines]
    assert lines == [
        ("region", "Prefecture"),
        ("postcode", "Postal code"),
        ("city", "City"),
    ]
    assert shown["name"].value() == "<b>Alice</b>"
    assert 'value="Trenton"' in text(response)
    assert stored() == before


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({"country": "US", "street": "1 Elm Street"}, ["city", "region", "postcode"]),
        ({"country": "US", "postcode": "7099", "region": "Bavaria"}, ["postcode", "region"]),
        ({"country": "DE", "street": "Am Markt 1", "city": "Ulm"}, ["postcode"]),
        ({"country": "HK", "street": "1 Nathan Road", "region": "Kowloon"}, []),
        ({"country": "IE", "street": "1 Main Street", "city": "Ennis"}, []),
        ({"postal_same": "", "postal_country": "US", "postal_postcode": "1"}, ["postal_postcode"]),
        ({"postal_same": "on", "postal_city": "Camden"}, ["postal_same"]),
    ],
)
def test_an_address_keeps_to_the_rules_of_its_country(
    alice: Customer, typed: dict[str, str], wrong: list[str]
) -> None:
    client = signed_in(alice)
    response = client.post(ADDRESS, form(client, **typed))
    assert response.status_code == (422 if wrong else 302)
    if wrong:
        assert sorted(response.context["form"].errors) == sorted(wrong)


def test_the_same_as_the_billing_address_is_said_with_one_tick(belongings: Belongings) -> None:
    client = signed_in(belongings.customer)
    save(client, postal_same="on")
    held = form(client)
    assert held["postal_same"] is True
    assert held["postal_street"] == ""
    letters = postal_address(belongings.customer)
    assert letters is not None
    assert letters.street == DETAILS.street


def test_the_history_says_when_nothing_was_changed_yet(alice: Customer) -> None:
    assert "Nothing was changed yet" in text(signed_in(alice).get(HISTORY))


def test_the_history_shows_values_until_the_key_is_destroyed(belongings: Belongings) -> None:
    client = signed_in(belongings.customer)
    save(client, city="Trenton")
    assert DETAILS.city in text(client.get(HISTORY))
    destroy_key(customer=belongings.customer, now=timezone.now())
    page = text(client.get(HISTORY))
    assert DETAILS.city not in page
    assert "erased" in page


def test_the_history_is_its_owners_alone(belongings: Belongings, bob: Customer) -> None:
    page = text(signed_in(bob).get(HISTORY))
    assert [secret for secret in belongings.secrets if secret in page] == []


def test_what_is_wrong_stands_at_its_field_and_in_the_list_on_top(alice: Customer) -> None:
    client = signed_in(alice)
    before = stored()
    response = client.post(ADDRESS, form(client, telephone="12", city="Trenton", name=""))
    page = text(response)
    assert response.status_code == 422
    assert "<title>Error: " in page
    assert page.index('id="error-summary"') < page.index("<h1>")
    assert '<a href="#id_telephone">' in page
    assert '<a href="#id_name">' in page
    assert page.count('aria-invalid="true"') == 2
    assert 'id="id_telephone_error"' in page
    assert stored() == before


def test_what_was_typed_is_kept_while_something_is_wrong(alice: Customer) -> None:
    client = signed_in(alice)
    page = text(client.post(ADDRESS, form(client, telephone="12", city="Trenton")))
    assert 'value="12"' in page
    assert 'value="Trenton"' in page


@pytest.mark.parametrize(
    ("typed", "country", "kept"),
    [
        ("201 555 0123", "US", "+1 201-555-0123"),
        ("+1 (201) 555-0123", "", "+1 201-555-0123"),
        ("030 901820", "DE", "+49 30 901820"),
        ("", "", ""),
    ],
)
def test_a_telephone_number_is_kept_as_one_dials_it_from_anywhere(
    alice: Customer, typed: str, country: str, kept: str
) -> None:
    save(signed_in(alice), telephone=typed, country=country)
    alice.refresh_from_db()
    assert (alice.telephone or "") == kept


@pytest.mark.parametrize(
    "typed", ["12", "call me", "+999 1234567", "201 555 0123", "+1 201 555 0123 x" + "1" * 20]
)
def test_what_nobody_can_dial_is_no_telephone_number(alice: Customer, typed: str) -> None:
    client = signed_in(alice)
    response = client.post(ADDRESS, form(client, telephone=typed))
    assert response.status_code == 422
    assert "This is no telephone number we could call." in text(response)


def test_what_the_page_does_not_ask_for_cannot_be_changed_with_it(
    alice: Customer, bob: Customer
) -> None:
    save(
        signed_in(alice),
        city="Trenton",
        email="mallory@example.com",
        number="BZ-1",
        status="closed",
        is_staff="1",
        is_superuser="1",
        customer=bob.pk,
        user=bob.user_id,
        id=bob.pk,
        joined_at="2001-01-01",
    )
    before = Customer.objects.get(pk=alice.pk)
    assert (before.email, before.status, before.number) == (
        alice.email,
        alice.status,
        alice.number,
    )
    assert before.joined_at == alice.joined_at
    assert not User.objects.filter(is_staff=True).exists()
    assert changed(bob) == []


def test_a_customer_who_takes_a_new_name_is_greeted_by_it_later(alice: Customer) -> None:
    client = signed_in(alice)
    save(client, name="Alexandra Adams")
    assert NAME_COOKIE.key in client.cookies
    client.post(reverse("account_logout"))
    assert "Welcome back, Alexandra." in text(client.get(reverse("home")))


def test_information_can_be_taken_back(belongings: Belongings) -> None:
    kept = {"name": DETAILS.name, "time_zone": DETAILS.time_zone, "language": "en"}
    client = signed_in(belongings.customer)
    save(client, **{name: kept.get(name, "") for name in vars(DETAILS)})
    held = form(client)
    assert {name: held[name] for name in vars(DETAILS)} == dict.fromkeys(vars(DETAILS), "") | kept
