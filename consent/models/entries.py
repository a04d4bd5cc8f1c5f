"""What a member of staff asks to be disclosed. It counts once another one has approved it."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer, User
from consent.grounds import BY_STAFF, DataField, LegalGround, Purpose, from_list
from consent.models.recipients import Recipient


class Telling(models.TextChoices):
    """When the customer is told of a disclosure."""

    NOW = "now", _("at once")
    DEFERRED = "deferred", _("from a date on")
    BARRED = "barred", _("not while the law forbids it")


def telling_is_whole(name: str) -> models.CheckConstraint:
    """Return the constraint: a later day is named, or the law that forbids telling."""
    return models.CheckConstraint(
        condition=Q(telling="now", tell_on__isnull=True, barred_by="")
        | Q(telling="deferred", tell_on__isnull=False, barred_by="")
        | Q(telling="barred", tell_on__isnull=True, barred_by__gt=""),
        name=f"{name}_says_when_it_is_told",
    )


class DisclosureEntry(models.Model):
    """A disclosure that staff propose on one of the grounds of section 11 (DISC-1, DISC-2).

    Nothing but its state changes, and it is decided by somebody else than the one who wrote it.
    """

    class State(models.TextChoices):
        PROPOSED = "proposed", _("Waits for a second person")
        APPROVED = "approved", _("Approved")
        REJECTED = "rejected", _("Rejected")

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    customer = models.ForeignKey(
        Customer,
        on_delete=models.PROTECT,
        related_name="disclosure_entries",
        verbose_name=_("customer"),
    )
    recipient = models.ForeignKey(
        Recipient, on_delete=models.PROTECT, related_name="entries", verbose_name=_("recipient")
    )
    party = models.CharField(_("given to"), max_length=200)
    purpose = models.CharField(_("purpose"), max_length=32, choices=Purpose.choices)
    ground = models.CharField(_("ground"), max_length=16, choices=LegalGround.choices)
    fields = models.CharField(_("information"), max_length=300)
    reference = models.CharField(_("document"), max_length=120)
    telling = models.CharField(_("told"), max_length=8, choices=Telling.choices)
    tell_on = models.DateField(_("told on"), null=True, blank=True)
    barred_by = models.CharField(_("law that forbids telling"), max_length=200, blank=True)
    state = models.CharField(
        _("state"), max_length=16, choices=State.choices, default=State.PROPOSED
    )
    proposed_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", verbose_name=_("proposed by")
    )
    proposed_at = models.DateTimeField(_("proposed"))
    decided_by = models.ForeignKey(
        User, null=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided"), null=True)
    why_rejected = models.CharField(_("why rejected"), max_length=200, blank=True)

    class Meta:
        verbose_name_plural = "disclosure entries"
        permissions = [("approve_disclosureentry", "Can approve entries of others")]
        constraints = [
            models.CheckConstraint(
                condition=Q(ground__in=BY_STAFF), name="disclosure_entry_on_a_ground_of_section_11"
            ),
            models.CheckConstraint(
                condition=Q(fields__gt="", party__gt="", reference__gt=""),
                name="disclosure_entry_names_what_to_whom_and_why",
            ),
            models.CheckConstraint(
                condition=Q(state="proposed", decided_by__isnull=True, decided_at__isnull=True)
                | Q(
                    ~Q(decided_by=F("proposed_by")),
                    state__in=["approved", "rejected"],
                    decided_by__isnull=False,
                    decided_at__isnull=False,
                ),
                name="disclosure_entry_decided_by_another",
            ),
            telling_is_whole("disclosure_entry"),
        ]
        indexes = [
            models.Index(
                fields=["proposed_at"],
                name="disclosure_entry_waiting",
                condition=Q(state="proposed"),
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def field_list(self) -> list[DataField]:
        """What is to be given, as members of the closed list."""
        return from_list(self.fields)
