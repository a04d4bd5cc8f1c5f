"""Counting each page that is looked at (LOG-1). The address ends here, cut to its network."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve

from bizsecure.traffic.buffer import count_now
from bizsecure.traffic.counting import Visit, facts, neighbourhood

LONGEST_PATH = 300


def count_visits(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Count pages that were found and shown to visitors; staff pages and calls are none."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.method == "GET" and _is_page(response) and (page := _page_of(request)):
            visit = _visit(request, page)
            count_now(facts(visit), neighbourhood(visit.address))
        return response

    return middleware


def _is_page(response: HttpResponse) -> bool:
    return response.status_code == 200 and response.headers.get("Content-Type", "").startswith(
        "text/html"
    )


def _page_of(request: HttpRequest) -> str:
    """Return the pattern of the page: what stands in the address for somebody is not in it."""
    match = request.resolver_match
    if match is None or "admin" in match.namespaces:
        return ""
    return f"/{match.route}"


def _visit(request: HttpRequest, page: str) -> Visit:
    referrer = request.headers.get("Referer", "")
    before = _page_before(referrer, request.META.get("HTTP_HOST") or request.get_host())
    return Visit(
        page=page,
        page_before=before,
        referrer=referrer,
        address=_address(request),
        browser=request.headers.get("User-Agent", ""),
    )


def _address(request: HttpRequest) -> str:
    """The address that the last of our proxies saw, or the one that called us.

    As allauth finds it where much depends on it, at a twentieth of the time: here a wrong one would
    be a wrong count.
    """
    proxies = settings.TRUSTED_PROXY_COUNT
    if proxies and (forwarded := request.META.get("HTTP_X_FORWARDED_FOR")):
        seen = str(forwarded).split(",")
        return seen[-proxies].strip() if len(seen) >= proxies else ""
    return str(request.META.get("REMOTE_ADDR", ""))


def _page_before(referrer: str, own_host: str) -> str | None:
    try:
        parts = urlsplit(referrer)
    except ValueError:
        return None
    if parts.netloc != own_host or len(parts.path) > LONGEST_PATH:
        return None
    return _pattern(parts.path)


@lru_cache(maxsize=512)
def _pattern(path: str) -> str | None:
    try:
        return f"/{resolve(path).route}"
    except Resolver404:
        return None
