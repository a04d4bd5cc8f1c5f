"""Every public page scores an A+ by the rules of Mozilla's HTTP Observatory."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.http import HttpResponse
from django.test import Client

from tests.pages.addresses import ADMIN, every_address
from tests.pages.conftest import HOST, Belongings
from tests.pages.observatory import Scripts, of_old, of_today

LEAST, LEAST_TODAY = 135, 155
STATIC = "/static/"


def public_pages(things: Belongings) -> dict[str, Any]:
    """Return the answer of each page that a visitor may read."""
    client = Client(headers={"host": HOST})
    answers = {}
    for address in every_address(things):
        if not address.path.startswith(ADMIN):
            client.cookies.clear()
            answer = client.get(address.path, secure=True)
            kind = answer.headers.get("Content-Type", "")
            if answer.status_code == 200 and kind.startswith("text/html"):
                answers[address.path] = answer
    return answers


def test_every_public_page_scores_a_plus(belongings: Belongings, production: None) -> None:
    pages = public_pages(belongings)
    assert len(pages) >= 30
    low = {path: of_old(answer) for path, answer in pages.items() if of_old(answer) < LEAST}
    assert low == {}
    assert {path for path, answer in pages.items() if of_today(answer) < LEAST_TODAY} == set()


def test_what_is_no_page_keeps_the_rules_too(db: None, production: None) -> None:
    client = Client(headers={"host": HOST})
    for path in ("/nowhere/", "/.well-known/security.txt", "/.well-known/gpc.json"):
        assert of_today(client.get(path, secure=True)) >= LEAST, path


@pytest.mark.parametrize(
    ("header", "value", "loss"),
    [
        ("Content-Security-Policy", "script-src 'self' 'unsafe-inline'", 30),
        ("Referrer-Policy", "unsafe-url", 5),
        ("Cross-Origin-Resource-Policy", "cross-origin", 10),
        ("X-Content-Type-Options", "", 5),
        ("Strict-Transport-Security", "max-age=60", 10),
    ],
)
def test_the_score_falls_with_what_is_weak(header: str, value: str, loss: int) -> None:
    whole = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
    whole += "object-src 'none'; frame-ancestors 'none'; script-src 'self'"
    headers = {
        "Content-Security-Policy": whole,
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Embedder-Policy": "require-corp",
        "X-Content-Type-Options": "nosniff",
        "Strict-Transport-Security": "max-age=63072000",
    }
    best = of_today(HttpResponse(headers=headers))
    if header == "Content-Security-Policy":
        value = f"{whole.rpartition(';')[0]}; {value}"
    assert best == 150
    assert best - of_today(HttpResponse(headers={**headers, header: value})) >= loss


def test_a_script_says_what_it_is(db: None) -> None:
    page = Scripts()
    page.feed(Client().get("/accounts/login/").text)
    assert page.found
    for script in page.found:
        file = finders.find((script["src"] or "").removeprefix(STATIC))
        assert isinstance(file, str)
        with open(file, "rb") as content:  # noqa: PTH123  what the finder gives is text
            digest = base64.b64encode(hashlib.sha384(content.read()).digest()).decode()
        assert script["integrity"] == f"sha384-{digest}"
