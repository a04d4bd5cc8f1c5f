"""In which language a page is: the customer's, the chosen one, the browser's, or English."""

from __future__ import annotations

import re
from datetime import date
from html import escape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format, number_format
from moneyed import Money

from accounts.models import Customer, ProfileChange, User
from bizsecure.core.catalogue import TAG, read_catalogue, texts
from bizsecure.core.languages import LANGUAGE_COOKIE, spoken
from bizsecure.store.pricing import written
from consent.models import PolicyVersion
from tests.pages.addresses import ADMIN, every_address
from tests.pages.browsing import give_password, just_proven, signed_in, signed_in_as
from tests.pages.conftest import Belongings

LANGUAGE = re.compile(r'<html lang="([a-z-]+)"')
SPANISH = {"accept-language": "es-MX,es;q=0.9,en;q=0.5"}


def language_of(response: Any) -> str:
    found = LANGUAGE.search(response.content.decode())
    assert found is not None
    assert response["Content-Language"] == found[1]
    return found[1]


def speaking(customer: Customer, language: str) -> Customer:
    customer.language = language
    customer.save(update_fields=["language"])
    return customer


def choose(client: Client, code: str, **sent: str) -> Any:
    return client.post(reverse("language", args=[code]), sent)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("es", "es"),
        ("es-MX,es;q=0.9", "es"),
        ("fr,es;q=0.8,en;q=0.5", "es"),
        ("fr", "en"),
        ("en-GB,es;q=0.1", "en"),
        ("*", "en"),
        ("", "en"),
        (";;q=x,\0", "en"),
    ],
)
def test_a_visitor_reads_what_the_browser_asks_for(
    policy: PolicyVersion, asked: str, expected: str
) -> None:
    response = Client(headers={"accept-language": asked}).get("/")
    assert language_of(response) == expected


def test_what_was_chosen_here_goes_before_what_the_browser_asks_for(policy: PolicyVersion) -> None:
    client = Client(headers=SPANISH)
    choose(client, "en")
    assert language_of(client.get("/")) == "en"


def test_a_cookie_that_we_did_not_write_counts_for_nothing(policy: PolicyVersion) -> None:
    client = Client()
    client.cookies[LANGUAGE_COOKIE.key] = "es"
    client.cookies["django_language"] = "es"
    assert language_of(client.get("/")) == "en"


def test_the_language_of_the_account_goes_before_both(alice: Customer) -> None:
    client = signed_in(speaking(alice, "es"))
    client.cookies[LANGUAGE_COOKIE.key] = choose(Client(), "en").cookies[LANGUAGE_COOKIE.key].value
    assert language_of(client.get("/account/", headers={"accept-language": "en"})) == "es"


def test_staff_pages_are_in_english(carol: User, policy: PolicyVersion) -> None:
    User.objects.filter(pk=carol.pk).update(is_superuser=True)
    assert language_of(signed_in_as(carol).get(ADMIN, headers=SPANISH)) == "en"


def test_caches_are_told_what_a_page_depends_on(policy: PolicyVersion) -> None:
    varies = Client().get("/")["Vary"]
    assert {"Accept-Language", "Cookie"} <= {name.strip() for name in varies.split(",")}


def test_reading_hands_out_no_cookie(policy: PolicyVersion) -> None:
    assert not Client(headers=SPANISH).get("/").cookies


def test_choosing_leads_back_and_is_remembered(policy: PolicyVersion) -> None:
    client = Client()
    page = client.get(
        reverse("language", args=["es"]), headers={"referer": "http://testserver/privacy/?a=b"}
    )
    assert language_of(page) == "es"
    assert 'value="/privacy/?a=b"' in page.content.decode()
    response = choose(client, "es", back="/privacy/?a=b")
    assert (response.status_code, response["Location"]) == (302, "/privacy/?a=b")
    assert language_of(client.get("/privacy/")) == "es"


@pytest.mark.parametrize(
    "back",
    [
        "https://elsewhere.example/",
        "//elsewhere.example/",
        "/\\elsewhere.example",
        "javascript:alert(1)",
        "/language/es/",
        "",
    ],
)
def test_choosing_leads_nowhere_else(policy: PolicyVersion, back: str) -> None:
    assert choose(Client(), "es", back=back)["Location"] == "/"


def test_opening_the_page_changes_nothing(policy: PolicyVersion) -> None:
    client = Client()
    response = client.get(reverse("language", args=["es"]))
    assert LANGUAGE_COOKIE.key not in response.cookies
    assert language_of(client.get("/")) == "en"


def test_a_language_that_nobody_speaks_here_is_not_found(policy: PolicyVersion) -> None:
    assert Client().get(reverse("language", args=["fr"])).status_code == 404
    assert choose(Client(), "fr").status_code == 404


def test_a_customer_who_chooses_is_written_to_in_it_too(alice: Customer) -> None:
    client = signed_in(alice)
    for _press in ("once", "again"):
        choose(client, "es", back="/account/")
    alice.refresh_from_db()
    assert alice.language == "es"
    assert ProfileChange.objects.filter(customer=alice, field="language").count() == 1
    assert language_of(client.get("/account/")) == "es"


def test_who_joins_in_spanish_is_a_spanish_reader(policy: PolicyVersion) -> None:
    client = Client(headers=SPANISH)
    seen = client.get(reverse("account_signup")).context["form"].fields["seen"].initial
    client.post(
        reverse("account_signup"),
        {
            "name": "Nora Nieto",
            "email": "nora@example.com",
            "password1": "una linterna sobre el puerto",
            "seen": seen,
        },
    )
    assert Customer.objects.get(email="nora@example.com").language == "es"


@pytest.mark.parametrize(
    ("code", "expected"), [("es", "es"), ("es-ar", "es"), ("fr", "en"), ("", "en"), (None, "en")]
)
def test_the_nearest_language_is_taken(code: str | None, expected: str) -> None:
    assert spoken(code) == expected


def plain_sentences() -> list[str]:
    """Return texts of the site that would be found on a page as they are, if it were English."""
    catalogue = read_catalogue("es")
    return sorted(
        text.singular
        for text in texts()
        if len(text.singular) > 24
        and not text.plural
        and "%" not in text.singular
        and not TAG.search(text.singular)
        and (message := catalogue.get(text.singular, text.context or None)) is not None
        and message.string != text.singular
    )


def test_every_page_of_a_customer_is_in_spanish(belongings: Belongings) -> None:
    customer = speaking(belongings.customer, "es")
    give_password(customer)
    client = just_proven(signed_in(customer), "mfa")
    sentences = [escape(each) for each in plain_sentences()]
    assert len(sentences) > 500
    pages = 0
    for address in every_address(belongings):
        if address.pattern.startswith(ADMIN) or "logout" in address.path:
            continue
        response = client.get(address.path)
        is_page = response.get("Content-Type", "").startswith("text/html")
        if not is_page or "<html" not in (page := response.content.decode()):
            continue
        pages += response.status_code == 200
        # What was sent is shown as it was sent.
        if address.name in {"message", "message_html"}:
            continue
        assert language_of(response) == "es", address.path
        assert [each for each in sentences if each in page] == [], address.path
    assert pages > 60


def test_dates_and_amounts_are_written_as_in_spanish() -> None:
    with translation.override("es"):
        assert date_format(date(2027, 5, 3), "DATE_FORMAT") == "3 de mayo de 2027"
        assert number_format(65536, force_grouping=True) in {"65\xa0536", "65.536"}
    assert written(Money("1234.50", "USD"), "es") == "1.234,50\xa0US$"
