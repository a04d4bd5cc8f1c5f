"""COOKIE-1: a cookie remembers the visitor's name and the contents of the shopping cart."""

from __future__ import annotations

from datetime import timedelta
from html import unescape
from http.cookies import SimpleCookie

import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse
from time_machine import Traveller

from accounts.models import Customer
from accounts.remembered import NAME_COOKIE
from bizsecure.store.cart_cookie import CART_COOKIE

PASSWORD = "a lantern over the harbor"
HOSTING = {"product": "business-hosting", "period": "year"}
DAY = timedelta(days=1)

pytestmark = pytest.mark.django_db


def rows() -> dict[str, int]:
    return {model.__name__: model._base_manager.count() for model in apps.get_models()}


def text(client: Client, name: str) -> str:
    return unescape(client.get(reverse(name)).content.decode())


def closed_and_opened_again(browser: Client) -> Client:
    """Return the browser with the cookies that have a lifetime, and without all others."""
    again = Client()
    again.cookies = SimpleCookie(
        {name: cookie.value for name, cookie in browser.cookies.items() if cookie["max-age"]}
    )
    return again


def a_browser_with_a_cart() -> Client:
    browser = Client()
    browser.post(reverse("cart_add"), HOSTING)
    browser.post(reverse("cart_change"), {**HOSTING, "quantity": 2})
    return browser


def test_a_visitor_without_an_account_leaves_and_finds_the_cart_intact(clock: Traveller) -> None:
    browser = a_browser_with_a_cart()
    clock.shift(29 * DAY)
    page = text(closed_and_opened_again(browser), "cart")
    assert "Business hosting" in page
    assert 'value="2"' in page


def test_the_cart_stays_for_whoever_comes_back_again_and_again(clock: Traveller) -> None:
    browser = a_browser_with_a_cart()
    for _ in range(6):
        clock.shift(20 * DAY)
        text(browser, "shop")
    assert "Business hosting" in text(browser, "cart")


def test_nothing_about_the_visitor_is_stored_on_our_side() -> None:
    before = rows()
    text(closed_and_opened_again(a_browser_with_a_cart()), "cart")
    assert rows() == before


def test_a_customer_is_greeted_by_the_first_name_after_signing_out(
    alice: Customer, clock: Traveller
) -> None:
    browser = Client()
    assert alice.user is not None
    alice.user.set_password(PASSWORD)
    alice.user.save(update_fields=["password"])
    browser.post(reverse("account_login"), {"login": alice.email, "password": PASSWORD})
    browser.post(reverse("account_logout"))
    clock.shift(300 * DAY)
    assert "Welcome back, Alice." in text(closed_and_opened_again(browser), "home")


def test_the_cart_is_intact_after_signing_in(alice: Customer) -> None:
    browser = a_browser_with_a_cart()
    assert alice.user is not None
    browser.force_login(alice.user)
    assert "Business hosting" in text(browser, "cart")


def test_cookies_that_were_altered_are_not_believed() -> None:
    browser = a_browser_with_a_cart()
    browser.cookies[CART_COOKIE.key] = browser.cookies[CART_COOKIE.key].value[:-1]
    browser.cookies[NAME_COOKIE.key] = "Mallory"
    assert "Your cart is empty" in text(browser, "cart")
    assert "Mallory" not in text(browser, "home")


def test_after_signing_in_the_cart_follows_the_customer_to_other_devices(alice: Customer) -> None:
    alice.user.set_password(PASSWORD)  # type: ignore[union-attr]
    alice.user.save(update_fields=["password"])  # type: ignore[union-attr]
    browser, other = a_browser_with_a_cart(), Client()
    for each in (browser, other):
        each.post(reverse("account_login"), {"login": alice.email, "password": PASSWORD})
        assert "Business hosting" in text(each, "cart")
        assert 'value="2"' in text(each, "cart")
