"""What Django and allauth tell us about signing in, handed to a service."""

from __future__ import annotations

from typing import Any

from allauth.account import signals
from allauth.account.signals import (
    authentication_step_completed,
    password_changed,
    password_reset,
    password_set,
)
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import (
    authentication_failed,
    authenticator_added,
    authenticator_removed,
    authenticator_reset,
    authenticator_used,
)
from allauth.usersessions.models import UserSession
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db.models.signals import pre_save
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from accounts.actors import Actor
from accounts.devices import device_family
from accounts.event_kinds import EventKind
from accounts.lifetime import BEGAN, USED
from accounts.models import User
from accounts.services.sessions import end_other_sessions, follow_new_key, forget_the_place
from accounts.services.sign_in_events import note_failed_factor, note_sign_in_event
from bizsecure.core.security_log import Event, note

# How a factor is called in the account log.
SUBJECTS = {
    Authenticator.Type.WEBAUTHN: "passkey",
    Authenticator.Type.TOTP: "authenticator_app",
    Authenticator.Type.RECOVERY_CODES: "recovery_codes",
}


@receiver(user_logged_in)
def session_began(request: HttpRequest, user: User, **kwargs: Any) -> None:
    now = timezone.now().timestamp()
    request.session.update({BEGAN: now, USED: now})
    note(Event.SIGNED_IN, user=user.pk)


@receiver(user_login_failed)
def sign_in_refused(**kwargs: Any) -> None:
    """A wrong password. The address that was typed is nobody's business, and may be anything."""
    note(Event.SIGN_IN_REFUSED, by="password")


@receiver(authentication_step_completed)
def proven_again(request: HttpRequest, **kwargs: Any) -> None:
    """A key that somebody else may have seen is worth nothing after the proof."""
    note(Event.PROVEN, user=request.user.pk, by=str(kwargs.get("method", "")))
    if kwargs.get("reauthenticated"):
        old = request.session.session_key
        request.session.cycle_key()
        follow_new_key(old=old, new=request.session.session_key or "")


@receiver(password_changed)
@receiver(password_set)
@receiver(password_reset)
def password_renewed(request: HttpRequest, user: User, **kwargs: Any) -> None:
    """Whoever knew the old password is out, wherever they are."""
    is_theirs = request.user == user
    but = request.session.session_key if is_theirs else None
    end_other_sessions(user=user, but=but, actor=Actor.customer(user))
    was_reset = kwargs["signal"] is password_reset
    kind = EventKind.PASSWORD_RESET if was_reset else EventKind.PASSWORD_CHANGED
    note(Event.PASSWORD_CHANGED, user=user.pk, by=kind.value)
    note_sign_in_event(user=user, kind=kind, now=timezone.now())


@receiver(pre_save, sender=UserSession)
def session_written_down(instance: UserSession, **kwargs: Any) -> None:
    forget_the_place(session=instance)


@receiver(signals.user_logged_in)
def signed_in(request: HttpRequest, user: User, **kwargs: Any) -> None:
    device = device_family(request.headers.get("User-Agent", ""))
    note_sign_in_event(user=user, kind=EventKind.SIGNED_IN, device=device, now=timezone.now())


@receiver(user_logged_out)
def signed_out(request: HttpRequest, user: User | None, **kwargs: Any) -> None:
    if user is not None:
        note(Event.SIGNED_OUT, user=user.pk)
        device = device_family(request.headers.get("User-Agent", ""))
        note_sign_in_event(user=user, kind=EventKind.SIGNED_OUT, device=device, now=timezone.now())


@receiver(authenticator_added)
@receiver(authenticator_removed)
@receiver(authenticator_reset)
def factor_changed(user: User, authenticator: Authenticator, **kwargs: Any) -> None:
    kinds = {authenticator_added: EventKind.FACTOR_ADDED}
    kinds |= {authenticator_removed: EventKind.FACTOR_REMOVED}
    kind = kinds.get(kwargs["signal"], EventKind.RECOVERY_CODES_MADE)
    subject = SUBJECTS[authenticator.type]
    note(Event.FACTOR_CHANGED, user=user.pk, by=kind.value, factor=subject)
    note_sign_in_event(user=user, kind=kind, subject=subject, now=timezone.now())


@receiver(authenticator_used)
def factor_used(user: User, authenticator: Authenticator, **kwargs: Any) -> None:
    """Passkeys and apps are used with every sign-in; a recovery code is worth a line."""
    if authenticator.type == Authenticator.Type.RECOVERY_CODES:
        note_sign_in_event(user=user, kind=EventKind.RECOVERY_CODE_USED, now=timezone.now())


@receiver(authentication_failed)
def factor_failed(
    request: HttpRequest, user: User, authenticator: Authenticator, **kwargs: Any
) -> None:
    device = device_family(request.headers.get("User-Agent", ""))
    subject = SUBJECTS[authenticator.type]
    note(Event.FACTOR_REFUSED, user=user.pk, factor=subject)
    note_failed_factor(user=user, device=device, subject=subject, now=timezone.now())
