"""What `make bench-visits` measures. Imported once Django is set up."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from statistics import median
from typing import Any

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.urls import resolve, reverse

from accounts.models import User
from benchmarks.database import new_database
from bizsecure.traffic.buffer import BUFFER
from bizsecure.traffic.middleware import count_visits
from tests.pages.browsing import signed_in_as

PAGES = 1000
BROWSERS = (
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Mobile/15E148",
)
Page = Callable[[HttpRequest], HttpResponse]


def measure(*, rounds: int) -> dict[str, Any]:
    """Return the figures of one run on a new database that is thrown away."""
    settings.DEBUG = False
    settings.ALLOWED_HOSTS = ["testserver"]
    settings.ROOT_URLCONF = "benchmarks.empty_page"
    with new_database():
        requests, answer = _visits(), HttpResponse("<!doctype html>")
        plain: Page = lambda _request: answer  # noqa: E731  what a page is without anything
        counted = count_visits(plain)
        # So that the process has the key of the day, as it has from its second minute on.
        BUFFER.flush()
        client = signed_in_as(User.objects.create_user("visitor@example.com"))
        bare, counting, writing, empty = [], [], [], []
        for _round in range(rounds + 1):
            bare.append(_seconds(plain, requests))
            counting.append(_seconds(counted, requests))
            began = time.perf_counter()
            BUFFER.flush()
            writing.append((time.perf_counter() - began) / PAGES)
            began = time.perf_counter()
            client.get(reverse("empty"), secure=True)
            empty.append(time.perf_counter() - began)
    # The first round fills caches.
    more = median(counting[1:]) - median(bare[1:])
    return {
        "database": connection.vendor,
        "rounds": rounds,
        "counting_us": 1_000_000 * more,
        "writing_us": 1_000_000 * median(writing[1:]),
        "empty_page_us": 1_000_000 * median(empty[1:]),
        "ratio": more / median(empty[1:]),
    }


def _visits() -> Sequence[HttpRequest]:
    """A thousand visits: every second from elsewhere, each from a network of its own."""
    factory = RequestFactory()
    requests = []
    for number in range(PAGES):
        before = "https://search.example/?q=hosting" if number % 2 else "http://testserver/shop/"
        request = factory.get(
            "/privacy/",
            HTTP_REFERER=before,
            HTTP_USER_AGENT=BROWSERS[number % len(BROWSERS)],
            REMOTE_ADDR=f"203.{number // 250}.{number % 250}.7" if number % 4 else "2001:db8::7",
        )
        request.resolver_match = resolve("/privacy/")
        requests.append(request)
    return requests


def _seconds(page: Page, requests: Sequence[HttpRequest]) -> float:
    began = time.perf_counter()
    for request in requests:
        page(request)
    return (time.perf_counter() - began) / len(requests)
