"""A code by which a customer without a sign-in gets one (OPT-4)."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models.customers import Customer
from accounts.models.users import User

MOST_TRIES = 5


class ClaimCodeQuerySet(models.QuerySet["ClaimCode"]):
    """Questions about codes."""

    def usable(self, now: datetime) -> ClaimCodeQuerySet:
        """Codes that may still be tried, of customers who still have no sign-in."""
        return self.filter(
            used_at__isnull=True,
            replaced_at__isnull=True,
            expires_at__gt=now,
            tries__lt=MOST_TRIES,
            customer__user__isnull=True,
        )


class ClaimCode(models.Model):
    """A code that staff gave to a customer. Kept as a keyed digest: of no use to a reader."""

    class Way(models.TextChoices):
        LETTER = "letter", _("by letter to the postal address on file")
        BILLING = "billing", _("given by the billing department")

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="claim_codes")
    code_digest = models.CharField(max_length=40)
    way = models.CharField(max_length=16, choices=Way.choices)
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    issued_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    tries = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True)
    replaced_at = models.DateTimeField(null=True)

    objects = ClaimCodeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["customer"],
                condition=Q(used_at__isnull=True, replaced_at__isnull=True),
                name="claim_code_one_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("issued_at")), name="claim_code_expires"
            ),
            models.CheckConstraint(
                condition=Q(tries__lte=MOST_TRIES), name="claim_code_tried_seldom"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.issued_at:%Y-%m-%d}"
