"""Ways of signing in, for tests: passkeys and codes."""

from __future__ import annotations

from typing import Any

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.passkeys import Passkey

AT_HOME = "http://localhost"


def add_passkey(client: Client, *, name: str = "", alone: bool = True) -> Passkey:
    """Add a passkey to the account of whoever is signed in."""
    passkey = Passkey(AT_HOME)
    client.defaults["HTTP_HOST"] = "localhost"
    page = client.get(reverse("mfa_add_webauthn"))
    credential = passkey.made_for(page.context["js_data"], alone=alone)
    sent = {"name": name, "credential": credential, **({"passwordless": "on"} if alone else {})}
    assert client.post(reverse("mfa_add_webauthn"), sent).status_code == 302
    return passkey


def fetch_options(client: Client) -> dict[str, Any]:
    """Return what a passkey is asked on the sign-in page."""
    address = reverse("mfa_login_webauthn")
    options: dict[str, Any] = client.get(address, headers={"accept": "application/json"}).json()
    return options


def use_passkey(client: Client, passkey: Passkey, **more: str) -> Any:
    """Sign in with a passkey alone."""
    credential = passkey.answer_to(fetch_options(client))
    return client.post(reverse("mfa_login_webauthn"), {"credential": credential, **more})


def code_of(secret: str, *, ahead: int = 0) -> str:
    """Return what an app with this secret shows now, or some periods of 30 seconds ahead."""
    period = int(timezone.now().timestamp()) // 30 + ahead
    return str(format_hotp_value(hotp_value(secret, period)))


def add_app(client: Client) -> str:
    """Set up an authenticator app for whoever is signed in; return its secret."""
    secret: str = client.get(reverse("mfa_activate_totp")).context["form"].secret
    sent = {"code": code_of(secret)}
    assert client.post(reverse("mfa_activate_totp"), sent).status_code == 302
    return secret


def is_signed_in(client: Client) -> bool:
    """Return whether the account is open in this browser."""
    return client.get("/account/").status_code == 200
