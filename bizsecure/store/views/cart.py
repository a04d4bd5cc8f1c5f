"""The cart, of visitors and of customers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.messages import get_messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.access import CustomerRequest, customer_required
from accounts.actors import Actor
from bizsecure.core.errors import Refused
from bizsecure.store.cart import LARGEST_QUANTITY, Cart
from bizsecure.store.cart_cookie import keep_cart, kept_cart
from bizsecure.store.forms import ItemForm, QuantityForm, UndoForm
from bizsecure.store.quotes import Found, look_up
from bizsecure.store.remarks import News, Remark, drop_remarks, leave_remarks, waiting_remarks
from bizsecure.store.services.cart import put_into_cart, set_quantity
from bizsecure.store.services.saved_carts import undo_merge
from bizsecure.store.suggesting import NO_SUGGESTIONS, USE, are_wanted, suggestions_for
from bizsecure.store.whose_cart import Change, cart_of, customer_of, keep, undoable
from consent.services.choosing import set_switches


@never_cache
@require_safe
def show_cart(request: HttpRequest) -> HttpResponse:
    """The cart at today's prices, mended and remarked where what was kept is no longer right."""
    kept, customer, now = cart_of(request), customer_of(request), timezone.now()
    gone_is = News.UNSOLD if customer else News.GONE
    remarks = [*waiting_remarks(request), *kept.remarks]
    found = look_up(kept.cart, remarks, now, gone_is=gone_is)
    facts = {
        "quote": found.quote,
        "gone": found.gone if customer else (),
        "undoable": undoable(customer),
        "cart_count": found.cart.count,
        "messages": [*get_messages(request), *found.said],
        "largest_quantity": LARGEST_QUANTITY,
        **_suggestions(request, found, now),
    }
    response = render(request, "store/cart.html", facts)
    if customer is None and (kept.is_due or kept.remarks or found.cart != kept.cart):
        keep_cart(response, found.cart)
    drop_remarks(request, response)
    return response


@require_POST
def add_to_cart(request: HttpRequest) -> HttpResponse:
    """Put an item into the cart. Sent twice, it is in the cart once all the same."""
    form = ItemForm(request.POST)
    if not form.is_valid():
        return _back_to_cart(request, remark=form.remark)
    now = timezone.now()

    def added(cart: Cart) -> Cart:
        return put_into_cart(cart=cart, item=form.item, now=now)

    return _back_to_cart(request, added, remark=Remark(News.ADDED, form.item.slug))


@require_POST
def change_cart(request: HttpRequest) -> HttpResponse:
    """Set how many of an item are in the cart, none to take it out. Sent twice, it is the same."""
    form = QuantityForm(request.POST)
    if not form.is_valid():
        return _back_to_cart(request, remark=form.remark)
    quantity = form.cleaned_data["quantity"]

    def changed(cart: Cart) -> Cart:
        return set_quantity(cart=cart, item=form.item, quantity=quantity)

    news = News.CHANGED if quantity else News.REMOVED
    return _back_to_cart(request, changed, remark=Remark(news, form.item.slug))


@customer_required
@require_POST
def undo_sign_in(request: CustomerRequest) -> HttpResponse:
    """Put the cart back as it was before the sign-in added the browser's."""
    form = UndoForm(request.POST)
    undone = form.is_valid() and undo_merge(
        customer=request.customer, revision=form.cleaned_data["revision"], now=timezone.now()
    )
    response = redirect("cart")
    leave_remarks(response, [Remark(News.UNDONE if undone else News.NOT_UNDONE)])
    return response


@require_POST
def switch_suggestions(request: HttpRequest) -> HttpResponse:
    """Switch suggestions on or off: in the browser of a visitor, as a choice of a customer."""
    wanted, customer = request.POST.get("wanted") == "yes", customer_of(request)
    response = redirect("cart")
    if customer is not None:
        actor = Actor.customer(customer.user)
        set_switches(customer=customer, switches={USE: wanted}, actor=actor)
    elif wanted:
        NO_SUGGESTIONS.clear(response)
    else:
        NO_SUGGESTIONS.write(response, "no")
    return response


def _suggestions(request: HttpRequest, found: Found, now: datetime) -> dict[str, Any]:
    customer = customer_of(request)
    if not are_wanted(request, customer, now):
        return {"suggestions_off": True}
    return {"suggestions": suggestions_for(customer, found.cart, now)}


def _unchanged(cart: Cart) -> Cart:
    return cart


def _back_to_cart(
    request: HttpRequest, change: Change = _unchanged, *, remark: Remark
) -> HttpResponse:
    """Keep the changed cart and show it, with the remark; a refusal is said in its place."""
    now = timezone.now()
    try:
        keep_in_browser = keep(request, change, now)
    except Refused as refusal:
        remark = Remark(refusal.reason, remark.slug)
        keep_in_browser = keep(request, _unchanged, now)
    response = redirect("cart")
    keep_in_browser(response)
    leave_remarks(response, [*waiting_remarks(request), *kept_cart(request).remarks, remark])
    return response
