"""The catalogue: everything for sale, side by side, and each product on a page of its own."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from bizsecure.store.cart_cookie import keep_cart, kept_cart
from bizsecure.store.comparing import compared
from bizsecure.store.models import Kind, Product
from bizsecure.store.quotes import shelf
from bizsecure.store.whose_cart import cart_of, customer_of


@require_safe
def show_shop(request: HttpRequest) -> HttpResponse:
    """Everything for sale, with the price and what a partner would receive before one buys."""
    kept = cart_of(request)
    products = Product.objects.on_sale().with_prices(timezone.now())
    response = render(request, "store/shop.html", {"shelf": shelf(products, kept.cart)})
    # A cart with something wrong is left as it is, for the cart page to say so.
    if customer_of(request) is None and kept.is_due and not kept.remarks:
        keep_cart(response, kept_cart(request).cart)
    return response


@require_safe
def show_product(request: HttpRequest, slug: str) -> HttpResponse:
    """A product: what it is, when it works, what it costs, and who receives what."""
    products = Product.objects.with_prices(timezone.now()).prefetch_related("features")
    product = get_object_or_404(products, slug=slug)
    offers = shelf([product] if product.is_on_sale else [], cart_of(request).cart)
    context = {
        "page": "shop",
        "product": product,
        "offers": offers[0][1] if offers else [],
        "paragraphs": [line for line in product.description.splitlines() if line.strip()],
    }
    return render(request, "store/product.html", context)


@require_safe
def compare(request: HttpRequest) -> HttpResponse:
    """The hosting plans beside each other, feature by feature."""
    products = Product.objects.on_sale().filter(kind=Kind.HOSTING)
    products = products.with_prices(timezone.now()).prefetch_related("features")
    plans = shelf(products, cart_of(request).cart)
    context = {"page": "shop", "plans": plans, "rows": compared([plan for plan, _offers in plans])}
    return render(request, "store/compare.html", context)
