from __future__ import annotations

import random
from http.cookies import SimpleCookie
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory

from bizsecure.core.cookies import LARGEST_VALUE
from bizsecure.store.cart import Cart, CartLine
from bizsecure.store.cart_cookie import CART_COOKIE, keep_cart, kept_cart
from tests.store.shopping import (
    CERTIFICATE,
    HOSTING,
    HOSTING_FOR_A_YEAR,
    bring,
    contents,
    page,
    put,
    set_quantity,
)

DAY = 24 * 60 * 60
DAMAGED = "Your saved cart was damaged, so it starts empty."
UNREADABLE = "Part of your saved cart could not be read, so we left that part out."
EMPTY = "Your cart is empty"

pytestmark = pytest.mark.django_db


@pytest.fixture
def visitor() -> Client:
    return Client()


def test_a_cart_that_was_kept_is_shown_again(visitor: Client) -> None:
    bring(visitor, [[*HOSTING, 3]])
    text = page(visitor, "cart")
    assert "Shared hosting" in text
    assert 'value="3"' in text
    assert 'class="status' not in text


def test_a_flipped_bit_at_any_position_drops_the_cart_with_one_remark() -> None:
    response = HttpResponse()
    keep_cart(response, Cart((CartLine(HOSTING, 3),)))
    content = response.cookies[CART_COOKIE.key].value
    for position, character in enumerate(content):
        for bit in range(7):
            request = RequestFactory().get("/")
            flipped = chr(ord(character) ^ 1 << bit)
            request.COOKIES["cart"] = content[:position] + flipped + content[position + 1 :]
            kept = kept_cart(request)
            assert kept.cart == Cart()
            assert [str(remark.message({})) for remark in kept.remarks] == [DAMAGED]


def test_a_damaged_cart_is_remarked_once_and_then_forgotten(visitor: Client) -> None:
    bring(visitor, [[*HOSTING, 3]])
    visitor.cookies["cart"] = f"{visitor.cookies['cart'].value}x"
    first, second = page(visitor, "cart"), page(visitor, "cart")
    assert (first.count(DAMAGED), second.count(DAMAGED)) == (1, 0)
    assert EMPTY in first


def test_a_damaged_cart_does_not_stand_in_the_way_of_a_new_one(visitor: Client) -> None:
    visitor.cookies["cart"] = "damaged"
    text = put(visitor, HOSTING)
    assert DAMAGED in text
    assert contents(visitor) == [[*HOSTING, 1]]


def test_a_cookie_signed_for_another_purpose_is_no_cart(visitor: Client) -> None:
    bring(visitor, [[*HOSTING, 1]], salt="accounts.remembered")
    assert DAMAGED in page(visitor, "cart")


@pytest.mark.parametrize("size", [LARGEST_VALUE + 1, 4097, 60_000])
def test_an_oversized_cookie_is_dropped_with_a_remark(visitor: Client, size: int) -> None:
    visitor.cookies["cart"] = "x" * size
    assert "Your saved cart was too large to be ours" in page(visitor, "cart")


def test_ten_thousand_items_are_too_large_to_be_ours(visitor: Client) -> None:
    bring(visitor, [[f"product-{number}", "month", 1] for number in range(10_000)])
    assert "Your saved cart was too large to be ours" in page(visitor, "cart")


def test_a_cart_in_an_older_form_is_dropped_with_a_remark(visitor: Client) -> None:
    bring(visitor, {"shared-hosting": 1}, version=0)
    assert "Your saved cart was in an older form" in page(visitor, "cart")


def test_a_cart_is_kept_for_thirty_days(visitor: Client) -> None:
    bring(visitor, [[*HOSTING, 1]], age=30 * DAY - 60)
    assert "Shared hosting" in page(visitor, "cart")
    bring(visitor, [[*HOSTING, 1]], age=30 * DAY + 60)
    assert "Your saved cart was older than 30 days" in page(visitor, "cart")


