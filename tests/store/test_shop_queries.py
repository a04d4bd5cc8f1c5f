from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from bizsecure.store.cart import MOST_LINES
from tests.store.shopping import HOSTING, a_product, bring

pytestmark = pytest.mark.django_db


@pytest.fixture
def visitor() -> Client:
    return Client()


@pytest.mark.parametrize("products", [1, MOST_LINES])
def test_the_shop_asks_the_database_twice_however_much_is_for_sale(
    visitor: Client, django_assert_num_queries: DjangoAssertNumQueries, products: int
) -> None:
    bring(visitor, [[a_product(f"extra-{n}").slug, "month", 1] for n in range(products)])
    with django_assert_num_queries(2):
        visitor.get(reverse("shop"))


@pytest.mark.parametrize("products", [1, MOST_LINES])
def test_the_cart_asks_the_same_however_much_is_in_it(
    visitor: Client, django_assert_num_queries: DjangoAssertNumQueries, products: int
) -> None:
    bring(visitor, [[a_product(f"extra-{n}").slug, "month", 1] for n in range(products)])
    # Twice for what is in it, and twice for what goes with it.
    with django_assert_num_queries(4):
        visitor.get(reverse("cart"))


def test_an_empty_cart_does_not_ask_the_database(
    visitor: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        visitor.get(reverse("cart"))


def test_adding_and_changing_ask_once(
    visitor: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    form = {"product": HOSTING.slug, "period": HOSTING.period}
    with django_assert_num_queries(1):
        visitor.post(reverse("cart_add"), form)
    with django_assert_num_queries(1):
        visitor.post(reverse("cart_change"), {**form, "quantity": 2})


def test_other_pages_count_the_cart_without_the_database(
    visitor: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    bring(visitor, [[*HOSTING, 3]])
    with django_assert_num_queries(0):
        response = visitor.get(reverse("home"))
    assert response.context["cart_count"] == 3
