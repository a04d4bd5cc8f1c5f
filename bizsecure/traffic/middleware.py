"""Counting each page that is looked at (LOG-1). The address ends here, cut to its network."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from urllib.parse import urlsplit

from allauth.account.adapter import get_adapter
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve

from bizsecure.traffic.buffer import count_now
from bizsecure.traffic.counting import Visit, facts, neighbourhood

LONGEST_PATH = 300


def count_visits(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Count pages that were found and shown to visitors; staff pages and calls are none."""
    # Finding out again with each page which adapter there is would take a fifth of the counting.
    adapter = get_adapter()

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.method == "GET" and _is_page(response) and (page := _page_of(request)):
            address = str(adapter.get_client_ip(request) or "")
            visit = _visit(request, page, address)
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


def _visit(request: HttpRequest, page: str, address: str) -> Visit:
    referrer = request.headers.get("Referer", "")
    before = _page_before(referrer, request.get_host())
    return Visit(
        page=page,
        page_before=before,
        referrer=referrer,
        address=address,
        browser=request.headers.get("User-Agent", ""),
    )


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
