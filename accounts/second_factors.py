"""Second factors of signing in: authenticator apps, passkeys and recovery codes.

Their secrets are sealed for the one sign-in they belong to: moved to another row they open
nothing. Passkeys have no secret on our side, only a public key.
"""

from __future__ import annotations

import base64

from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from bizsecure.core.keyring import keyring


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Seals the secrets, and calls things by our names."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "cannot_generate_recovery_codes": _(
            "Recovery codes stand in for another factor. Set up a passkey or an app first."
        ),
        "incorrect_code": _("This code is not right. Codes change every 30 seconds; try the next."),
        "no_passkey": _("This was no passkey we know."),
        "unverified_email": _("Prove your e-mail address first."),
    }

    def encrypt(self, text: str) -> str:
        return seal_secret(_whose(), text)

    def decrypt(self, encrypted_text: str) -> str:
        return open_secret(_whose(), encrypted_text)

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:  # noqa: A002
        number = Authenticator.objects.filter(user=user, type=type).count() + 1
        return str(_("My passkey") if number == 1 else _("Passkey %(number)s") % {"number": number})


def seal_secret(user: User, secret: str) -> str:
    """Return the secret as it is stored: readable for this user's sign-in alone."""
    return base64.b64encode(keyring().seal(secret.encode(), _place(user))).decode()


def open_secret(user: User, sealed: str) -> str:
    """Return what was sealed for this user. Raises Tampered for anything else."""
    return keyring().open(base64.b64decode(sealed), _place(user)).decode()


def _place(user: User) -> bytes:
    return f"mfa_authenticator.data:{user.pk}".encode()


def _whose() -> User:
    """Return who is signed in, or who has given a password and is asked for the factor now."""
    request = context.request
    stage = getattr(request, "_login_stage", None)
    user: User = stage.login.user if stage else request.user
    return user
