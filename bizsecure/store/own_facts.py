"""What the shop tells customers of their own, beside the sections of a policy."""

from __future__ import annotations

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Customer
from bizsecure.store.cart import unpack
from bizsecure.store.models import SavedCart
from consent.beside import Fact, tells
from consent.notes import Topic


def _cart(customer: Customer, now: datetime) -> Fact:
    saved = SavedCart.objects.filter(customer=customer).first()
    number = unpack(saved.contents if saved else [])[0].count
    if number:
        text = ngettext(
            "One thing is in the cart that we keep for you.",
            "%(number)s things are in the cart that we keep for you.",
            number,
        ) % {"number": number}
    else:
        text = _("The cart that we keep for you is empty.")
    return Fact(text, reverse("cart"), _("See your cart"))


tells(Topic.CART, _cart)
