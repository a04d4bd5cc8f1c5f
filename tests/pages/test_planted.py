"""What nobody may read is planted wherever it can be typed, and looked for in all that comes out.

Looked through: the log, as a real site writes it; what the broker holds, with its messages
decoded; the pages of errors; and what the error reporter is told.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import pytest
from celery import current_app
from django.test import Client
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from accounts.models import Customer
from bizsecure.core import work
from bizsecure.local.acquirer import Acquirer
from bizsecure.vault.models import Card
from consent.links import choose_token
from consent.models import PolicyVersion
from notifications.services.delivering import deliver_due
from notifications.unsubscribing import unsubscribe_token
from tests.builders import LONG_AGO, joined, prove_address
from tests.core.lines import Lines, written
from tests.pages.browsing import give_password, just_proven, sign_in, signed_in, text
from tests.paying import typed
from tests.postbox import Postbox
from tests.services import held_by

pytestmark = pytest.mark.urls("tests.pages.broken")

NAME, EMAIL = "Ottoline Quillfeather", "ottoline@quillfeather.example"
PASSWORD = "a heron over the quiet reservoir"
CARD, AMEX, CODE = "4000056655665556", "378282246310005", "7373"
TELEPHONE, STREET, CITY = "+1 201-555-0177", "77 Zephyrine Row", "Hobokenville"
WROTE = "The hedgehogs of Zephyrine have eaten my certificate."
AGENT = 'Mozilla/5.0 (Quillbrowser)\r\n{"event": "forged line"}'
ADDRESS_OF_A_MACHINE = "198.51.100.77"
PLANTED = {
    *("Ottoline", "Quillfeather", "quillfeather", "ottoline", PASSWORD, "heron", CARD, AMEX),
    *("4000 0566 5566 5556", "201-555-0177", "2015550177", "Zephyrine", CITY, "hedgehogs"),
    *("Quillbrowser", ADDRESS_OF_A_MACHINE, f"'{CODE}'", f'"{CODE}"'),
}
EVERYTHING = {
    "name": NAME,
    "email": EMAIL,
    "password": PASSWORD,
    "number": CARD,
    "code": CODE,
    "telephone": TELEPHONE,
    "street": STREET,
    "text": WROTE,
}
told: list[Mapping[str, Any]] = []


def reporter(report: Mapping[str, Any]) -> None:
    """Take a report, as the function of a company would."""
    told.append(report)


class Journey:
    """Somebody who does all that one can do here, well and badly, and the error pages of it."""

    def __init__(self, customer: Customer) -> None:
        self.customer = customer
        self.browser = Client(
            raise_request_exception=False,
            headers={"user-agent": AGENT, "x-forwarded-for": ADDRESS_OF_A_MACHINE},
            REMOTE_ADDR=ADDRESS_OF_A_MACHINE,
        )
        self.secrets: set[str] = set()
        self.errors: list[str] = []

    def get(self, path: str, **asked: str) -> Any:
        return self._seen(self.browser.get(path, asked))

    def post(self, path: str, sent: Mapping[str, Any]) -> Any:
        return self._seen(self.browser.post(path, sent))

    def _seen(self, answer: Any) -> Any:
        if answer.status_code >= 400 and answer.status_code != 422:
            self.errors.append(text(answer))
        return answer

    def sign_in(self) -> None:
        sign_in(self.browser, self.customer, password="a heron that never was there")
        assert sign_in(self.browser, self.customer, password=PASSWORD).status_code == 302
        self.secrets |= {self.browser.cookies["session"].value}

    def type_everything(self) -> None:
        form = self.get("/account/personal/").context["form"]
        held = {name: form[name].value() or "" for name in form.fields}
        details = {**held, "name": NAME, "telephone": TELEPHONE, "street": STREET, "city": CITY}
        self.post("/account/personal/", {**details, "postcode": CARD, "country": "US"})
        self.post("/account/personal/", {**details, "postcode": "07030", "country": "US"})
        self.post("/contact/", {"text": WROTE, "name": NAME, "address": EMAIL})
        just_proven(self.browser)
        self.post("/account/cards/add/", typed(CARD))
        self.post("/account/cards/add/", typed(AMEX, code=CODE))
        self.post("/account/cards/add/", typed(CARD[:-1] + "0", holder=NAME))

    def follow_links(self, change: PolicyVersion) -> None:
        number = self.customer.pk
        links = (
            unsubscribe_token(customer_id=number, use="product-news"),
            choose_token(customer_id=number, version_id=change.pk),
        )
        for path in (f"/u/{links[0]}/", f"/choose/{links[1]}/"):
            self.get(path)
            self.get(f"{path[:-2]}x/")
            self.post(path, {"List-Unsubscribe": "One-Click", "uptime-watch": "no"})
        self.secrets |= set(links)

    def forget_the_password(self, postbox: Postbox) -> None:
        self.post("/accounts/password/reset/", {"email": EMAIL})
        [key] = re.findall(r"/key/(\w+-[\w-]+)/", postbox[-1].body)
        self.get(f"/accounts/password/reset/key/{key}/")
        self.get(f"/accounts/password/reset/key/{key}x/")
        self.secrets |= {key.partition("-")[2]}

    def misbehave(self) -> None:
        strict = Client(enforce_csrf_checks=True, headers={"user-agent": AGENT})
        self._seen(strict.post("/account/personal/", EVERYTHING))
        self.get(f"/nowhere/{EMAIL}/{PASSWORD}/", name=NAME, card=CARD)
        self._seen(Client(headers={"host": "quillfeather.example"}).get("/"))
        self.post("/account/personal/", {"name": NAME + STREET * 20_000})
        self.browser.cookies["cart"] = f"{NAME}:{CARD}"
        self.get("/cart/")
        for _ in range(6):
            self.post("/accounts/password/reset/", {"email": EMAIL})
        self.post("/broken/", EVERYTHING)
        self.get("/broken/", **EVERYTHING)


@pytest.fixture
def ottoline(change: PolicyVersion) -> Customer:
    """Give a customer whose every word is easily found."""
    customer = prove_address(joined(NAME, at=LONG_AGO, email=EMAIL))
    give_password(customer)
    assert customer.user is not None
    customer.user.set_password(PASSWORD)
    customer.user.save(update_fields=["password"])
    return customer


def test_what_is_planted_is_found_nowhere(
    ottoline: Customer,
    change: PolicyVersion,
    postbox: Postbox,
    acquirer: Acquirer,
    redis_url: str,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    settings.PASSWORD_HASHERS = ["tests.pages.hashing.CountingHasher"]
    settings.ERROR_REPORTER = f"{__name__}.reporter"
    ottoline.user.set_password(PASSWORD)  # type: ignore[union-attr]
    ottoline.user.save(update_fields=["password"])  # type: ignore[union-attr]
    told.clear()
    monkeypatch.setattr(current_app.conf, "broker_url", redis_url)
    monkeypatch.setattr(work._Broker, "away_until", 0.0)
    journey = Journey(ottoline)
    with written() as lines, django_capture_on_commit_callbacks(execute=True):
        journey.sign_in()
        journey.type_everything()
        journey.follow_links(change)
        journey.forget_the_password(postbox)
        journey.misbehave()
        deliver_due(seconds=0.1, single_only=True)

    queued = held_by(redis_url)
    assert "deliver_single_mails" in queued
    assert Card.objects.filter(customer=ottoline).count() >= 2
    assert len(journey.errors) >= 8
    assert [report["event"] for report in told] == ["request failed"] * 2
    came_out = {
        "log": lines.text,
        "broker": queued,
        "errors": "\n".join(journey.errors),
        "reports": json.dumps(told, default=str),
    }
    secret = PLANTED | journey.secrets | {settings.SECRET_KEY, settings.SANDBOX_SECRET}
    found = [
        (where, word)
        for where, all_of_it in came_out.items()
        for word in secret
        if word in all_of_it
    ]
    assert found == []
    assert_that_it_was_noted(lines, ottoline)


def assert_that_it_was_noted(lines: Lines, customer: Customer) -> None:
    """The search is worth nothing where nothing was written."""
    assert lines.of("forged line") == []
    for event in (
        "sign-in refused",
        "signed in",
        "request failed",
        "limit reached",
        "no such page",
    ):
        assert lines.of(event), event
    for line in lines.all():
        assert "timestamp" in line
    assert {line.get("user") for line in lines.of("signed in")} == {customer.user_id}


def test_the_search_would_find_it(ottoline: Customer) -> None:
    page = text(signed_in(ottoline).get("/account/personal/"))
    assert {"Ottoline", "quillfeather"} <= {word for word in PLANTED if word in page}
