"""A visitor who shops, and the catalogue the visitor sees."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from html import unescape
from typing import Any

from django.core.signing import Signer
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from bizsecure.store.cart import Item, pack, unpack
from bizsecure.store.cart_cookie import CART_COOKIE
from bizsecure.store.models import Price, Product

HOSTING = Item("shared-hosting", "month")
HOSTING_FOR_A_YEAR = Item("shared-hosting", "year")
CERTIFICATE = Item("geotrust-certificate", "year")


def a_product(slug: str, amount: str = "10.00", *, since: datetime | None = None) -> Product:
    """Put one more product on sale, by the month."""
    product = Product.objects.create(slug=slug, name=slug.title(), summary="Text.", kind="backup")
    a_price(product, amount, since or timezone.now())
    return product


def a_price(product: Product, amount: str, since: datetime, period: str = "month") -> Price:
    """Give a product a price from a moment on."""
    return Price.objects.create(
        product=product, amount=Decimal(amount), period=period, valid_from=since
    )


def put(client: Client, item: Item) -> str:
    """Put an item into the visitor's cart and return the page that is shown."""
    return page(client, "cart_add", product=item.slug, period=item.period)


def set_quantity(client: Client, item: Item, quantity: object) -> str:
    """Say how many are wanted and return the page that is shown."""
    return page(client, "cart_change", product=item.slug, period=item.period, quantity=quantity)


def page(client: Client, name: str, **data: object) -> str:
    """Return the text of a page, or of the page shown after a form was sent."""
    address = reverse(name)
    response = client.post(address, data, follow=True) if data else client.get(address)
    assert response.status_code == 200
    return unescape(response.content.decode())


def contents(client: Client) -> list[list[str | int]]:
    """Return what the visitor's cookie says is in the cart."""
    cookie = client.cookies.get(CART_COOKIE.key)
    if not cookie or not cookie.value:
        return []
    _version, _written_at, packed = Signer(salt=CART_COOKIE.salt).unsign_object(cookie.value)
    return pack(unpack(packed)[0])


def bring(client: Client, packed: Any, *, age: int = 0, version: int = 1, salt: str = "") -> None:
    """Let the visitor come with a cookie that we signed `age` seconds ago."""
    written_at = int(timezone.now().timestamp()) - age
    signer = Signer(salt=salt or CART_COOKIE.salt)
    client.cookies[CART_COOKIE.key] = signer.sign_object([version, written_at, packed])
