"""Nobody sees what belongs to somebody else, under any address of the site."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse

from accounts.models import Customer, User
from tests.pages.addresses import ADMIN, every_address, filled
from tests.pages.browsing import signed_in, signed_in_as, stored, text, writing
from tests.pages.conftest import Belongings

ACCOUNT = "/account/"
SESSIONS = "django_session"


def everything_shown_to(client: Client, things: Belongings) -> list[tuple[str, int, str]]:
    """Return (pattern, status, page) of every address, redirects within the site followed."""
    shown = []
    for address in every_address(things):
        response: Any = client.get(address.path, follow=True)
        path = [location for location, _status in response.redirect_chain]
        shown.append((address.pattern, response.status_code, f"{path} {text(response)}"))
    return shown


def given_away(client: Client, things: Belongings) -> list[tuple[str, str]]:
    """Return where something of the customer's is to be read, and what."""
    return [
        (pattern, secret)
        for pattern, _status, page in everything_shown_to(client, things)
        for secret in things.secrets
        if secret in page
    ]


def test_the_customer_sees_what_is_hers(belongings: Belongings) -> None:
    found = {secret for _pattern, secret in given_away(signed_in(belongings.customer), belongings)}
    assert found == set(belongings.secrets)


def test_another_customer_sees_nothing_of_hers(belongings: Belongings, bob: Customer) -> None:
    assert given_away(signed_in(bob), belongings) == []


def test_a_visitor_sees_nothing_of_hers(belongings: Belongings) -> None:
    assert given_away(Client(), belongings) == []


def test_staff_without_a_right_to_it_see_nothing_of_hers(
    belongings: Belongings, carol: User
) -> None:
    assert given_away(signed_in_as(carol), belongings) == []


def test_what_belongs_to_her_is_not_there_for_another_customer(
    belongings: Belongings, bob: Customer
) -> None:
    answer = signed_in(bob).get(belongings.mail.get_absolute_url())
    assert answer.status_code == 404


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_visitor_is_sent_to_sign_in_before_any_page_of_an_account(
    belongings: Belongings, method: str
) -> None:
    for address in every_address(belongings):
        if address.path.startswith((ACCOUNT, ADMIN)):
            answer = getattr(Client(), method)(address.path, follow=True)
            assert answer.request["PATH_INFO"] == reverse("account_login"), address


def test_staff_who_are_no_customers_have_no_account_pages(
    belongings: Belongings, carol: User
) -> None:
    client = signed_in_as(carol)
    for address in every_address(belongings):
        if address.path.startswith(ACCOUNT):
            assert client.get(address.path).status_code == 403, address


def test_customers_do_not_get_into_the_admin(belongings: Belongings, bob: Customer) -> None:
    client = signed_in(bob)
    for address in every_address(belongings):
        if address.path.startswith(ADMIN):
            assert client.get(address.path, follow=True).status_code in {403, 404, 405}, address


def test_an_address_that_nobody_knows_how_to_fill_is_noticed(belongings: Belongings) -> None:
    with pytest.raises(KeyError, match="/account/nowhere/<int:number>/"):
        filled("/account/nowhere/<int:number>/", belongings)


@pytest.mark.parametrize("who", ["visitor", "customer", "staff"])
def test_looking_at_any_page_changes_nothing(
    belongings: Belongings, browsers: dict[str, Client], carol: User, who: str
) -> None:
    User.objects.filter(pk=carol.pk).update(is_superuser=True)
    # Without it allauth writes one down when the page of addresses is opened.
    EmailAddress.objects.create(user=carol, email=carol.email, primary=True, verified=True)
    before = stored(without=SESSIONS)
    for address in every_address(belongings):
        with writing() as written:
            browsers[who].get(address.path)
            browsers[who].head(address.path)
        assert written == [], address
    assert stored(without=SESSIONS) == before
