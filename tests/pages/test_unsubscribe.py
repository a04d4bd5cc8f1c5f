"""The way out of news and offers, exactly as mail programs expect it (RFC 8058)."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import Customer
from consent.gate import may_use
from consent.models import Choice, PolicyVersion
from notifications.unsubscribing import unsubscribe_token
from tests.pages.browsing import stored, text

ONE_CLICK = {"List-Unsubscribe": "One-Click"}
URLENCODED = "application/x-www-form-urlencoded"


def link(customer: Customer) -> str:
    return f"/u/{unsubscribe_token(customer_id=customer.pk, use='product-news')}/"


def strict_client() -> Client:
    return Client(enforce_csrf_checks=True)


def one_click(path: str) -> Any:
    return strict_client().post(path, "List-Unsubscribe=One-Click", content_type=URLENCODED)


@pytest.mark.parametrize("form", ["multipart", "urlencoded"])
def test_one_click_counts_at_once_with_no_cookie_and_no_redirect(
    alice: Customer, form: str
) -> None:
    path = link(alice)
    answer = one_click(path) if form == "urlencoded" else strict_client().post(path, ONE_CLICK)
    assert answer.status_code == 200
    assert not answer.cookies
    assert not may_use(alice, "product-news").allowed
    assert Choice.objects.get().method == Choice.Method.ONE_CLICK


def test_the_second_click_is_answered_like_the_first(alice: Customer) -> None:
    answers = [one_click(link(alice)) for _each in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].content == answers[1].content
    assert Choice.objects.count() == 1


def test_opening_the_page_changes_nothing_and_names_nobody(alice: Customer) -> None:
    before = stored()
    for method in ("get", "head"):
        answer = getattr(strict_client(), method)(link(alice))
        assert answer.status_code == 200
        assert not answer.cookies
    assert stored() == before
    page = text(strict_client().get(link(alice)))
    assert "Stop these messages" in page
    assert "Alice" not in page
    assert alice.email not in page


@pytest.mark.parametrize(("press", "stopped"), [("this", {"product-news"}), ("all", None)])
def test_the_page_stops_one_kind_or_all(
    policy: PolicyVersion, alice: Customer, press: str, stopped: set[str] | None
) -> None:
    answer = strict_client().post(link(alice), {press: "1"})
    assert answer.status_code == 200
    assert "Stopped" in text(answer)
    refused = set(Choice.objects.values_list("use__key", flat=True))
    assert refused == (stopped or {"product-news"})
    assert Choice.objects.get().method == Choice.Method.MAIL_LINK


def test_a_token_that_is_not_ours_leads_nowhere(alice: Customer, bob: Customer) -> None:
    token = unsubscribe_token(customer_id=alice.pk, use="product-news")
    flipped = token[:-1] + ("A" if token[-1] != "A" else "B")
    for wrong in (flipped, token[:-4], token + token, "x", "%00"):
        assert strict_client().post(f"/u/{wrong}/", ONE_CLICK).status_code == 404
    assert not Choice.objects.exists()


def test_a_closed_account_can_still_say_no(alice: Customer) -> None:
    Customer.objects.filter(pk=alice.pk).update(status=Customer.Status.CLOSED)
    assert one_click(link(alice)).status_code == 200
    assert Choice.objects.count() == 1


def test_over_plain_http_it_is_refused_and_not_redirected(
    alice: Customer, settings: Settings
) -> None:
    settings.SECURE_SSL_REDIRECT = True
    answer = one_click(link(alice))
    assert answer.status_code == 403
    assert "Location" not in answer.headers
    assert not Choice.objects.exists()
