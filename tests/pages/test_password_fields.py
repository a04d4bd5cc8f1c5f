"""How a password is asked for, and the way out of each page."""

from __future__ import annotations

from html.parser import HTMLParser

from django.test import Client

from tests.pages.addresses import every_address
from tests.pages.browsing import signed_in, text
from tests.pages.conftest import Belongings

KNOWN = {"current-password", "new-password"}


class Fields(HTMLParser):
    """Collects the fields of a page, and the attributes of each."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[dict[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"input", "textarea"}:
            self.found.append(dict(attrs))


def fields(things: Belongings, client: Client) -> list[dict[str, str | None]]:
    page = Fields()
    for address in every_address(things):
        if address.path.startswith("/accounts/"):
            answer = client.get(address.path)
            if answer.headers.get("Content-Type", "").startswith("text/html"):
                page.feed(answer.getvalue().decode())
    return page.found


def test_what_is_typed_is_hidden_and_may_be_pasted(belongings: Belongings) -> None:
    found = fields(belongings, Client()) + fields(belongings, signed_in(belongings.customer))
    passwords = [field for field in found if "password" in str(field.get("name", ""))]
    assert len(passwords) >= 4
    for field in passwords:
        assert field["type"] == "password", field
        assert field.get("autocomplete") in KNOWN, field
        assert not [name for name in field if name.startswith("on")], field
        assert int(field.get("maxlength") or 128) >= 64, field


def test_nobody_is_asked_a_secret_question(belongings: Belongings) -> None:
    asked = {str(field.get("name", "")) for field in fields(belongings, Client())}
    words = ("hint", "question", "maiden", "pet", "mother")
    assert [name for name in asked for word in words if word in name.split("_")] == []


def test_every_page_of_an_account_leads_out(belongings: Belongings) -> None:
    client = signed_in(belongings.customer)
    without = [
        address.path
        for address in every_address(belongings)
        if address.path.startswith("/account/")
        for answer in [client.get(address.path)]
        if answer.status_code == 200
        and answer.headers["Content-Type"].startswith("text/html")
        # A mail as it looked is shown inside a page of ours.
        and not address.path.endswith("/html/")
        and "Sign out" not in text(answer)
    ]
    assert without == []
