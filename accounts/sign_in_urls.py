"""Addresses of allauth behind which something else, or something more, is asked here.

They come before allauth's own.
"""

from __future__ import annotations

from allauth.account.views import email
from allauth.mfa.recovery_codes.views import generate_recovery_codes
from allauth.mfa.totp.views import deactivate_totp
from allauth.mfa.webauthn.views import edit_webauthn, remove_webauthn
from django.urls import path

from accounts.access import recent_factor_required, recent_proof_required
from accounts.views import security

FACTORS = "accounts/2fa/"
KEYS = f"{FACTORS}webauthn/keys/<int:pk>/"

urlpatterns = [
    path("accounts/email/", recent_proof_required(email), name="account_email"),
    path(FACTORS, security.factors, name="mfa_index"),
    path(
        f"{FACTORS}totp/deactivate/",
        recent_factor_required(deactivate_totp),
        name="mfa_deactivate_totp",
    ),
    path(
        f"{FACTORS}recovery-codes/generate/",
        recent_factor_required(generate_recovery_codes),
        name="mfa_generate_recovery_codes",
    ),
    path(f"{KEYS}remove/", recent_factor_required(remove_webauthn), name="mfa_remove_webauthn"),
    path(f"{KEYS}edit/", recent_proof_required(edit_webauthn), name="mfa_edit_webauthn"),
    path(
        f"{FACTORS}webauthn/reauthenticate/",
        security.passkey_again,
        name="mfa_reauthenticate_webauthn",
    ),
    path("accounts/sessions/", security.sessions, name="usersessions_list"),
    path("accounts/sessions/<int:number>/end/", security.end_session, name="end_session"),
    path("accounts/sessions/confirm/", security.confirm_sessions, name="confirm_sessions"),
    path("accounts/sessions/end/", security.end_sessions, name="end_sessions"),
]