@pytest.mark.parametrize("name", ["cart", "shop"])
def test_the_thirty_days_begin_anew_with_a_visit(visitor: Client, name: str) -> None:
    bring(visitor, [[*HOSTING, 1]], age=29 * DAY)
    page(visitor, name)
    assert visitor.cookies["cart"]["max-age"] == 30 * DAY
    assert contents(visitor) == [[*HOSTING, 1]]


@pytest.mark.parametrize("name", ["cart", "shop"])
def test_a_page_that_is_looked_at_again_leaves_the_cookie_alone(visitor: Client, name: str) -> None:
    # A slow page must not put back the cart as it was before another window added to it.
    bring(visitor, [[*HOSTING, 1]], age=DAY - 60)
    page(visitor, name)
    assert visitor.cookies["cart"]["max-age"] == ""


@pytest.mark.parametrize(
    "packed",
    [None, True, 1, 1.5, "text", {}, {"lines": [[*HOSTING, 1]]}, [[]], [None], [[HOSTING, 1]]],
    ids=repr,
)
def test_other_types_than_ours_are_left_out_with_one_remark(visitor: Client, packed: Any) -> None:
    bring(visitor, packed)
    text = page(visitor, "cart")
    assert text.count(UNREADABLE) == 1
    assert EMPTY in text


@pytest.mark.parametrize("quantity", [0, -1, 100, 10**9, 1.5, float("nan"), True, "1", None])
def test_a_line_without_a_proper_quantity_is_left_out(visitor: Client, quantity: Any) -> None:
    bring(visitor, [[*HOSTING, quantity], [*CERTIFICATE, 2]])
    text = page(visitor, "cart")
    assert text.count(UNREADABLE) == 1
    assert contents(visitor) == [[*CERTIFICATE, 2]]


def test_a_price_inside_the_cookie_is_never_used(visitor: Client) -> None:
    bring(visitor, [[*HOSTING, 1, "0.01"]])
    text = page(visitor, "cart")
    assert EMPTY in text
    assert "$0.01" not in text


def test_the_pages_between_say_nothing_and_leave_the_remark_to_the_cart(visitor: Client) -> None:
    bring(visitor, [[*HOSTING, -1]])
    assert UNREADABLE not in page(visitor, "shop")
    assert UNREADABLE in page(visitor, "cart")


def test_two_carts_of_one_name_are_no_error(visitor: Client) -> None:
    bring(visitor, [[*HOSTING, 1]])
    good = visitor.cookies["cart"].value
    for header in (f"cart={good}; cart={good}", f"cart=x; cart={good}", f"cart={good}; cart=x"):
        assert Client(headers={"cookie": header}).get("/cart/").status_code == 200


def test_two_browsers_have_two_carts() -> None:
    one, other = Client(), Client()
    put(one, HOSTING)
    put(other, CERTIFICATE)
    set_quantity(other, CERTIFICATE, 2)
    assert contents(one) == [[*HOSTING, 1]]
    assert contents(other) == [[*CERTIFICATE, 2]]


def test_two_windows_of_one_browser_add_to_one_cart(visitor: Client) -> None:
    page(visitor, "shop")
    put(visitor, HOSTING)
    put(visitor, HOSTING_FOR_A_YEAR)
    assert contents(visitor) == [[*HOSTING, 1], [*HOSTING_FOR_A_YEAR, 1]]


def test_an_empty_cart_needs_no_cookie(visitor: Client) -> None:
    put(visitor, HOSTING)
    set_quantity(visitor, HOSTING, 0)
    assert visitor.cookies["cart"].value == ""
    assert visitor.cookies["cart"]["max-age"] == 0


def test_nothing_random_brings_the_cart_down(visitor: Client) -> None:
    bring(visitor, [[*HOSTING, 1]])
    good = visitor.cookies["cart"].value
    for seed in range(200):
        chance = random.Random(seed)
        cut = chance.randrange(len(good))
        noise = "".join(chr(chance.randrange(33, 127)) for _ in range(chance.randrange(40)))
        visitor.cookies = SimpleCookie()
        visitor.cookies["cart"] = good[:cut] + noise
        assert visitor.get("/cart/").status_code == 200
