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
    ("name", "sent"),
    [
        ("cart_add", {"product": "shared-hosting", "period": "month"}),
        ("cart_change", {"product": "shared-hosting", "period": "month", "quantity": "2"}),
        ("account_login", {"login": "alice@example.com", "password": "secret"}),
        ("account_signup", {"name": "Nora", "email": "nora@example.com"}),
        ("account_reset_password", {"email": "alice@example.com"}),
        ("forget_me", {}),
    ],
)
def test_a_form_that_needs_cookies_says_why_it_does_not_work(
    policy: PolicyVersion, name: str, sent: dict[str, str]
) -> None:
    browser = WithoutCookies()
    if name not in {"cart_add", "cart_change", "forget_me"}:
        browser.get(reverse(name))
    response = browser.post(reverse(name), sent)
    page = response.content.decode()
    assert response.status_code == 403
    assert "Nothing was saved." in page
    assert "signing in and the cart need them, reading does not" in page


def test_the_cart_says_why_it_is_empty(policy: PolicyVersion) -> None:
    page = WithoutCookies().get(reverse("cart")).content.decode()
    assert "your browser does not keep our cookies" in page


def test_a_choice_by_the_link_in_a_mail_is_not_lost_silently(
    alice: Customer, change: PolicyVersion
) -> None:
    token = choose_token(customer_id=alice.pk, version_id=change.pk)
    browser = WithoutCookies()
    assert browser.get(f"/choose/{token}/").status_code == 200
    response = browser.post(f"/choose/{token}/", {"uptime-watch": "no"})
    assert response.status_code == 403
    assert "Nothing was saved." in response.content.decode()
    assert not Choice.objects.exists()
