"""Nothing is taken without its token but what machines send: signed, or naming one choice."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from tests.pages.addresses import ADMIN, every_address
from tests.pages.browsing import signed_in, signed_in_as, stored
from tests.pages.conftest import Belongings

# What machines call: a signature, or a link that says what it is for, stands in for the token.
OF_MACHINES = {
    "/u/<str:token>/",
    "/webhooks/<str:gateway>/",
    "/webhooks/mail/<slug:provider>/",
    "/webhooks/mail/<slug:provider>/mime/",
    "/webhooks/mail/<slug:provider>/events/",
}
# Who has no cookies has no such token, and may write to us all the same: these forms have one of
# their own, which is good for the reader it was made for. The link of a mail is one by itself.
OF_EVERYBODY = {"/contact/", "/case/<str:token>/", "/choose/<str:token>/"}


def strict(client: Client) -> Client:
    client.handler.enforce_csrf_checks = True
    return client


@pytest.fixture(autouse=True)
def cheap_passwords(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ["tests.pages.hashing.CountingHasher"]


@pytest.mark.parametrize("who", ["visitor", "customer", "staff"])
def test_nothing_is_taken_without_its_token(belongings: Belongings, carol: User, who: str) -> None:
    User.objects.filter(pk=carol.pk).update(is_superuser=True)
    carol.refresh_from_db()
    browsers = {
        "visitor": Client(),
        "customer": signed_in(belongings.customer),
        "staff": signed_in_as(carol),
    }
    client, before = strict(browsers[who]), everything()
    taken = set()
    for place, address in enumerate(every_address(belongings)):
        if address.path.startswith(ADMIN) is not (who == "staff"):
            continue
        send: Any = (client.post, client.post, client.put, client.patch, client.delete)[place % 5]
        if send(address.path, {"name": "Mallory"}).status_code != 403:
            taken.add(address.pattern)
    assert taken <= OF_MACHINES | OF_EVERYBODY
    assert everything() == before


def everything() -> dict[str, str]:
    return stored(without="django_session")


def test_a_token_of_another_browser_is_none(belongings: Belongings) -> None:
    client = strict(signed_in(belongings.customer))
    client.cookies["csrf"] = "a" * 32
    sent = {"csrfmiddlewaretoken": "c" * 32, "name": "Mallory"}
    assert client.post("/account/personal/", sent).status_code == 403


def test_a_form_that_comes_from_another_site_is_refused(belongings: Belongings) -> None:
    client = strict(signed_in(belongings.customer))
    token = client.get("/account/personal/").context["csrf_token"]
    answer = client.post(
        "/account/personal/",
        {"csrfmiddlewaretoken": str(token)},
        headers={"origin": "https://evil.example"},
    )
    assert answer.status_code == 403
