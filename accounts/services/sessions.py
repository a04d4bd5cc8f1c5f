"""Where somebody is signed in: kept without any address of a machine (LOG-2), and ended."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils import timezone

from accounts.actors import Actor
from accounts.devices import device_family
from accounts.event_kinds import EventKind
from accounts.models import User
from accounts.services.sign_in_events import note_sign_in_event

# The column may not be empty. This address stands for no machine (RFC 1122, 3.2.1.3).
NO_ADDRESS = "0.0.0.0"  # noqa: S104  nothing listens here; it says that nothing is known
DEVICE = "device"


def forget_the_place(*, session: UserSession) -> None:
    """Keep the family of the device and nothing else of where a session comes from."""
    session.ip = NO_ADDRESS
    if session.user_agent:
        session.data = {**session.data, DEVICE: device_family(session.user_agent)}
        session.user_agent = ""


@transaction.atomic
def end_session(*, user: User, number: int, actor: Actor) -> bool:
    """End one session of this user; return whether there was one of this number."""
    ended = _end(UserSession.objects.filter(user=user, pk=number)) > 0
    if ended:
        note_sign_in_event(user=user, kind=EventKind.SESSION_ENDED, now=timezone.now())
    return ended


@transaction.atomic
def end_other_sessions(*, user: User, but: str | None, actor: Actor) -> int:
    """End all sessions of this user but the one with this key; return how many there were."""
    ended = _end(UserSession.objects.filter(user=user).exclude(session_key=but or ""))
    if ended:
        now = timezone.now()
        note_sign_in_event(user=user, kind=EventKind.SESSIONS_ENDED, count=ended, now=now)
    return ended


def note_use(*, key: str, now: datetime) -> None:
    """Write down that a session was used."""
    UserSession.objects.filter(session_key=key).update(last_seen_at=now)


def follow_new_key(*, old: str | None, new: str) -> None:
    """A session got a new key: the list follows it."""
    UserSession.objects.filter(session_key=old or "").update(session_key=new)


def forget_session(*, key: str) -> None:
    """Take a session that has ended off the list."""
    UserSession.objects.filter(session_key=key).delete()


def _end(sessions: Iterable[UserSession]) -> int:
    keys = [session.session_key for session in sessions]
    Session.objects.filter(session_key__in=keys).delete()
    UserSession.objects.filter(session_key__in=keys).delete()
    return len(keys)
