"""How long ago somebody proved that it is them, and how they are asked again.

Sensitive pages want a proof that is at most five minutes old: a sign-in, or the answer to "is it
still you?". Only a page that is looked at leads to the question. What was sent to it is refused:
it could be a card number or a password, and must not wait in the session for the answer.
"""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.authentication import get_authentication_records
from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode


def is_recent(request: HttpRequest, *, by_factor: bool = False) -> bool:
    """Return whether who is signed in has proven it within the last five minutes.

    `by_factor` wants it proven with a passkey or a code; the password is not enough.
    """
    now = timezone.now().timestamp()
    return any(
        0 <= now - record["at"] < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT
        for record in _proofs(request, by_factor=by_factor)
    )


def used_a_factor(request: HttpRequest) -> bool:
    """Return whether a passkey or a code was used in this session."""
    return bool(_proofs(request, by_factor=True))


def ask_again(request: HttpRequest, *, by_factor: bool = False) -> HttpResponse:
    """Lead to the question and back to this page, or refuse what was sent to it."""
    page = _question(request, by_factor=by_factor)
    question = f"{page}?{urlencode({REDIRECT_FIELD_NAME: request.get_full_path()})}"
    if request.method in {"GET", "HEAD"}:
        return redirect(question)
    return render(request, "accounts/ask_again.html", {"question": question}, status=403)


def _proofs(request: HttpRequest, *, by_factor: bool) -> list[dict[str, Any]]:
    if not request.user.is_authenticated:
        return []
    records: list[dict[str, Any]] = get_authentication_records(request, request.user)
    return [record for record in records if not by_factor or record["method"] == "mfa"]


def _question(request: HttpRequest, *, by_factor: bool) -> str:
    """Return the page that asks. Who has nothing to answer with gets a password by mail."""
    if not request.user.is_authenticated:
        return reverse("account_login")
    ways = get_adapter().get_reauthentication_methods(request.user)
    pages = [way["url"] for way in ways if not by_factor or way["id"] != "reauthenticate"]
    return str(pages[0]) if pages else reverse("account_reset_password")
