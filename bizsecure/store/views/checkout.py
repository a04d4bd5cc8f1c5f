"""Checking out: one page of steps, and what each of them sends."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.access import CustomerRequest, customer_required
from accounts.actors import Actor
from accounts.models import Customer
from accounts.services.personal import personal_details, update_personal_information
from bizsecure.core.errors import Refused
from bizsecure.store.checkout_page import page_of
from bizsecure.store.forms import BillingAddressForm, DraftForm, PlaceOrderForm
from bizsecure.store.models import Order
from bizsecure.store.quotes import look_up
from bizsecure.store.services.buying import buy
from bizsecure.store.services.checkout import begin_checkout, confirm_changes
from bizsecure.store.ways_to_pay import leads_to_the_provider, page_after_paying, ways_to_pay
from bizsecure.store.whose_cart import cart_of, customer_of


@never_cache
@leads_to_the_provider
@require_safe
def show_checkout(request: HttpRequest) -> HttpResponse:
    """The steps of the checkout; a visitor sees them too, and makes the account last (DATA-1)."""
    customer = customer_of(request)
    if customer is None:
        quote = look_up(cart_of(request).cart, [], timezone.now()).quote
        return render(request, "store/checkout_visitor.html", {"quote": quote})
    draft = Order.objects.drafts_of(customer).first()
    if draft is None:
        quote = look_up(cart_of(request).cart, [], timezone.now()).quote
        return render(request, "store/checkout_begin.html", {"quote": quote})
    return _checkout(request, customer, draft)


@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    """Freeze the cart and go through the steps. A visitor goes through those that need no row."""
    customer = customer_of(request)
    if customer is not None:
        try:
            begin_checkout(customer=customer, cart=cart_of(request).cart)
        except Refused as refusal:
            messages.error(request, refusal.sentence)
            return redirect("cart")
    return redirect("checkout")


@customer_required
@require_POST
def confirm(request: CustomerRequest) -> HttpResponse:
    """Go on with the prices of now, which the page showed beside the earlier ones."""
    form = DraftForm(request.POST)
    if form.is_valid():
        try:
            confirm_changes(customer=request.customer, uid=form.cleaned_data["order"])
        except Refused as refusal:
            messages.error(request, refusal.sentence)
    return redirect("checkout")


@customer_required
@require_POST
def save_address(request: CustomerRequest) -> HttpResponse:
    """Save the address for the invoice as the postal address, so that it is asked once."""
    customer = request.customer
    draft = Order.objects.drafts_of(customer).first()
    if draft is None:
        return redirect("checkout")
    known = personal_details(customer)
    form = BillingAddressForm(known, request.POST)
    if not form.is_valid():
        return _checkout(request, customer, draft, address_form=form, status=422)
    update_personal_information(
        customer=customer,
        details=form.details,
        revision=form.cleaned_data["revision"],
        actor=Actor.customer(request.user),
    )
    return redirect("checkout")


@customer_required
@leads_to_the_provider
@require_POST
def place(request: CustomerRequest) -> HttpResponse:
    """Order and pay. Sent twice, it is one order and one charge, and the same page answers."""
    customer = request.customer
    form = PlaceOrderForm(ways_to_pay(customer), request.POST)
    draft = Order.objects.drafts_of(customer).first()
    if not form.is_valid():
        if draft is None:
            return redirect("checkout")
        return _checkout(request, customer, draft, form=form, status=422)
    try:
        order = buy(
            customer=customer,
            uid=form.cleaned_data["order"],
            accepted=form.accepted,
            card=form.chosen,
            actor=Actor.customer(request.user),
        )
    except Refused as refusal:
        messages.error(request, refusal.sentence)
        return redirect("checkout")
    return redirect(page_after_paying(order))


def _checkout(
    request: HttpRequest,
    customer: Customer,
    draft: Order,
    *,
    form: PlaceOrderForm | None = None,
    address_form: BillingAddressForm | None = None,
    status: int = 200,
) -> HttpResponse:
    page = page_of(draft, timezone.now())
    known = personal_details(customer)
    initial: dict[str, Any] = {**asdict(known), "revision": customer.revision}
    ways = ways_to_pay(customer)
    context = {
        "order": draft,
        "steps": page,
        "known": known,
        "ways": ways,
        "form": address_form or form,
        "address_form": address_form or BillingAddressForm(known, initial=initial),
        "place_form": form or PlaceOrderForm(ways, initial=page.shown),
    }
    return render(request, "store/checkout.html", context, status=status)
