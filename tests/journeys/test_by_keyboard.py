"""Everything that matters, done with a keyboard alone: deciding, opting out, buying, closing."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Visitor
from tests.journeys.steps import NOTICE, become_a_customer
from tests.journeys.test_buying import POOR

FARTHEST = 150
# What has the focus: its name, and whether it can be seen with a frame around it.
FOCUSED = """
() => {
  const part = document.activeElement;
  const labels = [...(part.labels ?? [])].map(label => label.innerText);
  if (part === document.body) return {name: "", isClear: false};
  const name = part.ariaLabel || labels.join(" ") || part.innerText || "";
  const seen = [part, part.closest("label")].some(
    each => each && parseFloat(getComputedStyle(each).outlineWidth) >= 2
      && getComputedStyle(each).outlineStyle !== "none"
  );
  const box = part.getBoundingClientRect();
  const inside = box.bottom > 0 && box.top < innerHeight;
  return {name: name.replace(/\\s+/g, " ").trim(), isClear: seen && inside};
}
"""


class Keyboard:
    """Somebody who has no pointer. What they come by must show that it has the focus."""

    def __init__(self, page: Page) -> None:
        self._page = page

    def reach(self, name: str) -> None:
        """Press Tab until what is called so has the focus."""
        passed: list[str] = []
        for _each in range(FARTHEST):
            self.press("Tab")
            focused = self._page.evaluate(FOCUSED)
            assert focused["isClear"] or not focused["name"], focused
            if re.search(name, focused["name"]):
                return
            passed.append(focused["name"])
        pytest.fail(f"The keyboard never comes to {name}, but past {passed}")

    def press(self, *keys: str) -> None:
        for key in keys:
            self._page.keyboard.press(key)

    def go(self, name: str) -> None:
        """Reach a button or a link, press it and wait for the next page."""
        self.reach(name)
        with self._page.expect_navigation():
            self.press("Enter")

    def type(self, name: str, words: str) -> None:
        self.reach(name)
        self._page.keyboard.insert_text(words)


@pytest.fixture
def keyboard(visitor: Visitor) -> Keyboard:
    return Keyboard(visitor.page)


def test_a_customer_without_a_pointer_decides_opts_out_buys_and_leaves(
    visitor: Visitor, keyboard: Keyboard
) -> None:
    become_a_customer(visitor, "Kay Keeler")
    decide(visitor, keyboard)
    opt_out(visitor, keyboard)
    leave_and_stay(visitor, keyboard)
    buy(visitor, keyboard)


def decide(visitor: Visitor, keyboard: Keyboard) -> None:
    visitor.open(NOTICE)
    keyboard.press("Tab")
    assert visitor.page.evaluate(FOCUSED)["name"] == "Skip to main content"
    keyboard.press("Enter")
    # Neither answer is chosen beforehand: the first is reached, the arrow chooses the second.
    keyboard.reach("^Yes, you may")
    keyboard.press("ArrowDown")
    keyboard.go("^Save my answer")
    expect(visitor.page.get_by_text("You said no on")).to_be_visible()


def opt_out(visitor: Visitor, keyboard: Keyboard) -> None:
    visitor.open("/account/privacy/")
    news = visitor.page.get_by_role("switch", name=re.compile("new or upgraded"))
    expect(news).to_be_checked()
    keyboard.reach("^May we e-mail you about new or upgraded")
    keyboard.press("Space")
    keyboard.go("^Save my choices")
    expect(visitor.page.get_by_text("One choice is saved.")).to_be_visible()
    expect(news).not_to_be_checked()


def buy(visitor: Visitor, keyboard: Keyboard) -> None:
    visitor.open("/shop/")
    keyboard.go("^Add to cart")
    visitor.open("/cart/")
    keyboard.go("^Check out$")
    keyboard.type("^Street", "12 Fletcher Lane")
    keyboard.type("^City", "Portland")
    keyboard.type("^State", "Oregon")
    keyboard.type("Postal code|ZIP", "97201")
    keyboard.reach("^Country")
    visitor.page.keyboard.type("United States of A")
    keyboard.go("^Save the address")
    keyboard.go("^Add a card")
    keyboard.type("^Card number", POOR)
    keyboard.type("^Good until", "04/39")
    keyboard.type("^Security code", "737")
    keyboard.type("^Name on the card", "Kay Keeler")
    keyboard.go("^Add this card")
    expect(visitor.page).to_have_url(re.compile("/checkout/"))
    keyboard.reach("^I order what is listed above")
    keyboard.press("Space")
    keyboard.go("^Order and pay")
    expect(visitor.page).to_have_url(re.compile("/account/orders/O-"))


def leave_and_stay(visitor: Visitor, keyboard: Keyboard) -> None:
    visitor.open("/account/")
    number = visitor.page.locator("main .head .mono").inner_text()
    visitor.open("/account/close/")
    keyboard.type("^Your customer number", number)
    keyboard.go("^Close my account")
    keyboard.go("^Keep my account")
    expect(visitor.page.get_by_role("button", name="Keep my account")).to_have_count(0)
