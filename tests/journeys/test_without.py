"""Without JavaScript, and in a browser that refuses every cookie: what works, what is said."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, StorageState, expect

from bizsecure.demo.loading import CUSTOMER_EMAIL
from tests.journeys.conftest import NARROWEST, WIDE, Visitor, visiting
from tests.journeys.steps import link_mailed_to, press
from tests.journeys.test_every_page import OF_STAFF, PUBLIC, SIGNED_IN
from tests.portal import Portal

# Chromium's own setting for those who refuse every cookie.
REFUSES_COOKIES = {"profile": {"default_content_setting_values": {"cookies": 2}}}


def reads(visitor: Visitor, path: str) -> None:
    """Hold a page to its words: one heading, a title, and nothing that needs a wider screen."""
    page = visitor.page
    visitor.open(path)
    headings = page.locator("h1").all_inner_texts()
    assert len(headings) == 1, path
    assert headings[0].strip(), path
    assert page.title().strip(), path
    needed = int(page.evaluate("document.documentElement.scrollWidth"))
    assert needed <= NARROWEST, path


def test_everything_reads_without_scripts(
    browser: Browser, portal: Portal, dana_signed_in: StorageState
) -> None:
    small = {"java_script_enabled": False}
    for pages, signed_in in (
        (PUBLIC, {}),
        (SIGNED_IN, {"storage_state": dana_signed_in}),
    ):
        with visiting(browser, portal, **small, **signed_in) as visitor:
            visitor.page.set_viewport_size({"width": NARROWEST, "height": 800})
            for path in pages.values():
                reads(visitor, path)


def test_every_page_of_our_staff_reads_without_scripts(
    browser: Browser, portal: Portal, staff_signed_in: StorageState
) -> None:
    with visiting(
        browser, portal, java_script_enabled=False, storage_state=staff_signed_in
    ) as visitor:
        for path in OF_STAFF.values():
            visitor.open(path)
            assert visitor.page.title().endswith(" | BizSecure staff"), path
            assert visitor.page.locator("#content").inner_text().strip(), path
            needed = int(visitor.page.evaluate("document.documentElement.scrollWidth"))
            assert needed <= WIDE, path


@pytest.fixture(scope="module")
def refusing_browser(
    browser: Browser, chromium_path: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BrowserContext]:
    """Give a browser that keeps no cookie of anybody."""
    profile = tmp_path_factory.mktemp("refusing")
    folder = profile / "Default"
    folder.mkdir()
    (folder / "Preferences").write_text(json.dumps(REFUSES_COOKIES), encoding="utf-8")
    context = browser.browser_type.launch_persistent_context(
        profile, executable_path=chromium_path, args=["--no-sandbox"], reduced_motion="reduce"
    )
    yield context
    context.close()


@pytest.fixture
def refusing(refusing_browser: BrowserContext, portal: Portal) -> Iterator[Visitor]:
    """Give somebody in front of that browser, in a window of their own."""
    visitor = Visitor(refusing_browser.new_page(), portal)
    visitor.expect_status(403)
    yield visitor
    visitor.page.close()
    assert (refusing_browser.cookies(), visitor.complaints) == ([], [])


def test_everything_public_reads_without_cookies(refusing: Visitor) -> None:
    refusing.page.set_viewport_size({"width": NARROWEST, "height": 800})
    for path in PUBLIC.values():
        reads(refusing, path)


@pytest.mark.parametrize(
    ("path", "button", "says"),
    [
        ("/shop/", "Add to cart", "The cart remembers in a cookie what you chose"),
        ("/accounts/login/", "Sign in", "Signing in takes a cookie"),
        ("/accounts/signup/", "Create my account", "A new account takes a cookie"),
        ("/accounts/password/reset/", "Send me the link", "A new password takes a cookie"),
    ],
)
def test_what_needs_a_cookie_says_so_in_a_sentence(
    refusing: Visitor, path: str, button: str, says: str
) -> None:
    refusing.open(path)
    main = refusing.page.get_by_role("main")
    with refusing.page.expect_navigation() as navigation:
        main.get_by_role("button", name=button).last.click()
    assert navigation.value.status == 403
    expect(main.get_by_text(says)).to_be_visible()
    expect(main.get_by_text("nothing was saved")).to_be_visible()


def test_the_cart_and_the_checkout_say_why_they_are_empty(refusing: Visitor) -> None:
    for path in ("/cart/", "/checkout/"):
        refusing.open(path)
        words = refusing.page.get_by_text("your browser does not keep our cookies")
        expect(words).to_be_visible()


def test_saying_no_and_writing_to_us_take_no_cookie(refusing: Visitor) -> None:
    page = refusing.page
    page.goto(link_mailed_to(refusing, CUSTOMER_EMAIL, "/choose/"))
    refusing.expect_status(422)
    press(page, "Save my answer")
    expect(page.locator("#error-summary")).to_be_focused()
    refusing.open("/contact/")
    press(page, "Send my message")
    expect(page.locator("#error-summary")).to_be_focused()
