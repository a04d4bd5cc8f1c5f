from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import ProtectedError
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from time_machine import Traveller

from accounts.models import User
from bizsecure.store.first_words import FIRST_WORDS, spoken
from bizsecure.store.models import Price, Product
from tests.pages.browsing import signed_in_as
from tests.store.shopping import a_price, a_product

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def current_amounts(product: Product) -> list[Decimal]:
    prices = Price.objects.current(timezone.now()).filter(product=product)
    return list(prices.in_order().values_list("amount", flat=True))


def test_the_first_catalogue_names_the_partners_and_what_they_receive() -> None:
    partners = Product.objects.exclude(delivered_by="").order_by("delivered_by")
    assert [product.delivered_by for product in partners] == ["GeoTrust", "ScanAlert"]
    assert {product.partner_receives for product in partners} == {
        "your name, e-mail address and billing address"
    }


def test_what_the_first_catalogue_says_is_said_in_every_language() -> None:
    said = {
        words
        for product in Product.objects.prefetch_related("features")
        for words in (
            *(product.summary, product.availability, product.partner_receives),
            *product.description.splitlines(),
            *(words for each in product.features.all() for words in (each.name, each.value)),
        )
        # Figures are figures in every language.
        if words and not re.fullmatch(r"\d+( [GT]B)?", words)
    }
    assert said == FIRST_WORDS


def test_what_staff_write_is_shown_as_they_wrote_it() -> None:
    with translation.override("es"):
        assert spoken("Space") == "Espacio"
        assert spoken("Read") == "Read"


def test_everything_in_the_first_catalogue_has_a_price() -> None:
    products = Product.objects.on_sale().with_prices(timezone.now())
    assert len(products) == 7
    assert all(product.prices.all() for product in products)


def test_the_current_price_is_the_latest_that_has_begun(clock: Traveller) -> None:
    product = a_product("box", "10.00")
    a_price(product, "12.00", timezone.now() + DAY)
    a_price(product, "100.00", timezone.now(), "year")
    assert current_amounts(product) == [Decimal("10.00"), Decimal("100.00")]
    clock.shift(DAY)
    assert current_amounts(product) == [Decimal("12.00"), Decimal("100.00")]


def test_a_price_counts_from_its_first_instant(clock: Traveller) -> None:
    product = a_product("box", since=timezone.now() + DAY)
    clock.shift(DAY - timedelta(microseconds=1))
    assert current_amounts(product) == []
    clock.shift(timedelta(microseconds=1))
    assert current_amounts(product) == [Decimal("10.00")]


def test_what_something_once_cost_stays_written() -> None:
    product = a_product("box")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        product.prices.update(amount=Decimal("1.00"))
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        product.prices.all().delete()


def test_a_product_with_a_price_cannot_be_deleted() -> None:
    with pytest.raises(ProtectedError):
        a_product("box").delete()


@pytest.mark.parametrize(
    "wrong", [{"amount": Decimal(0)}, {"amount": Decimal(-1)}, {"period": "week"}]
)
def test_the_database_refuses_a_price_that_is_none(wrong: dict[str, Any]) -> None:
    facts = {"amount": Decimal(1), "period": "year", "valid_from": timezone.now(), **wrong}
    product = a_product("box")
    with pytest.raises(IntegrityError), transaction.atomic():
        Price.objects.create(product=product, **facts)


def test_the_database_refuses_a_product_of_no_kind() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Product.objects.create(slug="box", name="Box", summary="Text.", kind="boat")


def test_a_product_has_one_price_from_one_moment_on() -> None:
    moment = timezone.now()
    product = a_product("box", since=moment)
    with pytest.raises(IntegrityError), transaction.atomic():
        a_price(product, "11.00", moment)


@pytest.mark.parametrize(
    ("partner", "receives"), [("GeoTrust", ""), ("", "your name and billing address")]
)
def test_no_partner_delivers_without_saying_what_it_receives(partner: str, receives: str) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Product.objects.create(
            slug="box", name="Box", kind="backup", delivered_by=partner, partner_receives=receives
        )


@pytest.fixture
def staff(carol: User) -> Client:
    carol.is_superuser = True
    carol.save(update_fields=["is_superuser"])
    return signed_in_as(carol)


def form(product: Product, **price: object) -> dict[str, object]:
    fields = (
        *("name", "summary", "kind", "delivered_by", "partner_receives", "position"),
        *("description", "availability", "largest_quantity"),
    )
    existing = product.prices.count()
    return {
        **{name: getattr(product, name) for name in fields},
        "is_on_sale": "on",
        "features-INITIAL_FORMS": 0,
        "features-TOTAL_FORMS": 0,
        "prices-INITIAL_FORMS": existing,
        "prices-TOTAL_FORMS": existing + 1,
        **{f"prices-{n}-id": price.pk for n, price in enumerate(product.prices.order_by("pk"))},
        **{f"prices-{existing}-{name}": value for name, value in price.items()},
    }


def test_staff_add_a_price_that_counts_at_once(staff: Client) -> None:
    product = a_product("box", since=timezone.now() - DAY)
    address = reverse("admin:store_product_change", args=[product.pk])
    response = staff.post(address, form(product, amount="12.50", period="month"))
    assert response.status_code == 302, response.context["errors"]
    assert current_amounts(product) == [Decimal("12.50")]
    assert product.prices.count() == 2


def test_staff_cannot_let_a_price_begin_in_the_past(staff: Client) -> None:
    product = a_product("box")
    address = reverse("admin:store_product_change", args=[product.pk])
    facts = {"amount": "12.50", "period": "month"}
    past = {"valid_from_0": "2020-01-01", "valid_from_1": "00:00:00"}
    response = staff.post(address, form(product, **facts, **past))
    assert "A price cannot begin in the past" in response.content.decode()
    assert product.prices.count() == 1


def test_staff_see_old_prices_and_cannot_change_them(staff: Client) -> None:
    product = a_product("box", "10.00")
    address = reverse("admin:store_product_change", args=[product.pk])
    text = staff.get(address).content.decode()
    assert "10.00" in text
    assert 'name="prices-0-amount"' not in text
    staff.post(address, {**form(product), "prices-0-amount": "1.00", "prices-0-DELETE": "on"})
    assert current_amounts(product) == [Decimal("10.00")]


def test_staff_retire_a_product_and_do_not_delete_it(staff: Client) -> None:
    product = a_product("box")
    assert staff.post(reverse("admin:store_product_delete", args=[product.pk])).status_code == 403
    address = reverse("admin:store_product_change", args=[product.pk])
    facts = {name: value for name, value in form(product).items() if name != "is_on_sale"}
    assert staff.post(address, {**facts, "slug": "renamed"}).status_code == 302
    product.refresh_from_db()
    assert (product.is_on_sale, product.slug) == (False, "box")
