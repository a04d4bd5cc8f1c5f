from __future__ import annotations

from datetime import timedelta
from http.cookies import SimpleCookie
from typing import Any

import pytest
import time_machine
from django.core.signing import Signer
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from bizsecure.core.cookies import LARGEST_VALUE, Problem, Reading, SignedCookie

DAY = timedelta(days=1)
COOKIE = SignedCookie("box", "tests.box", max_age=30 * DAY)
LARGEST_COOKIE_OF_A_BROWSER = 4096

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda children: (
        st.lists(children, max_size=4) | st.dictionaries(st.text(max_size=8), children, max_size=4)
    ),
    max_leaves=10,
)


def written(value: Any, cookie: SignedCookie = COOKIE) -> str:
    response = HttpResponse()
    cookie.write(response, value)
    return response.cookies[cookie.key].value


def bringing(content: str, name: str = "box") -> HttpRequest:
    return RequestFactory(headers={"cookie": f"{name}={content}"}).get("/")


def signed(content: Any, salt: str = COOKIE.salt) -> str:
    return Signer(salt=salt).sign_object(content)


def now() -> int:
    return int(timezone.now().timestamp())


@given(json_values)
def test_what_was_written_is_read_again(value: Any) -> None:
    reading = COOKIE.read(bringing(written(value)))
    assert (reading.value, reading.problem) == (value, None)


def test_a_visitor_without_the_cookie_brings_nothing() -> None:
    assert COOKIE.read(RequestFactory().get("/")).problem is Problem.MISSING
    assert COOKIE.read(bringing("")).problem is Problem.MISSING


def test_a_flipped_bit_at_any_position_is_noticed() -> None:
    content = written(["shared-hosting", "month", 2])
    for position, character in enumerate(content):
        for bit in range(7):
            flipped = chr(ord(character) ^ 1 << bit)
            request = RequestFactory().get("/")
            request.COOKIES["box"] = content[:position] + flipped + content[position + 1 :]
            assert COOKIE.read(request).problem is Problem.TAMPERED, (position, bit)


@given(st.text(max_size=200))
def test_whatever_a_stranger_writes_is_no_value_and_no_error(content: str) -> None:
    request = RequestFactory().get("/")
    request.COOKIES["box"] = content
    assert COOKIE.read(request).problem in {Problem.MISSING, Problem.TAMPERED}


@given(st.binary(max_size=200))
def test_whatever_bytes_a_stranger_sends_are_no_error(content: bytes) -> None:
    header = b"box=" + content.replace(b"\x00", b"")
    request = RequestFactory(HTTP_COOKIE=header.decode("latin-1")).get("/")
    assert COOKIE.read(request).value is None


def test_a_cookie_signed_for_another_purpose_is_not_ours() -> None:
    other = SignedCookie("box", "tests.another", max_age=DAY)
    assert COOKIE.read(bringing(written("x", other))).problem is Problem.TAMPERED


def test_a_cookie_signed_with_a_retired_key_is_still_read(settings: Settings) -> None:
    content = written("x")
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "n" * 60, [settings.SECRET_KEY]
    assert COOKIE.read(bringing(content)).value == "x"


def test_a_cookie_signed_with_a_key_that_is_gone_is_not_read(settings: Settings) -> None:
    content = written("x")
    settings.SECRET_KEY = "n" * 60
    assert COOKIE.read(bringing(content)).problem is Problem.TAMPERED


def test_a_cookie_counts_until_its_last_second_and_not_longer() -> None:
    with time_machine.travel("2026-11-24T10:00:00Z", tick=False) as clock:
        content = written("x")
        clock.shift(30 * DAY)
        assert COOKIE.read(bringing(content)) == Reading(value="x", age=30 * DAY)
        clock.shift(timedelta(seconds=1))
        assert COOKIE.read(bringing(content)).problem is Problem.EXPIRED


def test_a_cookie_written_by_a_machine_whose_clock_is_ahead_is_new() -> None:
    content = signed([1, now() + 90, "x"])
    assert COOKIE.read(bringing(content)).age == timedelta(0)


@pytest.mark.parametrize(
    "content",
    [
        None,
        True,
        1.5,
        "text",
        {},
        [],
        ["x"],
        [1, 2],
        [1, 2, 3, 4],
        [0, 2, "x"],
        [2, 2, "x"],
        ["1", 2, "x"],
        [1, None, "x"],
        [1, "yesterday", "x"],
        [1, 1.5, "x"],
        [[1], 2, "x"],
    ],
)
def test_another_form_is_outdated_whatever_its_types(content: Any) -> None:
    assert COOKIE.read(bringing(signed(content))).problem is Problem.OUTDATED


@pytest.mark.parametrize("written_at", [-(10**400), 0, -1])
def test_a_time_long_ago_is_expired_however_long(written_at: int) -> None:
    assert COOKIE.read(bringing(signed([1, written_at, "x"]))).problem is Problem.EXPIRED


def test_a_time_in_a_far_future_is_no_error() -> None:
    assert COOKIE.read(bringing(signed([1, 10**400, "x"]))).value == "x"


def test_a_cookie_larger_than_any_of_ours_is_not_even_looked_at() -> None:
    for size in (LARGEST_VALUE + 1, LARGEST_COOKIE_OF_A_BROWSER + 1, 10**6):
        assert COOKIE.read(bringing("x" * size)).problem is Problem.OVERSIZED
    assert COOKIE.read(bringing(signed([1, now(), "x" * 4097]))).problem is Problem.OVERSIZED


def test_a_value_that_fits_no_cookie_is_an_error_of_its_owner() -> None:
    with pytest.raises(ValueError, match="more than 3800"):
        COOKIE.write(HttpResponse(), "x" * LARGEST_VALUE)


def test_the_largest_cookie_fits_into_a_browser(settings: Settings) -> None:
    settings.COOKIE_PREFIX, settings.SECURE = "__Host-", True
    response = HttpResponse()
    COOKIE.write(response, "x" * 2750)
    assert len(response.cookies[COOKIE.key].value) > LARGEST_VALUE - 100
    assert len(response.cookies[COOKIE.key].OutputString()) <= LARGEST_COOKIE_OF_A_BROWSER


def test_of_two_cookies_of_one_name_one_counts_and_neither_is_an_error() -> None:
    good, bad = written("x"), "forged"
    for header in (f"box={good}; box={good}", f"box={good}; box={bad}", f"box={bad}; box={good}"):
        reading = COOKIE.read(RequestFactory(headers={"cookie": header}).get("/"))
        assert reading.value in {"x", None}


def test_no_script_no_other_site_and_no_plain_line_sees_the_cookie(
    settings: Settings,
) -> None:
    settings.COOKIE_PREFIX, settings.SECURE = "__Host-", True
    response = HttpResponse()
    COOKIE.write(response, "x")
    cookie = response.cookies["__Host-box"]
    assert cookie["httponly"] is True
    assert cookie["secure"] is True
    assert (cookie["samesite"], cookie["path"], cookie["domain"]) == ("Lax", "/", "")
    assert cookie["max-age"] == 30 * 24 * 60 * 60


def test_forgetting_reaches_the_same_cookie_that_was_written(settings: Settings) -> None:
    settings.COOKIE_PREFIX, settings.SECURE = "__Host-", True
    response = HttpResponse()
    COOKIE.clear(response)
    cookie = SimpleCookie(response.cookies.output(header=""))["__Host-box"]
    assert (cookie.value, cookie["max-age"], cookie["path"]) == ("", "0", "/")
    assert cookie["secure"]
