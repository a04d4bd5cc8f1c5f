"""Of whom the next pass asks again whether they are to be told."""

from __future__ import annotations

from django.db import models


class Revisit(models.Model):
    """That something about a customer changed on which it depends who is told of a change.

    Triggers write a row each time (notifications/revisiting.py); the pass that asks takes it away.
    """

    # No foreign key: a row lives until the next pass, and customers stay.
    customer = models.BigIntegerField()
    taken = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"{self.customer}{' taken' if self.taken else ''}"
