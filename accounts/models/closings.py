"""That an account is to be closed, and the time in which the customer may think again."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.actors import ActorKind
from accounts.models.customers import Customer
from accounts.models.staff import Mandate
from accounts.models.users import User


class ClosingQuerySet(models.QuerySet["Closing"]):
    """Questions about closings."""

    def open(self) -> ClosingQuerySet:
        """Closings that were neither undone nor carried out."""
        return self.filter(undone_at__isnull=True, erased_at__isnull=True)

    def due(self, now: datetime) -> ClosingQuerySet:
        """Open closings whose time to think again is over, the oldest first."""
        return self.open().filter(erase_at__lte=now).order_by("erase_at")


class Closing(models.Model):
    """A wish to close an account: when it was made, and what became of it."""

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="closings")
    requested_at = models.DateTimeField(_("asked for"))
    erase_at = models.DateTimeField(_("erased from"))
    # What the customer returns to who thinks again.
    status_before = models.CharField(max_length=16, choices=Customer.Status.choices)
    undone_at = models.DateTimeField(_("undone"), null=True)
    erased_at = models.DateTimeField(_("erased"), null=True)
    actor_kind = models.CharField(max_length=16, choices=ActorKind.choices)
    actor_user = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    # What the customer asked for, where staff close the account for them.
    mandate = models.ForeignKey(
        Mandate, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    objects = ClosingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["customer"],
                condition=Q(undone_at__isnull=True, erased_at__isnull=True),
                name="closing_one_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(undone_at__isnull=True) | Q(erased_at__isnull=True),
                name="closing_undone_or_carried_out",
            ),
            models.CheckConstraint(
                condition=Q(erased_at__isnull=True) | Q(erased_at__gte=models.F("erase_at")),
                name="closing_not_before_its_time",
            ),
        ]
        indexes = [models.Index(fields=["erase_at"], name="closing_due")]

    def __str__(self) -> str:
        return f"{self.customer_id} from {self.erase_at:%Y-%m-%d}"
