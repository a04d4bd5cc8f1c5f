"""What people do on more than one journey."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.journeys.conftest import Visitor

PASSWORD = "a-long-walk-by-the-river"
NOTICE = "/account/notices/2/"
# Tenths of a second.
WAIT_FOR_MAIL = 300


def press(page: Page, button: str) -> None:
    page.get_by_role("button", name=button, exact=True).click()


def join(visitor: Visitor, name: str, address: str) -> None:
    """Fill in the sign-up page and follow the link in the mail."""
    page = visitor.page
    visitor.open("/accounts/signup/")
    page.get_by_label("Your name").fill(name)
    page.get_by_label(re.compile("^E-?mail")).fill(address)
    page.get_by_label("Password").fill(PASSWORD)
    press(page, "Create my account")
    page.goto(link_mailed_to(visitor, address))
    page.get_by_role("main").get_by_role("button").click()


def sign_in(visitor: Visitor, address: str, password: str = PASSWORD) -> None:
    """Fill in the sign-in page, wherever it stands."""
    page = visitor.page
    page.get_by_label(re.compile("^E-?mail")).fill(address)
    page.get_by_label("Password").fill(password)
    press(page, "Sign in")
    expect(page).not_to_have_url(re.compile("/accounts/login/"))


def become_a_customer(visitor: Visitor, name: str) -> str:
    """Join, prove the address and sign in; return the address."""
    address = f"{name.split(maxsplit=1)[0].lower()}@visitors.example"
    join(visitor, name, address)
    visitor.open("/accounts/login/")
    if "/accounts/login/" in visitor.page.url:
        sign_in(visitor, address)
    return address


def link_mailed_to(visitor: Visitor, address: str, part: str = "") -> str:
    """Return the first link with this part in the newest mail to this address that has one.

    A worker hands the mail over, a moment after the page is there.
    """
    for _each in range(WAIT_FOR_MAIL):
        for head in visitor.portal.mailbox.newest_first():
            mail = visitor.portal.mailbox.open(head.name)
            text = (mail.text if mail else None) or ""
            found = re.search(rf"http://\S*{part}\S*", text)
            if found and address in head.envelope.recipients:
                return found.group()
        visitor.page.wait_for_timeout(100)
    raise AssertionError(f"No mail with a link came for {address}")
