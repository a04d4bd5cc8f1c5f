"""COOKIE-2: suggestions from the cart and the services held, with a reason and a switch."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from time_machine import Traveller

from accounts.models import Customer
from bizsecure.store.cart import Cart
from bizsecure.store.models import Kind
from bizsecure.store.suggesting import suggested_kinds, suggestions_for
from consent.models import PolicyVersion
from tests.builders import RUN_ACCOUNT, a_use, first_policy, say_no
from tests.pages.browsing import signed_in, text
from tests.store.buying import at_home, held
from tests.store.shopping import HOSTING

WHY = "because you have hosting, and backups are not part of it"


@pytest.fixture
def policy(db: None, clock: Traveller) -> PolicyVersion:
    """Give a policy under which suggestions are made until somebody says no."""
    return first_policy(RUN_ACCOUNT, a_use("suggestions", "opt-out"))


def cart_page(browser: Client) -> str:
    return text(browser.get(reverse("cart")))


def test_the_services_a_customer_holds_are_what_suggestions_come_from(alice: Customer) -> None:
    assert "Goes with it" not in cart_page(signed_in(alice))
    held(at_home(alice), HOSTING)
    assert WHY in cart_page(signed_in(alice))


def test_a_cart_is_enough_for_a_suggestion(alice: Customer) -> None:
    browser = signed_in(alice)
    form = {"product": HOSTING.slug, "period": HOSTING.period}
    browser.post(reverse("cart_add"), form)
    assert WHY in cart_page(browser)


def test_each_suggestion_says_why(alice: Customer) -> None:
    held(at_home(alice), HOSTING)
    suggestions = suggestions_for(alice, Cart(), timezone.now())
    assert [suggestion.product.kind for suggestion in suggestions] == [
        Kind.BACKUP,
        Kind.CERTIFICATE,
    ]
    assert all(suggestion.why.startswith("because") for suggestion in suggestions)
    assert "at nothing from elsewhere" in cart_page(signed_in(alice))


def test_nothing_is_suggested_that_the_customer_has() -> None:
    assert Kind.BACKUP not in suggested_kinds([Kind.HOSTING, Kind.BACKUP])


def test_a_no_on_the_page_of_choices_ends_them(alice: Customer, policy: PolicyVersion) -> None:
    held(at_home(alice), HOSTING)
    say_no(alice, policy, "suggestions")
    shown = cart_page(signed_in(alice))
    assert WHY not in shown
    assert "You see no suggestions here, as you chose." in shown


def test_the_switch_beside_them_is_the_same_choice(alice: Customer) -> None:
    held(at_home(alice), HOSTING)
    browser = signed_in(alice)
    browser.post(reverse("suggestions"), {"wanted": "no"})
    assert WHY not in cart_page(signed_in(alice))
    browser.post(reverse("suggestions"), {"wanted": "yes"})
    assert WHY in cart_page(signed_in(alice))
