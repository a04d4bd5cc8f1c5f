"""What is counted of a request, and what is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bizsecure.traffic.counting import Visit, device, facts, host, network


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("203.0.113.77", "203.0.0.0/16"),
        ("203.0.200.1", "203.0.0.0/16"),
        ("2001:db8:1234:5678::1", "2001:0db8::/32"),
        ("::ffff:203.0.113.77", "203.0.0.0/16"),
        ("", "unknown"),
        ("203.0.113.77, 10.0.0.1", "unknown"),
        ("alice@example.com", "unknown"),
    ],
)
def test_an_address_is_cut_to_its_network(address: str, counted: str) -> None:
    assert network(address) == counted


@pytest.mark.parametrize(
    ("referrer", "counted"),
    [
        ("", "direct"),
        ("https://search.example/?q=alice@example.com", "search.example"),
        ("https://Search.Example:8443/x", "search.example"),
        ("https://alice:secret@other.example/", "other.example"),
        ("android-app://com.example.mail", "com.example.mail"),
        ("https://[broken", "unknown"),
        ("javascript:alert(1)", "unknown"),
        ("https://<script>/", "unknown"),
    ],
)
def test_of_a_referrer_only_the_site_is_counted(referrer: str, counted: str) -> None:
    assert host(referrer) == counted


@pytest.mark.parametrize(
    ("browser", "counted"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/156.0", "computer"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Mobile/15E148", "phone"),
        ("Mozilla/5.0 (Linux; Android 16; Pixel 10) Chrome/156.0 Mobile Safari/537.36", "phone"),
        ("Mozilla/5.0 (Linux; Android 15; SM-X910) Chrome/156.0 Safari/537.36", "tablet"),
        ("Mozilla/5.0 (iPad; CPU OS 19_0 like Mac OS X)", "tablet"),
        ("ExampleBot/2.1", "program"),
        ("", "program"),
    ],
)
def test_of_a_browser_only_the_family_of_the_device_is_counted(browser: str, counted: str) -> None:
    assert device(browser) == counted


def test_the_first_page_of_a_visit_says_where_it_came_from() -> None:
    visit = Visit("/shop/", None, "https://search.example/", "203.0.113.77", "ExampleBot")
    assert facts(visit) == [
        ("page", "/shop/"),
        ("network", "203.0.0.0/16"),
        ("referrer", "search.example"),
        ("device", "program"),
    ]


def test_every_further_page_says_which_was_before() -> None:
    visit = Visit("/cart/", "/shop/", "https://www.bizsecure.com/shop/", "203.0.113.77", "x")
    assert facts(visit) == [
        ("page", "/cart/"),
        ("network", "203.0.0.0/16"),
        ("path", "/shop/ > /cart/"),
    ]


@given(st.text(), st.text(), st.text())
def test_whatever_a_browser_says_is_counted_as_something_short(
    referrer: str, address: str, browser: str
) -> None:
    counted = facts(Visit("/", None, referrer, address, browser))
    assert [dimension for dimension, _value in counted] == ["page", "network", "referrer", "device"]
    assert all(0 < len(value) <= 100 for _dimension, value in counted)
