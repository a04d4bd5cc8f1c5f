"""Cookies that the visitor keeps and only this site can have written (COOKIE-1).

What is inside can be read by whoever holds the browser, so it is never a secret; but it cannot
be altered, moved to a cookie with another purpose, or kept past its time without that being
noticed when it comes back.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import Any

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from bizsecure.core.security_log import Event, note

# Browsers keep 4096 bytes for name, value and attributes together; the rest is for the latter.
LARGEST_VALUE = 3800


class Problem(Enum):
    """Why a cookie that was asked for gives no value."""

    MISSING = "missing"
    TAMPERED = "tampered"
    EXPIRED = "expired"
    OUTDATED = "outdated"
    OVERSIZED = "oversized"


@dataclass(frozen=True)
class Reading:
    """What a visitor's browser brought: a value and its age, or the problem with it."""

    value: Any = None
    problem: Problem | None = None
    age: timedelta = timedelta(0)


@dataclass(frozen=True)
class SignedCookie:
    """A cookie with one purpose, signed for that purpose alone.

    `version` counts the forms the value has had; a value written in another form is not handed
    out. `largest` is in bytes of the signed value.
    """

    name: str
    salt: str
    max_age: timedelta
    version: int = 1
    largest: int = LARGEST_VALUE

    @property
    def key(self) -> str:
        """The name the browser knows, with `__Host-` wherever the site is served over HTTPS."""
        return f"{settings.COOKIE_PREFIX}{self.name}"

    def read(self, request: HttpRequest) -> Reading:
        """Return what we wrote into the visitor's cookie, or what is wrong with it. Never raises.

        That we wrote it proves nothing about its types, which may be those of an earlier
        release: the caller checks each part before using it.
        """
        signed = request.COOKIES.get(self.key, "")
        if not signed:
            return Reading(problem=Problem.MISSING)
        # Counted before anything is computed over it, so that a giant costs nothing.
        if len(signed) > self.largest:
            return Reading(problem=Problem.OVERSIZED)
        try:
            content = Signer(salt=self.salt).unsign_object(signed)
        except (BadSignature, ValueError):
            note(Event.TAMPERED, what=f"cookie {self.key}")
            return Reading(problem=Problem.TAMPERED)
        return self._judge(content)

    def write(self, response: HttpResponse, value: Any) -> None:
        """Have the browser keep `value`, anything JSON can hold, for `max_age` from now.

        A value too large for a cookie raises ValueError: its owner is to bound it beforehand.
        """
        written_at = int(timezone.now().timestamp())
        signed = Signer(salt=self.salt).sign_object([self.version, written_at, value])
        if len(signed) > self.largest:
            raise ValueError(f"{self.name} takes {len(signed)} bytes, more than {self.largest}.")
        response.set_cookie(
            self.key,
            signed,
            max_age=self.max_age,
            path="/",
            secure=settings.SECURE,
            httponly=True,
            samesite="Lax",
        )

    def clear(self, response: HttpResponse) -> None:
        """Have the browser forget the cookie."""
        # Named with all that it was written with: the prefix wants it, and so do browsers.
        response.set_cookie(
            self.key,
            max_age=0,
            expires="Thu, 01 Jan 1970 00:00:00 GMT",
            path="/",
            secure=settings.SECURE,
            httponly=True,
            samesite="Lax",
        )

    def _judge(self, content: Any) -> Reading:
        match content:
            case [int(version), int(written_at), value] if version == self.version:
                # Our machines' clocks differ a little: a moment ahead is no age below zero.
                age = max(int(timezone.now().timestamp()) - written_at, 0)
            case _:
                return Reading(problem=Problem.OUTDATED)
        if age > self.max_age.total_seconds():
            return Reading(problem=Problem.EXPIRED)
        return Reading(value=value, age=timedelta(seconds=age))
