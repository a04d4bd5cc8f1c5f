"""How well a sign-in is protected and where it is used, as its owner is shown it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allauth.mfa import app_settings
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import User

WEBAUTHN = Authenticator.Type.WEBAUTHN


@dataclass(frozen=True)
class Passkey:
    """A passkey as its owner knows it; `is_alone` where it signs in without a password."""

    number: int
    name: str
    is_alone: bool
    added_at: datetime
    used_at: datetime | None


@dataclass(frozen=True)
class Protection:
    """What somebody has set up for signing in."""

    has_password: bool
    passkeys: list[Passkey]
    has_app: bool
    has_codes: bool
    codes_left: int

    @property
    def has_factor(self) -> bool:
        """Whether the password alone signs nobody in."""
        return self.has_app or bool(self.passkeys)

    @property
    def verdict(self) -> Any:
        """How strong this is, in a few words."""
        if not self.has_factor:
            return _("Password only")
        return _("Well protected") if self.has_codes else _("No recovery codes")

    @property
    def advice(self) -> Any:
        """What would make it better, or why it is good."""
        if not self.has_factor:
            return _(
                "Whoever learns your password is in. A passkey cannot be learned, and is quicker."
            )
        if not self.has_codes:
            return _("Should you lose your device, recovery codes let you in. Make some.")
        return _("A stolen password alone opens nothing here.")


def protection_of(user: User) -> Protection:
    """Return what this user has set up."""
    factors = list(Authenticator.objects.filter(user=user).order_by("pk"))
    codes = next((each for each in factors if each.type == Authenticator.Type.RECOVERY_CODES), None)
    return Protection(
        has_password=user.has_usable_password(),
        passkeys=[_passkey(each) for each in factors if each.type == WEBAUTHN],
        has_app=any(each.type == Authenticator.Type.TOTP for each in factors),
        has_codes=codes is not None,
        codes_left=_unused(codes) if codes else 0,
    )


def open_sessions(user: User, now: datetime) -> QuerySet[UserSession]:
    """Return where this user is signed in, the latest use first."""
    alive = Session.objects.filter(expire_date__gt=now).values("session_key")
    rows: QuerySet[UserSession] = UserSession.objects.filter(user=user, session_key__in=alive)
    return rows.order_by("-last_seen_at", "-pk")


def _unused(codes: Authenticator) -> int:
    """Return how many codes are left, without opening what they are made from."""
    return int(app_settings.RECOVERY_CODE_COUNT) - int(codes.data["used_mask"]).bit_count()


def _passkey(factor: Authenticator) -> Passkey:
    return Passkey(
        number=factor.pk,
        name=factor.data["name"],
        is_alone=bool(factor.wrap().is_passwordless),
        added_at=factor.created_at,
        used_at=factor.last_used_at,
    )
