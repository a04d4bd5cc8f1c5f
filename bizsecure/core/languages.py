"""In which language a page or a mail is: one that the whole site is written in.

A customer's own language goes first (accounts.middleware); then what was chosen on this site,
kept by the browser alone; then what the browser asks for; then English. Staff pages are in
English.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation.trans_real import parse_accept_lang_header

from bizsecure.core.cookies import SignedCookie

LANGUAGE_COOKIE = SignedCookie("language", "core.language", max_age=timedelta(days=365))


def is_spoken(code: str) -> bool:
    """Whether the site is written in this language."""
    return code in dict(settings.LANGUAGES)


def spoken(code: str | None) -> str:
    """Return the language of ours that is nearest: Spanish for that of Mexico, else English."""
    try:
        return translation.get_supported_language_variant(code or "")
    except LookupError:
        return settings.LANGUAGE_CODE


def is_for_staff(request: HttpRequest) -> bool:
    """Whether a page of the admin was asked for."""
    return request.path.startswith(reverse("admin:index"))


def language_of_visitor(request: HttpRequest) -> str:
    """Return what was chosen in this browser, or what the browser asks for."""
    if is_for_staff(request):
        return settings.LANGUAGE_CODE
    chosen = LANGUAGE_COOKIE.read(request).value
    if isinstance(chosen, str) and is_spoken(chosen):
        return chosen
    return _asked_for(request.headers.get("Accept-Language", ""))


def _asked_for(accepted: str) -> str:
    """Return what a browser likes best of our languages. Django's own would heed its cookie."""
    for code, _weight in parse_accept_lang_header(accepted):
        if code == "*":
            break
        with suppress(LookupError):
            return translation.get_supported_language_variant(code)
    return settings.LANGUAGE_CODE


def visitors_language(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Answer in the visitor's language, and say so to caches that keep the page for others."""

    def middleware(request: HttpRequest) -> HttpResponse:
        with translation.override(language_of_visitor(request)):
            response = get_response(request)
            response.headers.setdefault("Content-Language", translation.get_language() or "")
        patch_vary_headers(response, ("Accept-Language", "Cookie"))
        return response

    return middleware
