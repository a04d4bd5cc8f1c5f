from __future__ import annotations

from datetime import timedelta
from http.cookies import SimpleCookie

import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from time_machine import Traveller

from accounts.models import Customer
from bizsecure.store.cart import MOST_LINES, Item
from bizsecure.store.models import Product
from bizsecure.store.remarks import REMARKS_COOKIE, SENTENCES, SUBJECTS
from tests.store.shopping import (
    CERTIFICATE,
    HOSTING,
    HOSTING_FOR_A_YEAR,
    a_price,
    a_product,
    bring,
    contents,
    page,
    put,
    set_quantity,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def visitor() -> Client:
    return Client()


def rows() -> dict[str, int]:
    return {model.__name__: model._base_manager.count() for model in apps.get_models()}


def test_the_shop_shows_what_is_for_sale_with_its_prices(visitor: Client) -> None:
    text = page(visitor, "shop")
    for words in ("Shared hosting", "$8.00", "$84.00", "Domain name", "Daily backups"):
        assert words in text


def test_what_a_partner_receives_is_said_before_one_buys(visitor: Client) -> None:
    said = "When you buy it, GeoTrust receives your name, e-mail address and billing address."
    assert said in page(visitor, "shop")
    assert said in put(visitor, CERTIFICATE)


def test_a_product_that_is_off_sale_is_not_shown(visitor: Client) -> None:
    Product.objects.filter(slug="domain-name").update(is_on_sale=False)
    assert "domain-name" not in page(visitor, "shop")


def test_a_product_without_a_price_yet_is_not_shown(visitor: Client) -> None:
    a_product("tomorrow", since=timezone.now() + timedelta(days=1))
    assert "Tomorrow" not in page(visitor, "shop")


def test_a_shop_without_products_says_so(visitor: Client) -> None:
    Product.objects.update(is_on_sale=False)
    assert "Nothing is for sale today" in page(visitor, "shop")


def test_what_is_added_is_shown_with_its_total(visitor: Client) -> None:
    text = put(visitor, HOSTING)
    assert "In your cart: Shared hosting." in text
    assert "$8.00" in text
    assert "Continue shopping" in text


def test_the_same_form_sent_twice_puts_one_into_the_cart(visitor: Client) -> None:
    put(visitor, HOSTING)
    put(visitor, HOSTING)
    assert contents(visitor) == [[*HOSTING, 1]]


def test_adding_again_from_an_old_page_keeps_the_quantity(visitor: Client) -> None:
    put(visitor, HOSTING)
    set_quantity(visitor, HOSTING, 5)
    put(visitor, HOSTING)
    assert contents(visitor) == [[*HOSTING, 5]]


def test_a_change_sent_twice_is_the_same_as_once(visitor: Client) -> None:
    put(visitor, HOSTING)
    for _ in range(2):
        text = set_quantity(visitor, HOSTING, 3)
        assert "Quantity saved: Shared hosting." in text
        assert contents(visitor) == [[*HOSTING, 3]]


def test_a_removal_sent_twice_is_the_same_as_once(visitor: Client) -> None:
    put(visitor, HOSTING)
    for _ in range(2):
        text = set_quantity(visitor, HOSTING, 0)
        assert "Taken out of your cart: Shared hosting." in text
        assert contents(visitor) == []


def test_the_totals_say_what_is_paid_now_each_month_and_each_year(visitor: Client) -> None:
    a_price(Product.objects.get(slug="domain-name"), "20.00", timezone.now(), "once")
    bring(visitor, [[*HOSTING, 3], [*CERTIFICATE, 2], ["domain-name", "once", 1]])
    text = " ".join(page(visitor, "cart").split())
    assert 'First payment</dt> <dd class="num"> $242.00' in text
    assert 'Then each month</dt> <dd class="num">$24.00' in text
    assert 'Then each year</dt> <dd class="num">$198.00' in text


def test_what_is_in_the_cart_is_marked_in_the_shop(visitor: Client) -> None:
    put(visitor, HOSTING_FOR_A_YEAR)
    assert page(visitor, "shop").count("In your cart") == 1


@pytest.mark.parametrize(
    "quantity", ["-1", "100", "1.5", "1e9", "NaN", "true", "", "x", "9" * 5000, "1\x00", "١٢٣"]
)
def test_a_quantity_that_is_none_is_told_and_changes_nothing(
    visitor: Client, quantity: str
) -> None:
    put(visitor, HOSTING)
    text = set_quantity(visitor, HOSTING, quantity)
    assert "The quantity must be a whole number from 1 to 99: Shared hosting." in text
    assert contents(visitor) == [[*HOSTING, 1]]


@pytest.mark.parametrize(
    "item",
    [
        Item("unknown", "month"),
        Item("domain-name", "month"),
        Item("shared-hosting", "fortnight"),
        Item("", ""),
        Item("x" * 100_000, "month"),
        Item("a\x00b", "month"),
        Item("<script>alert(1)</script>", "month"),
        Item("' OR 1=1--", "year"),
    ],
    ids=lambda item: item.slug[:12],
)
def test_what_is_not_for_sale_is_told_and_not_added(visitor: Client, item: Item) -> None:
    text = put(visitor, item)
    assert "Not for sale, so not put into your cart" in text
    assert "<script>alert" not in text
    assert contents(visitor) == []


def test_forms_without_their_fields_change_nothing(visitor: Client) -> None:
    put(visitor, HOSTING)
    for name in ("cart_add", "cart_change"):
        for data in ({}, {"product": "shared-hosting"}, {"quantity": "2"}):
            assert visitor.post(reverse(name), data).status_code == 302
    assert contents(visitor) == [[*HOSTING, 1]]


def test_a_full_cart_says_that_it_is_full(visitor: Client) -> None:
    products = [a_product(f"extra-{number}") for number in range(MOST_LINES)]
    bring(visitor, [[product.slug, "month", 1] for product in products])
    assert "Your cart holds up to 20 different products." in put(visitor, HOSTING)
    assert len(contents(visitor)) == MOST_LINES


def test_a_line_removed_in_another_window_is_not_brought_back(visitor: Client) -> None:
    put(visitor, HOSTING)
    assert "No longer in your cart" in set_quantity(visitor, CERTIFICATE, 2)
    assert contents(visitor) == [[*HOSTING, 1]]


def test_a_retired_product_is_taken_out_and_named(visitor: Client) -> None:
    bring(visitor, [[*HOSTING, 1], [*CERTIFICATE, 2]])
    Product.objects.filter(slug=HOSTING.slug).update(is_on_sale=False)
    text = page(visitor, "cart")
    assert text.count("No longer for sale, so taken out of your cart: Shared hosting.") == 1
    assert contents(visitor) == [[*CERTIFICATE, 2]]
    assert "No longer for sale" not in page(visitor, "cart")


def test_an_unknown_product_is_taken_out(visitor: Client) -> None:
    bring(visitor, [["never-sold", "month", 1]])
    assert "taken out of your cart: a product we do not know." in page(visitor, "cart")
    assert contents(visitor) == []


def test_the_cart_shows_the_price_of_today_and_not_that_of_yesterday(
    visitor: Client, clock: Traveller
) -> None:
    put(visitor, HOSTING)
    a_price(Product.objects.get(slug=HOSTING.slug), "9.50", timezone.now() + timedelta(days=1))
    assert "$8.00" in page(visitor, "cart")
    clock.shift(timedelta(days=1))
    text = page(visitor, "cart")
    assert "$9.50" in text
    assert "$8.00" not in text


def test_a_remark_is_said_once(visitor: Client) -> None:
    assert "In your cart: Shared hosting." in put(visitor, HOSTING)
    assert "In your cart: Shared hosting." not in page(visitor, "cart")


def test_a_remark_that_nobody_read_is_not_said_later(visitor: Client, clock: Traveller) -> None:
    visitor.post(reverse("cart_add"), {"product": HOSTING.slug, "period": HOSTING.period})
    clock.shift(timedelta(minutes=2))
    assert 'class="status' not in page(visitor, "cart")


@pytest.mark.parametrize("content", ["x", "", "x" * 5000])
def test_remarks_that_a_stranger_wrote_are_not_said(visitor: Client, content: str) -> None:
    visitor.cookies[REMARKS_COOKIE.key] = content
    assert 'class="status' not in page(visitor, "cart")


def test_every_remark_has_a_name_of_its_own() -> None:
    assert len(SUBJECTS) == len(SENTENCES)


def test_a_visitor_who_shops_leaves_no_row_behind(visitor: Client) -> None:
    before = rows()
    put(visitor, HOSTING)
    put(visitor, Item("unknown", "month"))
    set_quantity(visitor, HOSTING, 4)
    visitor.cookies["cart"] = "damaged"
    page(visitor, "cart")
    put(visitor, CERTIFICATE)
    assert rows() == before
    assert set(visitor.cookies) == {"cart", REMARKS_COOKIE.key, "csrf"}


def test_the_cookie_holds_nothing_about_the_person(alice: Customer, visitor: Client) -> None:
    put(visitor, HOSTING)
    assert alice.user is not None
    visitor.force_login(alice.user)
    page(visitor, "cart")
    assert contents(visitor) == [[*HOSTING, 1]]


def test_the_cart_outlives_signing_in_and_out(alice: Customer, visitor: Client) -> None:
    assert alice.user is not None
    put(visitor, HOSTING)
    visitor.force_login(alice.user)
    assert "Shared hosting" in page(visitor, "cart")
    visitor.post(reverse("account_logout"))
    assert "Shared hosting" in page(visitor, "cart")


@pytest.mark.parametrize("name", ["shop", "cart"])
def test_looking_changes_nothing(visitor: Client, name: str) -> None:
    put(visitor, HOSTING)
    before = rows(), contents(visitor)
    visitor.get(reverse(name), {"product": CERTIFICATE.slug, "period": "year", "quantity": "9"})
    assert (rows(), contents(visitor)) == before
    assert visitor.post(reverse(name)).status_code == 405


@pytest.mark.parametrize("name", ["cart_add", "cart_change"])
def test_forms_are_sent_and_not_opened(visitor: Client, name: str) -> None:
    assert visitor.get(reverse(name)).status_code == 405


@pytest.mark.parametrize("name", ["shop", "cart"])
def test_no_cache_shows_one_visitor_what_another_one_chose(visitor: Client, name: str) -> None:
    put(visitor, HOSTING)
    response = visitor.get(reverse(name))
    assert "Cookie" in response.get("Vary", "") or "no-store" in response.get("Cache-Control", "")


def test_without_cookies_the_page_says_why_the_cart_does_not_work() -> None:
    client = Client(enforce_csrf_checks=True)
    client.get(reverse("shop"))
    client.cookies = SimpleCookie()
    response = client.post(reverse("cart_add"), {"product": HOSTING.slug, "period": HOSTING.period})
    assert response.status_code == 403
    assert "cookies" in response.content.decode()


def test_without_cookies_the_shop_can_still_be_read() -> None:
    for name in ("shop", "cart"):
        assert Client().get(reverse(name)).status_code == 200


def test_the_count_beside_the_cart_is_of_what_is_for_sale(visitor: Client) -> None:
    bring(visitor, [[*HOSTING, 3], ["never-sold", "month", 9]])
    response = visitor.get(reverse("cart"))
    assert response.context["cart_count"] == 3
