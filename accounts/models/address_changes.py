"""That somebody wants another e-mail address, and what became of it."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models.customers import Customer
from accounts.models.users import User
from bizsecure.core.sealing import SealedCharField

TIME_TO_CANCEL = timedelta(days=7)
LONGEST_ADDRESS = 254


class AddressChangeQuerySet(models.QuerySet["AddressChange"]):
    """Questions about changes of address."""

    def pending(self) -> AddressChangeQuerySet:
        """Changes whose new address is neither proven nor given up, the newest first."""
        return self.filter(proven_at__isnull=True, cancelled_at__isnull=True).order_by("-pk")

    def of(self, user: User) -> AddressChangeQuerySet:
        """Changes of the address this user signs in with."""
        return self.filter(Q(user=user) | Q(customer__user=user))

    def lapsed(self, now: datetime) -> AddressChangeQuerySet:
        """Pending changes whose new address nobody has proven in time."""
        return self.pending().filter(requested_at__lte=now - TIME_TO_CANCEL)

    def since(self, change: AddressChange) -> AddressChangeQuerySet:
        """This change and those that followed it, as far as they were not cancelled."""
        return self.filter(
            customer=change.customer_id,
            user=change.user_id,
            pk__gte=change.pk,
            cancelled_at__isnull=True,
        )


class AddressChange(models.Model):
    """A change of the address one signs in with, which the old address can cancel for a week.

    It belongs to a customer, or to a user who is none: a member of staff. Within the week the
    new address is proven, or the change lapses.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    customer = models.ForeignKey(
        Customer, null=True, on_delete=models.PROTECT, related_name="address_changes"
    )
    user = models.ForeignKey(
        User, null=True, on_delete=models.PROTECT, related_name="address_changes"
    )
    old_address = SealedCharField(_("old address"), max_length=LONGEST_ADDRESS)
    new_address = SealedCharField(_("new address"), max_length=LONGEST_ADDRESS)
    requested_at = models.DateTimeField(_("asked for"))
    proven_at = models.DateTimeField(_("proven"), null=True)
    cancelled_at = models.DateTimeField(_("cancelled"), null=True)
    # Whether the old address had to be put back for that.
    was_put_back = models.BooleanField(_("old address put back"), default=False)

    objects = AddressChangeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(customer__isnull=True, user__isnull=False)
                | Q(customer__isnull=False, user__isnull=True),
                name="address_change_of_a_customer_or_a_user",
            ),
            models.CheckConstraint(
                condition=Q(proven_at__isnull=True) | Q(proven_at__gte=F("requested_at")),
                name="address_change_proven_after_request",
            ),
            models.CheckConstraint(
                condition=Q(cancelled_at__isnull=True) | Q(cancelled_at__gte=F("requested_at")),
                name="address_change_cancelled_after_request",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id or self.user_id} {self.requested_at:%Y-%m-%d}"

    @property
    def owner(self) -> User | None:
        """Who signs in with the address; nobody once the customer's sign-in is gone."""
        return self.customer.user if self.customer else self.user

    def may_be_cancelled(self, now: datetime) -> bool:
        """Return whether the link in the mail to the old address still counts."""
        return now < self.requested_at + TIME_TO_CANCEL
