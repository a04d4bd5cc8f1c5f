"""The key under which the ledgers keep what is personal of a customer."""

from __future__ import annotations

from django.db import models

from accounts.models.customers import Customer
from bizsecure.core.shredding import DestroyableKey, destroyable_key_constraints


class CustomerKey(DestroyableKey):
    """A customer's key. Destroying it makes what the ledgers keep of them unreadable."""

    customer = models.OneToOneField(Customer, on_delete=models.PROTECT, related_name="data_key")

    class Meta:
        constraints = destroyable_key_constraints("customer_key")

    def __str__(self) -> str:
        return f"key of {self.customer_id}"
