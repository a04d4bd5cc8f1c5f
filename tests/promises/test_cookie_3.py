"""COOKIE-3: without cookies everything public can be read, and what does not work is said."""

from __future__ import annotations

from http.cookies import SimpleCookie
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Customer
from consent.links import choose_token
from consent.models import Choice, PolicyVersion

PUBLIC = (
    *("home", "policy", "policy_versions", "promises", "cookies", "security_page", "transparency"),
    *("shop", "cart", "account_login", "account_signup", "contact"),
)


class WithoutCookies:
    """A browser that forgets every cookie at once, against a site that checks its forms."""

    def __init__(self) -> None:
        self._client = Client(enforce_csrf_checks=True)

    def get(self, address: str) -> Any:
        return self._forgetting(self._client.get(address))

    def post(self, address: str, data: dict[str, str]) -> Any:
        return self._forgetting(self._client.post(address, data))

    def _forgetting(self, response: Any) -> Any:
        self._client.cookies = SimpleCookie()
        return response


@pytest.mark.parametrize("name", PUBLIC)
def test_everything_public_can_be_read(policy: PolicyVersion, name: str) -> None:
    assert WithoutCookies().get(reverse(name)).status_code == 200


def test_every_version_and_every_comparison_can_be_read(change: PolicyVersion) -> None:
    browser = WithoutCookies()
    for address in ("/privacy/versions/1/", "/privacy/versions/2/", "/privacy/compare/1/2/"):
        assert browser.get(address).status_code == 200


@pytest.mark.parametrize(
    ("name", "sent", "says"),
    [
        ("cart_add", {"product": "shared-hosting"}, "The cart remembers in a cookie"),
        ("cart_change", {"product": "shared-hosting", "quantity": "2"}, "This form takes a cookie"),
        ("checkout_begin", {}, "Buying something takes a cart"),
        ("account_login", {"login": "alice@example.com"}, "Signing in takes a cookie"),
        ("account_signup", {"email": "nora@example.com"}, "A new account takes a cookie"),
        ("account_reset_password", {"email": "alice@example.com"}, "A new password takes a cookie"),
        ("forget_me", {}, "This form takes a cookie"),
    ],
)
def test_a_form_that_needs_cookies_says_why_it_does_not_work(
    policy: PolicyVersion, name: str, sent: dict[str, str], says: str
) -> None:
    browser = WithoutCookies()
    response = browser.post(reverse(name), sent)
    page = response.content.decode()
    assert response.status_code == 403
    assert says in page
    assert "so nothing was saved." in page
    assert "Without cookies you can read everything public" in page


def test_the_cart_says_why_it_is_empty(policy: PolicyVersion) -> None:
    page = WithoutCookies().get(reverse("cart")).content.decode()
    assert "your browser does not keep our cookies" in page


def test_a_no_by_the_link_in_a_mail_counts_without_a_cookie(
    alice: Customer, change: PolicyVersion
) -> None:
    token = choose_token(customer_id=alice.pk, version_id=change.pk)
    browser = WithoutCookies()
    assert browser.get(f"/choose/{token}/").status_code == 200
    response = browser.post(f"/choose/{token}/", {"uptime-watch": "no"})
    assert response.status_code == 200
    assert "Your no is saved and counts at once." in response.content.decode()
    assert Choice.objects.get().decision == Choice.Decision.REFUSED
