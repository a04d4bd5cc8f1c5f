"""Which address a visit is counted under, and what happens where proxies stand before us."""

from __future__ import annotations

import pytest
from allauth.account.adapter import get_adapter
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.urls import resolve
from pytest_django import Settings

from bizsecure.traffic import middleware
from bizsecure.traffic.counting import neighbourhood

CALLER, VISITOR, FORGED = "10.0.0.7", "203.0.113.9", "198.51.100.1"


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Give the cut addresses of the visits that are counted from now on."""
    cut: list[bytes] = []
    monkeypatch.setattr(middleware, "count_now", lambda _facts, address: cut.append(address))
    return cut


def visit(forwarded: str | None) -> HttpRequest:
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    request = RequestFactory().get("/privacy/", REMOTE_ADDR=CALLER, headers=headers)
    request.resolver_match = resolve("/privacy/")
    return request


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, None, CALLER),
        (0, FORGED, CALLER),
        (1, None, CALLER),
        (1, VISITOR, VISITOR),
        (1, f"{FORGED}, {VISITOR}", VISITOR),
        (2, f"{FORGED}, {VISITOR}, 10.0.0.8", VISITOR),
    ],
)
def test_it_is_the_address_that_limits_go_by(
    counted: list[bytes], settings: Settings, proxies: int, forwarded: str | None, address: str
) -> None:
    settings.TRUSTED_PROXY_COUNT = settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    request = visit(forwarded)
    middleware.count_visits(lambda _request: HttpResponse("page"))(request)

    assert counted == [neighbourhood(address)]
    assert get_adapter().get_client_ip(request) == address


def test_a_header_with_too_few_addresses_is_no_error(
    counted: list[bytes], settings: Settings
) -> None:
    settings.TRUSTED_PROXY_COUNT = 2
    middleware.count_visits(lambda _request: HttpResponse("page"))(visit(VISITOR))
    assert counted == [b""]
