"""Sensitive pages ask whether it is still the same person, and keep nothing of what was sent."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from pytest_django import Settings
from time_machine import Traveller

from accounts.models import Customer, User
from tests.pages.browsing import (
    PASSWORD,
    give_password,
    just_proven,
    sign_in,
    signed_in,
    signed_in_as,
    text,
)

CARD = {"number": "4111111111111111", "code": "737"}
ASKS = "/accounts/reauthenticate/"
PAGES = ("/vault/", "/theirs/")
MINUTES = timedelta(minutes=1)

pytestmark = pytest.mark.urls("tests.accounts.guarded")


@pytest.fixture(autouse=True)
def cheap_passwords(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ["tests.pages.hashing.CountingHasher"]


@pytest.fixture
def client(alice: Customer) -> Client:
    """Give the browser in which alice has just signed in with her password."""
    give_password(alice)
    client = Client()
    sign_in(client, alice)
    return client


def confirm(client: Client, address: str, password: str = PASSWORD) -> str:
    answer = client.post(f"{ASKS}?next={address}", {"password": password, "next": address})
    return answer.headers.get("Location", "")


@pytest.mark.parametrize("page", PAGES)
def test_whoever_has_just_signed_in_is_let_in(client: Client, page: str) -> None:
    assert client.get(page).content == b"inside"
    assert client.post(page, CARD).content == b"inside"


@pytest.mark.parametrize("page", PAGES)
def test_after_five_minutes_the_question_comes_first(
    client: Client, clock: Traveller, page: str
) -> None:
    clock.shift(5 * MINUTES - timedelta(seconds=1))
    assert client.get(page).content == b"inside"
    clock.shift(timedelta(seconds=1))
    asked = client.get(f"{page}?a=1").headers["Location"]
    assert asked == f"{ASKS}?next={page.replace('/', '%2F')}%3Fa%3D1"
    assert "Is it still you?" in text(client.get(asked))
    assert confirm(client, page, "not the password") == ""
    assert client.get(page).status_code == 302
    assert confirm(client, page) == page
    assert client.get(page).content == b"inside"
    clock.shift(5 * MINUTES)
    assert client.get(page).status_code == 302


@pytest.mark.parametrize("page", PAGES)
def test_what_is_sent_too_late_is_refused_and_nothing_of_it_is_kept(
    client: Client, clock: Traveller, page: str
) -> None:
    clock.shift(6 * MINUTES)
    for _ in range(2):
        answer = client.post(page, CARD)
        assert answer.status_code == 403
        assert "nothing of what you sent was kept" in text(answer)
        assert f'href="{ASKS}?next=' in text(answer)
    kept = [session.get_decoded() for session in Session.objects.all()]
    assert kept
    # As a word: a hash holds any three digits now and then.
    assert not [value for value in CARD.values() if re.search(rf"\b{value}\b", str(kept))]
    # Nor is it done later, when the question has been answered.
    assert confirm(client, page) == page


@pytest.mark.parametrize("page", PAGES)
def test_a_session_that_knows_of_no_proof_is_asked(alice: Customer, page: str) -> None:
    give_password(alice)
    assert signed_in(alice).get(page).headers["Location"].startswith(ASKS)


def test_who_has_nothing_to_answer_with_gets_a_password_by_mail(alice: Customer) -> None:
    asked = signed_in(alice).get("/vault/").headers["Location"]
    assert asked.startswith(reverse("account_reset_password"))


def test_who_has_answered_is_let_in(alice: Customer) -> None:
    assert just_proven(signed_in(alice)).get("/vault/").content == b"inside"


@pytest.mark.parametrize("page", PAGES)
def test_a_visitor_is_sent_to_sign_in(db: None, page: str) -> None:
    assert Client().get(page).headers["Location"].startswith(reverse("account_login"))


def test_a_proof_is_worth_nothing_for_somebody_else(client: Client, bob: Customer) -> None:
    give_password(bob)
    assert bob.user is not None
    client.force_login(bob.user)
    assert client.get("/vault/").headers["Location"].startswith(ASKS)


def test_staff_who_are_no_customers_stay_out(carol: User) -> None:
    assert signed_in_as(carol).get("/vault/").status_code in {302, 403}
