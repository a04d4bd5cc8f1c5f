"""The register of disclosures: what left the house, to whom, why, and how it went."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.actors import ActorKind
from accounts.models import CustomerRow, User
from bizsecure.core.ledger import AppendOnlyRow, ledger_constraints
from consent.grounds import (
    BY_ANNOUNCEMENT,
    BY_STAFF,
    BY_THE_PORTAL,
    DataField,
    LegalGround,
    Purpose,
    from_list,
)
from consent.models.entries import DisclosureEntry, Telling, telling_is_whole
from consent.models.recipients import Recipient
from consent.querysets import DisclosureQuerySet


class Disclosure(CustomerRow):
    """That something of a customer's was allowed to leave the house. Written before it leaves.

    Only ever added. What became of it is told by the rows that hang on it.
    """

    class Kind(models.TextChoices):
        GIVEN = "given", _("given")
        STOP = "stop", _("told to stop")

    hashed = (
        *("uid", "kind", "recipient_id", "party", "purpose", "ground", "fields", "reference"),
        *("telling", "tell_on", "barred_by", "entry_id", "approved_by_id"),
        *("actor_kind", "actor_user_id", "recorded_at"),
    )

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices, default=Kind.GIVEN)
    recipient = models.ForeignKey(
        Recipient, on_delete=models.PROTECT, related_name="disclosures", verbose_name=_("recipient")
    )
    # Who exactly: which court, for example. The recipient's own name where there is but one.
    party = models.CharField(_("given to"), max_length=200)
    purpose = models.CharField(_("purpose"), max_length=32, choices=Purpose.choices)
    ground = models.CharField(_("ground"), max_length=16, choices=LegalGround.choices)
    fields = models.CharField(_("information"), max_length=300)
    reference = models.CharField(_("order or document"), max_length=120)
    telling = models.CharField(
        _("told"), max_length=8, choices=Telling.choices, default=Telling.NOW
    )
    tell_on = models.DateField(_("told on"), null=True)
    barred_by = models.CharField(_("law that forbids telling"), max_length=200, blank=True)
    entry = models.OneToOneField(
        DisclosureEntry, null=True, on_delete=models.PROTECT, related_name="disclosure"
    )
    approved_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    # Given by DisclosureQuerySet.with_outcome.
    outcome: str | None
    their_reference: str | None

    objects = DisclosureQuerySet.as_manager()

    class Meta:
        constraints = [
            *ledger_constraints("disclosure"),
            models.CheckConstraint(
                condition=Q(fields__gt="", party__gt="", reference__gt=""),
                name="disclosure_names_what_to_whom_and_for_what",
            ),
            models.CheckConstraint(
                condition=Q(purpose__in=Purpose.values, ground__in=LegalGround.values),
                name="disclosure_from_the_closed_lists",
            ),
            models.CheckConstraint(
                condition=Q(
                    ground__in=BY_THE_PORTAL,
                    entry__isnull=True,
                    approved_by__isnull=True,
                    telling="now",
                )
                | Q(
                    ~Q(approved_by=F("actor_user")),
                    ground__in=BY_STAFF,
                    entry__isnull=False,
                    actor_kind="staff",
                    actor_user__isnull=False,
                    approved_by__isnull=False,
                )
                | Q(
                    ~Q(approved_by=F("actor_user")),
                    ground__in=BY_ANNOUNCEMENT,
                    entry__isnull=True,
                    actor_kind="staff",
                    actor_user__isnull=False,
                    approved_by__isnull=False,
                    telling="now",
                ),
                name="disclosure_by_staff_takes_two",
            ),
            models.CheckConstraint(
                condition=Q(kind="stop", ground="withdrawn")
                | (Q(kind="given") & ~Q(ground="withdrawn")),
                name="disclosure_stops_what_was_taken_back",
            ),
            telling_is_whole("disclosure"),
            models.UniqueConstraint(
                fields=["customer", "recipient", "reference"],
                condition=Q(ground__in=BY_ANNOUNCEMENT),
                name="disclosure_once_a_transfer",
            ),
        ]
        indexes = [
            models.Index(fields=["recorded_at"], name="disclosure_recorded_at"),
            models.Index(
                fields=["tell_on"], name="disclosure_deferred", condition=Q(telling="deferred")
            ),
        ]

    def __str__(self) -> str:
        return str(self.uid)

    @property
    def field_list(self) -> list[DataField]:
        """What was given, as members of the closed list."""
        return from_list(self.fields)


class GrantUse(AppendOnlyRow):
    """That the grant of a disclosure was used, once. Written before the first byte leaves."""

    disclosure = models.OneToOneField(
        Disclosure, on_delete=models.PROTECT, related_name="grant_use"
    )
    used_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.disclosure_id)


class DisclosureOutcome(AppendOnlyRow):
    """How a disclosure went. *Unknown* may be followed by what turned out to be so."""

    class Outcome(models.TextChoices):
        DELIVERED = "delivered", _("received")
        REFUSED = "refused", _("refused by the recipient")
        FAILED = "failed", _("not delivered")
        UNKNOWN = "unknown", _("no answer yet")

    disclosure = models.ForeignKey(Disclosure, on_delete=models.PROTECT, related_name="outcomes")
    outcome = models.CharField(_("outcome"), max_length=16, choices=Outcome.choices)
    # What the recipient calls it: the certificate's order number, for example.
    their_reference = models.CharField(_("their reference"), max_length=120, blank=True)
    actor_kind = models.CharField(max_length=16, choices=ActorKind.choices)
    actor_user = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["disclosure"],
                condition=~Q(outcome="unknown"),
                name="disclosure_outcome_once",
            ),
            models.UniqueConstraint(
                fields=["disclosure", "outcome"], name="disclosure_outcome_said_once"
            ),
            models.CheckConstraint(
                condition=Q(outcome__in=["delivered", "refused", "failed", "unknown"]),
                name="disclosure_outcome_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.disclosure_id} {self.outcome}"


class BarLifted(AppendOnlyRow):
    """That the law no longer forbids telling the customer of a disclosure, and from which day."""

    disclosure = models.OneToOneField(
        Disclosure, on_delete=models.PROTECT, related_name="bar_lifted"
    )
    tell_on = models.DateField(_("told on"))
    reference = models.CharField(_("document"), max_length=120)
    actor_user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(reference__gt=""), name="bar_lifted_by_a_document"),
        ]

    def __str__(self) -> str:
        return f"{self.disclosure_id} {self.tell_on}"


class DisclosureTold(AppendOnlyRow):
    """That the portal set out to tell the customer of a disclosure by staff, once."""

    disclosure = models.OneToOneField(Disclosure, on_delete=models.PROTECT, related_name="told")
    told_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.disclosure_id)
