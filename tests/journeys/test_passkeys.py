"""A passkey, from the page that adds it to the sign-in without a password."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, CDPSession, Page, expect

from tests.journeys.conftest import EVERY_SCREEN, Visitor, visiting
from tests.journeys.steps import become_a_customer, press
from tests.portal import Portal

AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def give_authenticator(page: Page) -> CDPSession:
    """Let the browser have a passkey holder that says yes to everything."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    return session


@pytest.fixture
def visitor(browser: Browser, portal: Portal) -> Iterator[Visitor]:
    """Give somebody with a window of their own: the passkey holder belongs to it."""
    with visiting(browser, portal) as visitor:
        yield visitor


def test_a_passkey_is_added_and_signs_in_without_a_password(visitor: Visitor) -> None:
    page = visitor.page
    give_authenticator(page)
    become_a_customer(visitor, "Petra Passkey")
    visitor.open("/accounts/2fa/webauthn/add/")
    visitor.look("passkey-add", EVERY_SCREEN)
    page.get_by_label("Name").fill("Petra's telephone")
    press(page, "Add my passkey")
    expect(page).to_have_url(re.compile("/recovery-codes/$"))
    visitor.look("recovery-codes", EVERY_SCREEN)
    visitor.open("/account/security/")
    expect(page.get_by_text("Well protected")).to_be_visible()
    visitor.look("security-strong", EVERY_SCREEN)
    visitor.open("/accounts/2fa/webauthn/")
    visitor.look("passkeys", EVERY_SCREEN)
    visitor.open("/accounts/2fa/totp/activate/")
    visitor.look("app-set-up", EVERY_SCREEN)

    page.get_by_role("button", name="Sign out").first.click()
    visitor.open("/accounts/login/?next=/account/personal/")
    visitor.look("sign-in-passkey", EVERY_SCREEN)
    press(page, "Sign in with a passkey")
    expect(page).to_have_url(re.compile("/account/personal/$"))
