"""Every surface with what no honest sender would send: no failure, no echo, and nothing changes.

A surface is where somebody outside can put something in. Each gets the whole corpus of
test_bad_input.py and what is special to it; docs/faults.md says which test holds which.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import pytest
from django.http import HttpResponse
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from consent.links import choose_token
from notifications.unsubscribing import unsubscribe_token
from tests.architecture.test_templates import InlineCode
from tests.pages.browsing import just_proven, signed_in, signed_in_as, stored
from tests.pages.conftest import Belongings
from tests.pages.test_bad_input import ANY, BODIES, INVISIBLE, ODD

FEWEST = 20
BOSS = "boss@example.com"
NUMBERS = ("-1", "0", "1.5", "1e9", "NaN", "true", "9" * 30, "\uff11", "0x10", " 1", "1 ", "--1")
PLACES = (
    *("https://evil.example/", "//evil.example/", "///evil.example", "/\\evil.example"),
    *("javascript:alert(1)", "http:evil.example", "https:/evil.example", "\thttps://evil.example"),
    *("https://localhost@evil.example/", "//localhost:8000@evil.example", "data:text/html,x"),
)
Send = Callable[[Belongings], Iterator[tuple[str, Any]]]


@pytest.fixture(autouse=True)
def cheap_passwords(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ["tests.pages.hashing.CountingHasher"]


def spoiled(token: str) -> list[str]:
    """Return a token with each of many places changed, cut, and lengthened."""
    places = range(0, len(token), max(len(token) // 24, 1))
    flipped = [
        token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        for place in places
    ]
    return [*flipped, token[:-1], token[1:], token + "A", token + "=", token.swapcase(), "x"]


def hers(things: Belongings) -> Client:
    return just_proven(signed_in(things.customer))


def sign_up(things: Belongings) -> Iterator[tuple[str, Any]]:
    for word in (*ANY.values(), "a" * 14, "a" * 15, "passwordpassword", "x" * 129, "0" * 64):
        sent = {"name": word, "email": word, "password1": word, "seen": word, "next": word}
        yield word, Client().post("/accounts/signup/", sent)


def sign_in(things: Belongings) -> Iterator[tuple[str, Any]]:
    for word in (*ANY.values(), *PLACES):
        sent = {"login": things.customer.email, "password": word, "next": word}
        client = Client(REMOTE_ADDR=f"192.0.2.{len(word) % 250}")
        yield word, client.post("/accounts/login/", sent)
    for word in (*ANY.values(), "000000", "00 00 00", "00-00-00", "\uff10" * 6):
        yield word, Client().post("/accounts/2fa/authenticate/", {"code": word})


def reset(things: Belongings) -> Iterator[tuple[str, Any]]:
    for word in ANY.values():
        yield word, Client().post("/accounts/password/reset/", {"email": word})
        key = quote(word[:200].encode(errors="replace"), safe="")
        yield word, Client().get(f"/accounts/password/reset/key/1-{key}/")
        yield word, Client().get(f"/accounts/confirm-email/{key}/")


def checkout(things: Belongings) -> Iterator[tuple[str, Any]]:
    names = ("order", "card", "total", "terms_hash", "policy_hash", "accept", "revision", "price")
    for word in (*ANY.values(), *NUMBERS):
        for step in ("confirm", "place"):
            sent = dict.fromkeys(names, word)
            yield word, hers(things).post(f"/checkout/{step}/", sent)


def card(things: Belongings) -> Iterator[tuple[str, Any]]:
    numbers = ("4" * 12, "4" * 20, "4242424242424241", "4242-4242-4242-424\uff11", "0" * 16)
    for word in (*ANY.values(), *NUMBERS, *numbers):
        sent = {"number": word, "expiry": word, "code": word, "holder": word}
        yield word, hers(things).post("/account/cards/add/", sent)
    for expiry in ("00/30", "13/30", "04/20", "04/2099", "4", "4/4/4", "x/30", "4/x"):
        sent = {"number": "4242424242424242", "expiry": expiry, "code": "737", "holder": "A"}
        yield expiry, hers(things).post("/account/cards/add/", sent)


def unsubscribe_link(things: Belongings) -> Iterator[tuple[str, Any]]:
    token = unsubscribe_token(customer_id=things.customer.pk, use="product-news")
    other = choose_token(customer_id=things.customer.pk, version_id=things.change.pk)
    yield token, Client().get(f"/u/{token}/")
    yield token, Client().head(f"/u/{token}/")
    yield token, Client(headers={"purpose": "prefetch"}).get(f"/u/{token}/?use=service-notice")
    for word in (*spoiled(token), other, *(quote(each[:200]) for each in ODD.values())):
        answer = Client().get(f"/u/{word}/")
        assert answer.status_code == 404, word
        yield word, answer
        posted = Client().post(f"/u/{word}/", {"List-Unsubscribe": "One-Click"})
        assert posted.status_code == 404, word
        yield word, posted


def choose_link(things: Belongings) -> Iterator[tuple[str, Any]]:
    token = choose_token(customer_id=things.customer.pk, version_id=things.change.pk)
    for word in (*spoiled(token), *(quote(each[:200]) for each in ODD.values())):
        yield word, Client().post(f"/choose/{word}/", {"product-news": "no"})


def one_click(things: Belongings) -> Iterator[tuple[str, Any]]:
    token = unsubscribe_token(customer_id=things.customer.pk, use="product-news")
    for body, kind in BODIES.values():
        yield "", Client().generic("POST", f"/u/{token}x/", body, content_type=kind)
    for body in (b"", b"List-Unsubscribe", b"list-unsubscribe=one-click", b"\xff\xfe", b"&&&==="):
        yield "", Client().generic("PUT", f"/u/{token}/", body)
        yield "", Client().generic("DELETE", f"/u/{token}/", body)


def webhook(things: Belongings) -> Iterator[tuple[str, Any]]:
    for path in ("sandbox", "stripe", "mail/mailgun", "mail/mailgun/events", "mail/mailgun/mime"):
        for body, kind in BODIES.values():
            yield "", Client().generic("POST", f"/webhooks/{path}/", body, content_type=kind)
        for word in ("", "t=0,v1=x", "t=NaN,v1=", "t=1e9", "\u0660", "v1" * 5000):
            said = json.dumps({"id": word, "type": word, "signature": {"timestamp": word}})
            headers = {"stripe-signature": word, "sandbox-signature": word}
            client = Client(headers={name: quote(value) for name, value in headers.items()})
            yield "", client.post(f"/webhooks/{path}/", said, content_type="application/json")


def policy_form(things: Belongings) -> Iterator[tuple[str, Any]]:
    client = signed_in_as(User.objects.get(email=BOSS))
    names = ("slug", "number", "title", "summary", "body", "effective_at_0", "effective_at_1")
    uses = ("key", "purpose", "information", "recipient", "basis", "question", "order")
    dates = ("2026-02-30", "24:60", "0001-01-01", "9999-12-31")
    for word in (*INVISIBLE.values(), *list(ODD.values())[:6], *NUMBERS[::2], *dates):
        counts = {"uses-TOTAL_FORMS": "1", "uses-INITIAL_FORMS": "0"}
        sent = dict.fromkeys(names, word) | {f"uses-0-{name}": word for name in uses}
        yield word, client.post("/admin/consent/policyversion/add/", {**counts, **sent})
    for word in NUMBERS:
        page = f"/admin/consent/policyversion/{quote(word)}/change/"
        yield word, client.get(page)


def export(things: Belongings) -> Iterator[tuple[str, Any]]:
    pages = ("log/log.csv", "log/log.json", "disclosures/who.csv", "disclosures/who.json")
    client = hers(things)
    for word in (*ANY.values(), *NUMBERS):
        asked = dict.fromkeys(("kind", "since", "until", "before", "customer", "format"), word)
        page = pages[len(word) % len(pages)]
        answer = client.get(f"/account/{page}", asked)
        yield word, answer
        name = quote(word[:100].encode(errors="replace"), safe="")
        yield word, client.get(f"/account/download/{name}/")
        yield word, client.get(f"/account/receipts/choice/{name}.json")


def contact(things: Belongings) -> Iterator[tuple[str, Any]]:
    for word in (*INVISIBLE.values(), *NUMBERS, *PLACES):
        sent = {"topic": word, "text": "", "address": word, "subject": word, "began": word}
        yield word, Client().post("/contact/", sent)


SURFACES: dict[str, Send] = {
    "sign-up": sign_up,
    "sign-in": sign_in,
    "reset and verify": reset,
    "checkout": checkout,
    "card": card,
    "unsubscribe link": unsubscribe_link,
    "choice link": choose_link,
    "one-click": one_click,
    "webhook": webhook,
    "policy form": policy_form,
    "export": export,
    "contact": contact,
}


@pytest.mark.parametrize("surface", SURFACES)
def test_nothing_that_is_sent_does_harm(belongings: Belongings, surface: str) -> None:
    # Signing in leaves a mark, and is not what is looked at.
    signed_in_as(User.objects.create_superuser(BOSS))
    hers(belongings)
    before, inputs = everything(), 0
    for word, answer in SURFACES[surface](belongings):
        inputs += 1
        assert answer.status_code < 500, (surface, word[:80])
        kind = answer.headers.get("Content-Type", "")
        is_page = isinstance(answer, HttpResponse) and kind.startswith("text/html")
        is_of_staff = surface == "policy form"
        assert not is_page or is_of_staff or is_shown_as_text(answer, word), (surface, word[:80])
        location = answer.headers.get("Location", "")
        assert "evil.example" not in location.partition("?")[0], (surface, word)
    assert inputs >= FEWEST
    assert everything() == before


def is_shown_as_text(answer: HttpResponse, sent: str) -> bool:
    """Whether nothing that was sent became a tag, or runs."""
    page = InlineCode()
    page.feed(answer.content.decode())
    # What stands in the value of a hidden field does nothing.
    runs = [found for found in page.found if not found.startswith("value=")]
    return not runs and not ("<" in sent and sent in answer.content.decode())


def everything() -> dict[str, str]:
    """Return what is stored, but for sessions and the counts of tries."""
    tables = stored(without="django_session")
    del tables["account_emailconfirmation"]
    return tables
