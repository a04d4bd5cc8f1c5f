"""What happened to a customer's account: rows that are only ever added."""

from __future__ import annotations

from django.db import models

from accounts.actors import ActorKind, Channel
from accounts.fields import FIELD_LABELS
from accounts.models.customers import Customer
from accounts.models.users import User
from bizsecure.core.ledger import LedgerRow, ledger_constraints


class CustomerRow(LedgerRow):
    """A row of a customer's ledger that says who acted, and when it was recorded."""

    # The place in the chain is an index that begins with the customer.
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="%(class)ss", db_index=False
    )
    actor_kind = models.CharField(max_length=16, choices=ActorKind.choices)
    actor_user = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        abstract = True


class ProfileChange(CustomerRow):
    """That a piece of personal information changed: from what to what, when, by whom (OPT-3).

    The values are sealed under the customer's own key (accounts.models.keys), and the hash
    covers them as they are sealed: once that key is destroyed nobody reads them any more, and
    the chain still proves that no row was touched.
    """

    hashed = (
        "field",
        "old_value",
        "new_value",
        "revision",
        "channel",
        "policy_number",
        "mandate_id",
        "actor_kind",
        "actor_user_id",
        "recorded_at",
    )

    field = models.CharField(max_length=32)
    old_value = models.BinaryField(null=True, editable=False)
    new_value = models.BinaryField(null=True, editable=False)
    # What was saved together has one number: that of the customer's revision afterwards.
    revision = models.PositiveIntegerField()
    channel = models.CharField(max_length=16, choices=Channel.choices)
    # The version of the privacy policy that was in force, as it was collected under it.
    policy_number = models.PositiveIntegerField(null=True)
    # What the customer asked for, where staff made the change.
    mandate = models.ForeignKey(
        "accounts.Mandate", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta:
        constraints = ledger_constraints("profile_change")
        indexes = [
            models.Index(fields=["customer", "-recorded_at", "-id"], name="profile_change_newest"),
            models.Index(fields=["customer", "revision"], name="profile_change_together"),
        ]

    def __str__(self) -> str:
        return f"{self.field} {self.recorded_at:%Y-%m-%d}"

    @property
    def field_label(self) -> str:
        """How a reader calls the field."""
        return str(FIELD_LABELS.get(self.field, self.field))


class AccountEvent(CustomerRow):
    """Something that happened to the account, such as a sign-in or a closing (DATA-2).

    Its facts are small and named, and none of them says where somebody was or who they are:
    no network address (LOG-2), and of a device its family alone.
    """

    hashed = (
        "kind",
        "device",
        "subject",
        "reference",
        "count",
        "actor_kind",
        "actor_user_id",
        "recorded_at",
    )

    kind = models.CharField(max_length=32)
    # "Firefox on Linux"
    device = models.CharField(max_length=80, blank=True)
    # What it concerns: a key of accounts.event_kinds.SUBJECTS, or a number of ours.
    subject = models.CharField(max_length=80, blank=True)
    # Which one, for our own use: the uid of a download or a request.
    reference = models.CharField(max_length=64, blank=True)
    count = models.PositiveIntegerField(null=True)

    class Meta:
        constraints = ledger_constraints("account_event")
        indexes = [
            models.Index(fields=["customer", "-recorded_at", "-id"], name="account_event_newest"),
            # Mails about events find what is new of a kind.
            models.Index(fields=["kind", "id"], name="account_event_of_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.recorded_at:%Y-%m-%d}"
