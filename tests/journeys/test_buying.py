"""Buying and paying, from the shop window to the paid order, with all that a bank may want."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.journeys.conftest import EVERY_SCREEN, Visitor
from tests.journeys.steps import PASSWORD, link_mailed_to, press

NAME, ADDRESS = "Nora Newcomb", "nora@newcomb.example"
POOR, CONFIRMED = "4000 0000 0000 9995", "4000 0000 0000 3063"


def test_somebody_joins_at_the_checkout_and_pays_in_the_end(visitor: Visitor) -> None:
    choose_something(visitor)
    join_at_the_checkout(visitor)
    say_where_the_invoice_goes(visitor)
    add_a_card(visitor, POOR)
    order_by_pressing_twice(visitor)
    expect(visitor.page.get_by_text("not enough money on the card").first).to_be_visible()
    visitor.look("order-declined", EVERY_SCREEN)
    pay_with_another_card(visitor)
    confirm_with_the_bank(visitor)
    expect(visitor.page.get_by_role("link", name="Invoice", exact=True)).to_be_visible()
    visitor.look("order-paid")
    visitor.open("/account/orders/")
    expect(visitor.page.locator("main a.mono")).to_have_count(1)
    visitor.open("/cart/")
    expect(visitor.page.get_by_text("Your cart is empty")).to_be_visible()


def choose_something(visitor: Visitor) -> None:
    visitor.open("/shop/")
    visitor.page.get_by_role("button", name="Add to cart").first.click()
    visitor.open("/cart/")
    press(visitor.page, "Check out")
    visitor.look("checkout-visitor", EVERY_SCREEN)


def join_at_the_checkout(visitor: Visitor) -> None:
    page = visitor.page
    page.get_by_role("main").get_by_role("link", name="Create an account").click()
    page.get_by_label("Your name").fill(NAME)
    page.get_by_label(re.compile("^E-?mail")).fill(ADDRESS)
    page.get_by_label("Password").fill(PASSWORD)
    press(page, "Create my account")
    page.goto(link_mailed_to(visitor, ADDRESS, "/accounts/confirm-email/"))
    press(page, "Yes, confirm it")
    page.get_by_label(re.compile("^E-?mail")).fill(ADDRESS)
    page.get_by_label("Password").fill(PASSWORD)
    press(page, "Sign in")
    expect(page).to_have_url(f"{visitor.portal.url}/checkout/")
    press(page, "Go on with this")


def say_where_the_invoice_goes(visitor: Visitor) -> None:
    page = visitor.page
    page.get_by_label("Street").fill("12 Fletcher Lane")
    page.get_by_label("City").fill("Portland")
    page.get_by_label("State").fill("Oregon")
    page.get_by_label(re.compile("Postal code|ZIP")).fill("97201")
    page.get_by_label("Country").select_option("US")
    visitor.look("checkout-address")
    press(page, "Save the address")


def add_a_card(visitor: Visitor, number: str) -> None:
    page = visitor.page
    before = page.url
    page.get_by_role("link", name="Add a card").click()
    page.get_by_label("Card number").fill(number)
    page.get_by_label("Good until").fill("04/39")
    page.get_by_label("Security code").fill("737")
    page.get_by_label("Name on the card").fill(NAME)
    press(page, "Add this card")
    expect(page).to_have_url(before)


def order_by_pressing_twice(visitor: Visitor) -> None:
    page = visitor.page
    page.get_by_label(re.compile("^I order what is listed above")).check()
    page.get_by_role("button", name=re.compile("^Order and pay")).dblclick()
    expect(page).to_have_url(re.compile("/account/orders/O-"))


def pay_with_another_card(visitor: Visitor) -> None:
    page = visitor.page
    add_a_card(visitor, CONFIRMED)
    page.get_by_label("ending in 3063").check()
    page.get_by_role("button", name=re.compile("^Pay ")).click()
    expect(page.get_by_text("Your bank asks you to confirm the payment")).to_be_visible()
    visitor.look("order-to-confirm", EVERY_SCREEN)


def confirm_with_the_bank(visitor: Visitor) -> None:
    page: Page = visitor.page
    page.get_by_role("link", name="Confirm with my bank").click()
    expect(page).to_have_url(re.compile(re.escape(visitor.portal.bank)))
    press(page, "Yes, it is me")
    page.get_by_role("link", name="Back to the shop").click()
    # Back here, the bank has called already, or the page asks by itself how it went.
    expect(page).to_have_url(re.compile("/account/orders/O-"))
