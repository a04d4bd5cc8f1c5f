"""An authenticator app and recovery codes: set up, used once, sealed, turned off by a factor."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from pytest_django import Settings
from time_machine import Traveller

from accounts.models import Customer
from accounts.second_factors import open_secret
from bizsecure.core.keyring import Tampered
from tests.accounts.coming_in import add_app, code_of, is_signed_in
from tests.pages.browsing import give_password, just_proven, sign_in, signed_in, text
from tests.postbox import Postbox

STEP = "/accounts/2fa/authenticate/"
OFF = "/accounts/2fa/totp/deactivate/"
PERIOD = timedelta(seconds=30)


@pytest.fixture(autouse=True)
def cheap_passwords(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ["tests.pages.hashing.CountingHasher"]


@pytest.fixture
def hers(alice: Customer) -> Client:
    give_password(alice)
    return just_proven(signed_in(alice))


@pytest.fixture
def secret(hers: Client, clock: Traveller) -> str:
    """Give the secret of the app that alice has set up, some time ago."""
    secret = add_app(hers)
    clock.shift(PERIOD)
    return secret


@pytest.fixture
def codes(hers: Client, secret: str) -> list[str]:
    found: list[str] = hers.get(reverse("mfa_view_recovery_codes")).context["unused_codes"]
    return found


@pytest.fixture
def halfway(secret: str, alice: Customer) -> Client:
    """Give a browser in which her password was typed, and nothing else yet."""
    client = Client()
    assert sign_in(client, alice).headers["Location"] == STEP
    return client


def test_the_page_shows_the_key_once_as_picture_and_as_text(hers: Client) -> None:
    page = hers.get(reverse("mfa_activate_totp"))
    shown = page.context["form"].secret
    assert shown in text(page)
    assert 'src="data:image/svg+xml;base64,' in text(page)
    assert hers.get(reverse("mfa_activate_totp")).context["form"].secret != shown


def test_a_wrong_code_sets_up_nothing_and_keeps_the_key(hers: Client) -> None:
    shown = hers.get(reverse("mfa_activate_totp")).context["form"].secret
    answer = hers.post(reverse("mfa_activate_totp"), {"code": "000000"})
    assert 'href="#id_code"' in text(answer)
    assert shown in text(answer)
    assert not Authenticator.objects.exists()


def test_the_code_is_asked_for_after_the_password_and_is_good_once(
    halfway: Client, secret: str, alice: Customer
) -> None:
    assert not is_signed_in(halfway)
    code = code_of(secret)
    assert halfway.post(STEP, {"code": f"{code[:3]} {code[3:]}"}).status_code == 302
    assert is_signed_in(halfway)
    again = Client()
    sign_in(again, alice)
    assert "This code is not right" in text(again.post(STEP, {"code": code}))
    assert not is_signed_in(again)


@pytest.mark.parametrize("ahead", [-1, 1])
def test_a_code_of_another_half_minute_is_refused(halfway: Client, secret: str, ahead: int) -> None:
    halfway.post(STEP, {"code": code_of(secret, ahead=ahead)})
    assert not is_signed_in(halfway)


@pytest.mark.parametrize("sent", ["", " ", "0" * 41, "x" * 100_000, "\x00", "١٢٣٤٥٦", "<b>", "-1"])
def test_what_is_no_code_is_answered_calmly(halfway: Client, sent: str) -> None:
    answer = halfway.post(STEP, {"code": sent})
    assert answer.status_code == 200
    assert 'id="error-summary"' in text(answer)
    assert not is_signed_in(halfway)


def test_guessing_codes_is_stopped_even_with_the_right_one(halfway: Client, secret: str) -> None:
    for _ in range(5):
        halfway.post(STEP, {"code": "000000"})
    assert "Too many failed" in text(halfway.post(STEP, {"code": code_of(secret)}))
    assert not is_signed_in(halfway)


def test_a_recovery_code_stands_in_once(halfway: Client, codes: list[str], alice: Customer) -> None:
    halfway.post(STEP, {"code": codes[0]})
    assert is_signed_in(halfway)
    again = Client()
    sign_in(again, alice)
    again.post(STEP, {"code": codes[0]})
    assert not is_signed_in(again)
    again.post(STEP, {"code": codes[1]})
    assert is_signed_in(again)
    assert "8 left" in text(again.get("/account/security/"))


def test_new_recovery_codes_end_the_old_ones(hers: Client, codes: list[str]) -> None:
    page = reverse("mfa_generate_recovery_codes")
    assert hers.post(page).status_code == 403
    just_proven(hers, "mfa").post(page)
    fresh = hers.get(reverse("mfa_view_recovery_codes")).context["unused_codes"]
    assert len(fresh) == 10
    assert not set(fresh) & set(codes)


def test_turning_the_app_off_asks_for_a_factor(hers: Client, secret: str, postbox: Postbox) -> None:
    just_proven(hers, "password")
    assert hers.get(OFF).headers["Location"].startswith(reverse("mfa_reauthenticate"))
    assert hers.post(OFF).status_code == 403
    assert Authenticator.objects.filter(type="totp").exists()
    sent = {"code": code_of(secret), "next": OFF}
    assert hers.post(reverse("mfa_reauthenticate"), sent).headers["Location"] == OFF
    assert "Turn off the authenticator app?" in text(hers.get(OFF))
    hers.post(OFF)
    assert not Authenticator.objects.exists()
    assert postbox[-1].subject == "An authenticator app was removed"


def test_secrets_are_nowhere_in_the_clear(
    hers: Client, secret: str, codes: list[str], alice: Customer, bob: Customer
) -> None:
    pending = just_proven(signed_in(bob)).get(reverse("mfa_activate_totp")).context["form"].secret
    kept = str(list(Authenticator.objects.values_list("data", flat=True)))
    kept += str(list(Session.objects.values_list("session_data", flat=True)))
    assert [word for word in (secret, pending, *codes) if word in kept] == []
    sealed = Authenticator.objects.get(type="totp").data["secret"]
    assert alice.user is not None
    assert bob.user is not None
    assert open_secret(alice.user, sealed) == secret
    with pytest.raises(Tampered):
        open_secret(bob.user, sealed)


def test_a_reset_password_does_not_turn_the_factor_off(
    secret: str, alice: Customer, postbox: Postbox
) -> None:
    Client().post("/accounts/password/reset/", {"email": alice.email})
    found = re.search(r"http://[^/\s]+(/\S+)", str(postbox[-1].body))
    assert found
    client = Client()
    form = client.get(found[1]).headers["Location"]
    client.post(form, dict.fromkeys(("password1", "password2"), "another horse, the same battery"))
    typed = {"login": alice.email, "password": "another horse, the same battery"}
    assert client.post("/accounts/login/", typed).headers["Location"] == STEP


def test_halfway_in_is_not_in_for_any_page(halfway: Client) -> None:
    for path in ("/account/", "/account/security/", "/accounts/2fa/", "/accounts/sessions/"):
        assert halfway.get(path).headers["Location"].startswith("/accounts/login/"), path
