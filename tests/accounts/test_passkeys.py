"""Passkeys: added, used to sign in and to answer, renamed, removed; and what is no passkey."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import reverse
from pytest_django import Settings
from time_machine import Traveller

from accounts.models import Customer
from tests.accounts.coming_in import add_passkey, fetch_options, is_signed_in, use_passkey
from tests.pages.browsing import give_password, just_proven, sign_in, signed_in, text
from tests.passkeys import Passkey
from tests.postbox import Postbox

MINUTES = timedelta(minutes=1)
SECURITY = "/account/security/"


@pytest.fixture(autouse=True)
def cheap_passwords(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ["tests.pages.hashing.CountingHasher"]


@pytest.fixture
def hers(alice: Customer) -> Client:
    give_password(alice)
    return just_proven(signed_in(alice))


@pytest.fixture
def passkey(hers: Client) -> Passkey:
    """Give the passkey of alice, who has just added it."""
    return add_passkey(hers, name="My telephone")


def test_a_passkey_is_added_and_signs_in_where_one_was_going(
    alice: Customer, passkey: Passkey, postbox: Postbox
) -> None:
    assert [mail.subject for mail in postbox] == ["A passkey was added"]
    client = Client(headers={"host": "localhost"})
    answer = use_passkey(client, passkey, next="/account/personal/")
    assert answer.headers["Location"] == "/account/personal/"
    assert is_signed_in(client)
    assert "My telephone" in text(client.get(SECURITY))


def test_the_first_passkey_brings_recovery_codes(hers: Client, passkey: Passkey) -> None:
    page = hers.get(reverse("mfa_view_recovery_codes"))
    assert len(page.context["unused_codes"]) == 10
    assert page.context["can_view_codes"]
    # They are shown once.
    assert not hers.get(reverse("mfa_view_recovery_codes")).context["can_view_codes"]


def test_after_the_password_the_passkey_is_asked_for(alice: Customer, passkey: Passkey) -> None:
    client = Client(headers={"host": "localhost"})
    assert sign_in(client, alice).headers["Location"] == reverse("mfa_authenticate")
    assert not is_signed_in(client)
    page = client.get(reverse("mfa_authenticate"))
    sent = {"credential": passkey.answer_to(page.context["js_data"])}
    client.post(reverse("mfa_authenticate"), sent)
    assert is_signed_in(client)


def test_a_passkey_answers_whether_it_is_still_her(
    hers: Client, passkey: Passkey, clock: Traveller
) -> None:
    clock.shift(6 * MINUTES)
    asked = hers.get(reverse("mfa_add_webauthn")).headers["Location"]
    assert asked.startswith(reverse("mfa_reauthenticate_webauthn"))
    page = hers.get(asked)
    sent = {"credential": passkey.answer_to(page.context["js_data"]), "next": SECURITY}
    assert hers.post(asked, sent).headers["Location"] == SECURITY
    assert hers.get(reverse("mfa_add_webauthn")).status_code == 200


def test_the_session_has_a_new_number_after_every_proof(
    hers: Client, passkey: Passkey, clock: Traveller
) -> None:
    before = hers.cookies["session"].value
    page = hers.get(reverse("mfa_reauthenticate_webauthn"))
    sent = {"credential": passkey.answer_to(page.context["js_data"])}
    hers.post(reverse("mfa_reauthenticate_webauthn"), sent)
    after = hers.cookies["session"].value
    assert after != before
    assert is_signed_in(hers)
    stale = Client()
    stale.cookies["session"] = before
    assert not is_signed_in(stale)


@pytest.mark.parametrize("wrong", ["replayed", "elsewhere", "not verified", "another", "nonsense"])
def test_what_is_no_passkey_of_hers_signs_nobody_in(passkey: Passkey, wrong: str) -> None:
    client = Client(headers={"host": "localhost"})
    options = fetch_options(client)
    if wrong == "elsewhere":
        passkey.origin = "https://evil.example"
    other = Passkey("http://localhost")
    other.user_handle = passkey.user_handle
    credential = {
        "replayed": lambda: passkey.answer_to(options),
        "elsewhere": lambda: passkey.answer_to(options),
        "not verified": lambda: passkey.answer_to(options, verified=False),
        "another": lambda: other.answer_to(options),
        "nonsense": lambda: json.dumps({"id": "x", "response": {"userHandle": None}}),
    }[wrong]()
    if wrong == "replayed":
        fetch_options(client)
    answer = client.post(reverse("mfa_login_webauthn"), {"credential": credential})
    assert answer.headers["Location"] == reverse("account_login")
    assert not is_signed_in(client)


@pytest.mark.parametrize(
    "sent", ["", "{", "null", "[]", "1", '"x"', "{}", '{"response": 1}', '{"id": null}', "\x00"]
)
def test_what_is_no_credential_at_all_is_answered_calmly(hers: Client, sent: str) -> None:
    for name in ("mfa_login_webauthn", "mfa_add_webauthn"):
        client = Client() if name == "mfa_login_webauthn" else hers
        client.get(reverse(name), headers={"accept": "application/json"})
        assert client.post(reverse(name), {"credential": sent}).status_code < 500, name
    assert not Authenticator.objects.exists()


def test_a_passkey_is_renamed_and_removed_only_with_a_factor(
    alice: Customer, hers: Client, passkey: Passkey, postbox: Postbox
) -> None:
    factor = Authenticator.objects.get(type="webauthn")
    rename, remove = (reverse(f"mfa_{do}_webauthn", args=[factor.pk]) for do in ("edit", "remove"))
    assert hers.post(rename, {"name": "Key ring"}).status_code == 302
    assert "Key ring" in text(hers.get(reverse("mfa_list_webauthn")))
    # She has proven it with the password alone, which is not enough to take a factor away.
    assert hers.get(remove).headers["Location"].startswith(reverse("mfa_reauthenticate_webauthn"))
    assert hers.post(remove).status_code == 403
    assert Authenticator.objects.filter(type="webauthn").exists()
    answer_again(hers, passkey)
    assert "Key ring" in text(hers.get(remove))
    hers.post(remove)
    # Nothing is left that the recovery codes could stand in for.
    assert not Authenticator.objects.exists()
    assert postbox[-1].subject == "A passkey was removed"


def test_another_customers_passkey_is_not_there(
    bob: Customer, hers: Client, passkey: Passkey
) -> None:
    factor = Authenticator.objects.get(type="webauthn")
    client = just_proven(signed_in(bob), "mfa")
    for do in ("edit", "remove"):
        address = reverse(f"mfa_{do}_webauthn", args=[factor.pk])
        assert client.get(address).status_code == 404
        assert client.post(address, {"name": "x"}).status_code == 404


@pytest.mark.parametrize("name", ["x" * 61, "Al\u202eice", "Al\x07ice"])
def test_a_name_that_hides_something_is_refused_at_its_field(hers: Client, name: str) -> None:
    page = hers.get(reverse("mfa_add_webauthn"))
    credential = Passkey("http://localhost").made_for(page.context["js_data"])
    answer = hers.post(reverse("mfa_add_webauthn"), {"name": name, "credential": credential})
    assert 'href="#id_name"' in text(answer)
    assert not Authenticator.objects.exists()


def answer_again(client: Client, passkey: Passkey) -> Any:
    page = client.get(reverse("mfa_reauthenticate_webauthn"))
    sent = {"credential": passkey.answer_to(page.context["js_data"])}
    return client.post(reverse("mfa_reauthenticate_webauthn"), sent)
