"""Whom messages to many may be for, as far as the shop knows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer, CustomerQuerySet
from bizsecure.store.models import HeldService, Product
from notifications.audiences import Audience, register


def _holding(facts: Mapping[str, Any]) -> CustomerQuerySet:
    held = HeldService.objects.running().filter(
        customer=OuterRef("pk"), product__slug=facts["product"]
    )
    return Customer.objects.served().filter(Exists(held))


def _product() -> Mapping[str, forms.Field]:
    products = Product.objects.order_by("name")
    field = forms.ModelChoiceField(products, to_field_name="slug", label=_("Service"))
    return {"product": field}


register(Audience("holding", _("Customers who hold a service"), _holding, _product))
