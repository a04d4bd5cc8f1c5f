"""What is shown when something goes wrong: a sentence, a way on, and nothing of what is inside."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Customer, User
from tests.pages.browsing import signed_in, signed_in_as, text

INSIDE = ("Traceback", "RuntimeError", "alice@example.com", "SECRET_KEY", "/work", "Django")


def shows(response: Any, sentence: str) -> bool:
    """Return whether this is an error page of ours, with this heading and a way on."""
    page = text(response)
    return f"<h1>{sentence}</h1>" in page and 'href="/"' in page and "support@" in page


def test_an_address_with_nothing_says_so() -> None:
    response = Client().get("/nowhere/")
    assert response.status_code == 404
    assert shows(response, "There is nothing at this address")


def test_a_page_that_is_not_open_says_so(carol: User) -> None:
    response = signed_in_as(carol).get(reverse("overview"))
    assert response.status_code == 403
    assert shows(response, "This page is not open to you")


def test_a_form_without_its_token_is_refused_and_says_why(alice: Customer) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice.user)  # type: ignore[arg-type]
    for name in ("choices", "personal", "account_logout", "cart_add", "account_login"):
        response = client.post(reverse(name), {})
        assert response.status_code == 403, name
        assert shows(response, "The page was too old to be sent"), name
        assert "cookies" in text(response), name


@pytest.mark.urls("tests.pages.broken")
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_failure_shows_nothing_of_what_is_inside(method: str) -> None:
    client = Client(raise_request_exception=False)
    response = getattr(client, method)("/broken/", {"password": "hidden words"})
    assert response.status_code == 500
    assert shows(response, "Something went wrong on our side")
    assert not [word for word in (*INSIDE, "hidden words") if word in text(response)]


@pytest.mark.urls("tests.pages.broken")
def test_a_failure_is_noted_without_what_was_sent(caplog: pytest.LogCaptureFixture) -> None:
    Client(raise_request_exception=False).post("/broken/?a=b", {"password": "hidden words"})
    assert "/broken/" in caplog.text
    noted = "\n".join(record.getMessage() for record in caplog.records)
    assert "hidden words" not in noted
    assert "a=b" not in noted


@pytest.mark.parametrize("method", ["trace", "options", "put", "delete", "patch"])
def test_a_method_no_page_knows_is_answered_calmly(alice: Customer, method: str) -> None:
    client = signed_in(alice)
    for name in ("home", "overview", "personal", "choices", "messages", "policy", "shop", "cart"):
        assert getattr(client, method)(reverse(name)).status_code == 405, name


def test_more_than_a_form_of_ours_sends_is_refused(alice: Customer) -> None:
    response = signed_in(alice).post(reverse("personal"), {"name": "x" * 300_000})
    assert response.status_code == 413
    assert shows(response, "That was too much text")
    assert "What you typed is still there: go back" in text(response)


def test_many_tries_are_answered_with_a_sentence(db: None) -> None:
    client = Client()
    asked = {"email": "nobody@example.com"}
    answers = [client.post(reverse("account_reset_password"), asked) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [302] * 5 + [429]
    assert shows(answers[-1], "Please wait a little")
