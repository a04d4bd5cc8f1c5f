"""What happens around every page: headers, and sentences for what a rule refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from csp.constants import NONCE, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from csp.decorators import csp_replace
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from bizsecure.core.errors import Refused
from bizsecure.core.languages import is_for_staff

PERMISSIONS = ", ".join(
    f"{feature}=()"
    for feature in ("camera", "geolocation", "microphone", "payment", "usb", "browsing-topics")
)
# The admin theme compiles its own expressions and sets inline styles; it runs no other way.
ADMIN_POLICY = {"script-src": [SELF, NONCE, UNSAFE_EVAL], "style-src": [SELF, UNSAFE_INLINE]}


def response_headers(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Isolate every page from other sites, and keep pages about a person out of caches."""
    in_admin = csp_replace(ADMIN_POLICY)(get_response)

    def middleware(request: HttpRequest) -> HttpResponse:
        respond = in_admin if is_for_staff(request) else get_response
        response = cast("HttpResponse", respond(request))
        response["Permissions-Policy"] = PERMISSIONS
        response["Cross-Origin-Resource-Policy"] = "same-origin"
        response["Cross-Origin-Embedder-Policy"] = "require-corp"
        if _is_about_a_person(request):
            response["Cache-Control"] = "no-store"
        if request.method == "POST" and _page(request) == "account_logout":
            # Not the cookies: cart and first name stay for whoever comes back (COOKIE-1).
            response["Clear-Site-Data"] = '"cache", "storage"'
        return response

    return middleware


def _is_about_a_person(request: HttpRequest) -> bool:
    """Whether somebody is signed in, or on the way there: the link in a mail shows an address."""
    user = getattr(request, "user", None)
    is_signed_in = user is not None and user.is_authenticated
    return is_signed_in or _page(request).startswith(("account_", "mfa_"))


def _page(request: HttpRequest) -> str:
    """Return the name of the address that was asked for."""
    return (request.resolver_match.url_name or "") if request.resolver_match else ""


class RefusalsInSentences:
    """Turn a refusal that a view lets through into a sentence on the same page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, problem: Exception) -> HttpResponse | None:
        """Return to the page with the sentence; leave every other exception alone."""
        if not isinstance(problem, Refused):
            return None
        messages.error(request, problem.sentence)
        return redirect(request.path)
