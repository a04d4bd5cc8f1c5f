"""A browser that asks for nothing to be shared is obeyed, once (Global Privacy Control)."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import Customer
from consent.gate import may_use
from consent.models import Choice
from tests.builders import LONG_AGO, RUN_ACCOUNT, a_use, first_policy, joined, prove_address
from tests.pages.browsing import signed_in, text

PANEL = "/account/privacy/"


@pytest.fixture
def dave(db: None, clock: object) -> Customer:
    """Give a customer under a policy with news and with offers of partners."""
    uses = (a_use("product-news", "opt-out"), a_use("partner-offers", "opt-out"))
    first_policy(RUN_ACCOUNT, *uses)
    return prove_address(joined("Dave Doe", at=LONG_AGO))


def choices(customer: Customer) -> list[tuple[str, str, str]]:
    rows = Choice.objects.filter(customer=customer).order_by("sequence")
    return list(rows.values_list("use__key", "decision", "method"))


def test_the_signal_is_a_no_to_offers_of_partners_said_once(dave: Customer) -> None:
    page = signed_in(dave).get("/account/", headers={"Sec-GPC": "1"})
    assert "Global Privacy Control" in text(page)
    assert choices(dave) == [("partner-offers", "refused", "browser")]
    assert may_use(dave, "product-news").allowed
    for client in (signed_in(dave), signed_in(dave)):
        for _each in range(2):
            client.get(PANEL, headers={"Sec-GPC": "1"})
    assert len(choices(dave)) == 1


def test_it_is_shown_and_can_be_undone_for_good(dave: Customer) -> None:
    client = signed_in(dave)
    page = client.get(PANEL, headers={"Sec-GPC": "1"})
    assert "by a signal of your browser" in text(page)
    shown = {"shown": "product-news,partner-offers"}
    on = {"product-news": "on", "partner-offers": "on"}
    client.post(PANEL, shown | on, headers={"Sec-GPC": "1"})
    assert may_use(dave, "partner-offers").allowed
    signed_in(dave).get(PANEL, headers={"Sec-GPC": "1"})
    assert may_use(dave, "partner-offers").allowed


@pytest.mark.parametrize("value", ["0", "", "true", "11", "yes"])
def test_any_other_value_says_nothing(dave: Customer, value: str) -> None:
    signed_in(dave).get(PANEL, headers={"Sec-GPC": value})
    assert choices(dave) == []


def test_several_headers_with_a_one_are_one(dave: Customer) -> None:
    signed_in(dave).get(PANEL, headers={"Sec-GPC": "1, 1"})
    assert len(choices(dave)) == 1


def test_a_visitor_who_is_not_signed_in_leaves_nothing(dave: Customer) -> None:
    client = Client()
    client.get("/", headers={"Sec-GPC": "1"})
    assert not Choice.objects.exists()
    assert not client.cookies.get("session")


def test_the_company_says_that_it_obeys(db: None) -> None:
    answer = Client().get("/.well-known/gpc.json")
    assert answer.json()["gpc"] is True
    assert answer.headers["Content-Type"] == "application/json"
