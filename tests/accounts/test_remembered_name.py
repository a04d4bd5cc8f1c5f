from __future__ import annotations

from html import unescape
from typing import Any

import pytest
from django.core.signing import Signer
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Customer
from accounts.remembered import LONGEST_NAME, NAME_COOKIE, forget, remember, remembered_name

PASSWORD = "a lantern over the harbor"
YEAR = 365 * 24 * 60 * 60


def kept(name: str) -> str:
    response = HttpResponse()
    remember(response, name)
    return response.cookies[NAME_COOKIE.key].value


def read(content: str) -> str:
    request = RequestFactory().get("/")
    request.COOKIES[NAME_COOKIE.key] = content
    return remembered_name(request)


def signed(value: Any) -> str:
    return Signer(salt=NAME_COOKIE.salt).sign_object([1, int(timezone.now().timestamp()), value])


def home(client: Client) -> str:
    return unescape(client.get(reverse("home")).content.decode())


def sign_in(client: Client, customer: Customer) -> None:
    user = customer.user
    assert user is not None
    user.set_password(PASSWORD)
    user.save(update_fields=["password"])
    response = client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    assert response.status_code == 302


@pytest.mark.parametrize(
    "name",
    [
        "Alice",
        "Anne-Marie",
        "O'Neil",
        "李",
        "José",
        "\u0639\u0644\u06cc\u200c\u0631\u0636\u0627",
        "क्\u200dष",
        "🙂" * 40,
    ],
)
def test_a_name_is_read_as_it_was_given(name: str) -> None:
    assert read(kept(name)) == name


def test_a_name_is_kept_for_a_year_out_of_reach_of_scripts() -> None:
    response = HttpResponse()
    remember(response, "Alice")
    cookie = response.cookies[NAME_COOKIE.key]
    assert cookie["max-age"] == YEAR
    assert cookie["httponly"] is True


@pytest.mark.parametrize(
    ("name", "greeted"),
    [
        ("  Alice \r\n Adams ", "Alice Adams"),
        ("Al\x00ice", "Alice"),
        ("Al\u202eice", "Alice"),
        ("\ud800Alice", "Alice"),
        ("A" * 5000, "A" * LONGEST_NAME),
    ],
)
def test_a_name_becomes_one_short_line(name: str, greeted: str) -> None:
    assert read(kept(name)) == greeted


@given(st.text())
def test_whatever_the_name_it_fits_into_the_cookie_and_comes_back_the_same(name: str) -> None:
    once = read(kept(name))
    assert read(kept(once)) == once
    assert len(once) <= LONGEST_NAME


def test_no_name_is_forgotten_instead() -> None:
    assert kept("") == ""
    assert kept("\x00 \n") == ""


@pytest.mark.parametrize(
    "value", [None, True, 7, [], ["Alice"], {"name": "Alice"}, "", " Alice", "A" * 41, "A\nB"]
)
def test_another_form_of_name_is_no_name(value: Any) -> None:
    assert read(signed(value)) == ""


@pytest.mark.parametrize("content", ["", "Alice", f"{'x' * 5000}", "a:b:c"])
def test_a_name_that_a_stranger_wrote_is_no_name(content: str) -> None:
    assert read(content) == ""


def test_a_cart_cannot_be_passed_off_as_a_name() -> None:
    written_at = int(timezone.now().timestamp())
    assert read(Signer(salt="store.cart").sign_object([1, written_at, "Alice"])) == ""


def test_forgetting_removes_the_cookie() -> None:
    response = HttpResponse()
    forget(response)
    assert response.cookies[NAME_COOKIE.key]["max-age"] == 0


def test_signing_in_lets_the_browser_remember_the_first_name(alice: Customer) -> None:
    browser = Client()
    assert "Welcome back" not in home(browser)
    sign_in(browser, alice)
    assert "Welcome back" not in home(browser)
    browser.post(reverse("account_logout"))
    text = home(browser)
    assert "Welcome back, Alice." in text
    assert "Adams" not in text


def test_not_you_forgets_the_name_and_leads_home(alice: Customer) -> None:
    browser = Client()
    browser.cookies[NAME_COOKIE.key] = kept("Alice")
    assert "Not you?" in home(browser)
    for _ in range(2):
        assert browser.post(reverse("forget_me")).headers["Location"] == reverse("home")
        assert "Welcome back" not in home(browser)


@pytest.mark.django_db
def test_the_name_is_forgotten_by_a_button_and_never_by_a_link() -> None:
    browser = Client()
    browser.cookies[NAME_COOKIE.key] = kept("Alice")
    assert browser.get(reverse("forget_me")).status_code == 405
    assert "Welcome back, Alice." in home(browser)


@pytest.mark.django_db
def test_a_name_is_shown_as_text_and_never_as_a_tag() -> None:
    browser = Client()
    browser.cookies[NAME_COOKIE.key] = kept("<b>Alice</b>")
    assert "<b>Alice" not in browser.get(reverse("home")).content.decode()
