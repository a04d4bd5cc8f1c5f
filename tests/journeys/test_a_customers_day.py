"""From the shop window to a decision: somebody who meets the portal for the first time."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.journeys.conftest import Visitor
from tests.journeys.steps import NOTICE, join, press, sign_in

NAME, ADDRESS = "Alice Archer", "alice@archer.example"


def test_somebody_fills_a_cart_joins_corrects_their_address_and_decides(visitor: Visitor) -> None:
    fill_the_cart(visitor)
    join(visitor, NAME, ADDRESS)
    come_in(visitor)
    correct_the_address(visitor)
    say_yes(visitor)
    find_the_cart_as_it_was(visitor)


def fill_the_cart(visitor: Visitor) -> None:
    visitor.open("/shop/")
    visitor.page.get_by_role("button", name="Add to cart").first.click()
    find_the_cart_as_it_was(visitor)
    visitor.look("cart")


def find_the_cart_as_it_was(visitor: Visitor) -> None:
    visitor.open("/cart/")
    expect(visitor.page.get_by_text("Your cart is empty")).to_have_count(0)


def come_in(visitor: Visitor) -> None:
    visitor.open("/accounts/login/")
    sign_in(visitor, ADDRESS)
    # What waits for a decision comes first.
    expect(visitor.page).to_have_url(f"{visitor.portal.url}{NOTICE}")
    visitor.open("/account/")
    visitor.look("overview")


def correct_the_address(visitor: Visitor) -> None:
    page = visitor.page
    visitor.open("/account/personal/")
    page.get_by_role("region", name="Billing address").get_by_label("Street").fill(
        "12 Fletcher Lane"
    )
    press(page, "Save my information")
    visitor.look("personal")
    visitor.open("/account/personal/")
    expect(page.get_by_role("region", name="Billing address").get_by_label("Street")).to_have_value(
        "12 Fletcher Lane"
    )


def say_yes(visitor: Visitor) -> None:
    page = visitor.page
    visitor.open(NOTICE)
    visitor.look("notice")
    page.get_by_role("radio", name=re.compile("^Yes")).check()
    press(page, "Save my answer")
    visitor.open("/account/privacy/")
    visitor.look("choices")
