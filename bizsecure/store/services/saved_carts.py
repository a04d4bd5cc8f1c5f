"""The cart that is saved with an account."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from accounts.models import Customer
from bizsecure.store.cart import Cart, Merged, merged, pack, unpack, without
from bizsecure.store.models import SavedCart
from bizsecure.store.services.moving import hold


@transaction.atomic
def save_change(
    *, customer: Customer, brought: Cart, change: Callable[[Cart], Cart], now: datetime
) -> Cart:
    """Change the saved cart, and return what of the browser's cart did not fit into it.

    The change is made on what is saved in that moment, so two windows never overwrite each
    other. Refused as the change is; then nothing is saved.
    """
    saved = _held(customer, now)
    merge = merged(unpack(saved.contents)[0], brought)
    cart = change(merge.cart)
    _save(saved, cart, now)
    return merge.left


@transaction.atomic
def merge_at_sign_in(*, customer: Customer, brought: Cart, now: datetime) -> Merged:
    """Add the cart of the browser to the saved one, such that it can be undone."""
    saved = _held(customer, now)
    before = saved.contents
    merge = merged(unpack(before)[0], brought)
    if merge.added:
        _save(saved, merge.cart, now, before=before)
    return merge


@transaction.atomic
def undo_merge(*, customer: Customer, revision: int, now: datetime) -> bool:
    """Put the cart back as it was before the sign-in; return False if it has changed since."""
    saved = _held(customer, now)
    if saved.before is None or saved.revision != revision:
        return False
    _save(saved, unpack(saved.before)[0], now)
    return True


@transaction.atomic
def take_out(*, customer: Customer, bought: Cart, now: datetime) -> None:
    """Take what was ordered out of the saved cart. What was added meanwhile stays."""
    saved = _held(customer, now)
    _save(saved, without(unpack(saved.contents)[0], bought), now)


@transaction.atomic
def put_back(*, customer: Customer, given_up: Cart, now: datetime) -> None:
    """Put what was ordered and not paid back into the saved cart."""
    saved = _held(customer, now)
    _save(saved, merged(unpack(saved.contents)[0], given_up).cart, now)


def _held(customer: Customer, now: datetime) -> SavedCart:
    """The saved cart, made if need be, under the customer's lock."""
    hold(customer_id=customer.pk)
    saved, _made = SavedCart.objects.get_or_create(customer=customer, defaults={"updated_at": now})
    return saved


def _save(
    saved: SavedCart, cart: Cart, now: datetime, *, before: list[list[str | int]] | None = None
) -> None:
    saved.contents, saved.before = pack(cart), before
    saved.revision += 1
    saved.updated_at = now
    saved.save(update_fields=["contents", "before", "revision", "updated_at"])
