"""The cart of a customer who is signed in."""

from __future__ import annotations

from django.db import models

from accounts.models import Customer


class SavedCart(models.Model):
    """What a signed-in customer means to buy. It follows the customer to other devices (COOKIE-1).

    `before` is what it held before the cart of a browser was added at sign-in, kept for as long
    as that can be undone: until the cart changes again.
    """

    customer = models.OneToOneField(Customer, on_delete=models.CASCADE, related_name="saved_cart")
    contents = models.JSONField(default=list)
    before = models.JSONField(null=True)
    revision = models.PositiveIntegerField(default=0)
    updated_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"cart of {self.customer_id}"
