"""Who may be given something at all, for what, on which ground."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bizsecure.core.ledger import AppendOnlyRow
from consent.grounds import CONTENTS, FOR_CONTENTS, DataField, LegalGround, Purpose


class Recipient(models.Model):
    """Somebody, or a kind of body such as a court, to whom something may be disclosed."""

    class Kind(models.TextChoices):
        CARD_COMPANY = "card-company", _("card companies")
        PARTNER = "partner", _("partners")
        COURT = "court", _("courts")
        POLICE = "police", _("police and prosecutors")
        AUTHORITY = "authority", _("other public authorities")
        COUNSEL = "counsel", _("lawyers")
        HARMED = "harmed", _("those who are being harmed")
        PROVIDER = "provider", _("other providers")
        BUYER = "buyer", _("buyers of a part of our business")

    key = models.SlugField(_("key"), unique=True)
    name = models.CharField(_("name"), max_length=120, unique=True)
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices)
    # A court is no name: an entry says which one.
    is_one_of_many = models.BooleanField(_("one of many"), default=False)
    website = models.URLField(_("privacy policy"), blank=True)

    class Meta:
        ordering = ("pk",)
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    kind__in=[
                        *("card-company", "partner", "court", "police"),
                        *("authority", "counsel", "harmed", "provider", "buyer"),
                    ]
                ),
                name="recipient_of_a_known_kind",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Declaration(AppendOnlyRow):
    """That a recipient may be given one field for a purpose on a ground. Only ever added.

    Whatever no row declares, the database refuses (THIRD-3).
    """

    recipient = models.ForeignKey(
        Recipient, on_delete=models.PROTECT, related_name="declarations", db_index=False
    )
    purpose = models.CharField(_("purpose"), max_length=32, choices=Purpose.choices)
    ground = models.CharField(_("ground"), max_length=16, choices=LegalGround.choices)
    field = models.CharField(_("information"), max_length=32, choices=DataField.choices)

    class Meta:
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["recipient", "purpose", "ground", "field"], name="declaration_once"
            ),
            models.CheckConstraint(
                condition=Q(field__in=CONTENTS, ground__in=FOR_CONTENTS)
                | (~Q(field__in=CONTENTS) & ~Q(ground__in=FOR_CONTENTS)),
                name="declaration_of_contents_on_their_grounds",
            ),
            models.CheckConstraint(
                condition=Q(
                    purpose__in=Purpose.values,
                    ground__in=LegalGround.values,
                    field__in=DataField.values,
                ),
                name="declaration_from_the_closed_lists",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.recipient_id} {self.purpose} {self.ground} {self.field}"
