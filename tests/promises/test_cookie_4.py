"""COOKIE-4: the page about cookies names each one that we set, and nobody else sets any.

That no page loads anything from elsewhere, and that a browser which walks the site holds no other
cookie, is seen by every journey (tests/journeys/conftest.py).
"""

from __future__ import annotations

import sys

from django.test import Client

from accounts.models import Customer
from bizsecure.cookies_set import cookies_set
from bizsecure.core.cookies import SignedCookie
from consent.models import PolicyVersion
from tests.pages.browsing import signed_in

ROOMS = {"bizsecure", "accounts", "consent", "notifications"}


def test_every_cookie_of_our_code_is_on_the_page() -> None:
    rooms = [module for name, module in sys.modules.items() if name.partition(".")[0] in ROOMS]
    written = {
        thing.key
        for room in rooms
        for thing in vars(room).values()
        if isinstance(thing, SignedCookie)
    }
    assert written
    assert written <= {cookie.name for cookie in cookies_set()}


def test_the_page_says_what_each_is_for_and_what_is_missing_without_it() -> None:
    page = Client().get("/cookies/").content.decode()
    for cookie in cookies_set():
        for words in (cookie.name, cookie.kept, cookie.without):
            assert words in page


def test_a_customer_at_home_gets_no_other_cookie(alice: Customer, policy: PolicyVersion) -> None:
    browser = signed_in(alice)
    for address in ("/account/", "/shop/", "/account/privacy/", "/cart/"):
        browser.get(address)
    assert set(browser.cookies) <= {cookie.name for cookie in cookies_set()}


def test_pages_load_from_this_site_alone(policy: PolicyVersion) -> None:
    rules = Client().get("/")["Content-Security-Policy"].split("; ")
    for rule in rules:
        assert set(rule.split()[1:]) <= {"'self'", "'none'", "data:"} | {
            word for word in rule.split() if word.startswith("'nonce-")
        }
