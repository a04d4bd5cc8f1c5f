"""What staff write to many: news, offers, and what customers must be told."""

from __future__ import annotations

import hashlib
import json
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer, CustomerRow, User
from bizsecure.core.ledger import ledger_constraints
from notifications.kinds import ANNOUNCED, KINDS, NEEDS_AGREEMENT, Kind, KindKey
from notifications.models.campaigns import Campaign


class AnnouncementQuerySet(models.QuerySet[Any]):
    """Questions about announcements."""

    def to_release(self, now: datetime) -> Self:
        """Announcements whose time has come and that no campaign was made of yet."""
        return self.filter(
            release_at__lte=now, campaign__isnull=True, cancelled_at__isnull=True
        ).order_by("release_at", "pk")

    def to_agree(self) -> Self:
        """Essential announcements that nobody has agreed to so far."""
        return self.filter(
            kind__in=NEEDS_AGREEMENT, agreed_at__isnull=True, cancelled_at__isnull=True
        )

    def told_of_each(self) -> Self:
        """Released announcements of which every addressee must be told, with proof."""
        return self.filter(
            kind__in=NEEDS_AGREEMENT, campaign__isnull=False, cancelled_at__isnull=True
        )


@dataclass(frozen=True)
class Words:
    """What an announcement says, in one language."""

    subject: str
    text: str


class Announcement(models.Model):
    """A message to many, written by staff. Released, its words are pinned in a campaign.

    Its subject and text are in the language of the site, and binding; translations are for whoever
    reads another language.

    What is essential needs a second member of staff; the agreement is to these very words, and
    the database lets neither change while it stands.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        AGREED = "agreed", _("Agreed to")
        PLANNED = "planned", _("Planned")
        SENDING = "sending", _("Being sent")
        PAUSED = "paused", _("Paused")
        CANCELLED = "cancelled", _("Cancelled")

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(_("kind"), max_length=32)
    subject = models.CharField(_("subject"), max_length=150)
    text = models.TextField(_("text"), help_text=_("Markdown."))
    # Of subject and text, by language: {"es": {"subject": "", "text": ""}}.
    translations = models.JSONField(default=dict)
    audience = models.CharField(_("audience"), max_length=32)
    # What the audience needs to know, such as a country: see notifications/audiences.py.
    audience_facts = models.JSONField(default=dict)
    # Of a business transfer: who gets what part of the business, and when.
    buyer = models.CharField(_("buyer"), max_length=200, blank=True)
    part = models.CharField(_("part of the business"), max_length=200, blank=True)
    happens_on = models.DateField(_("date of the transfer"), null=True, blank=True)
    written_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()
    agreed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    agreed_at = models.DateTimeField(null=True)
    release_at = models.DateTimeField(_("to be sent"), null=True)
    cancelled_at = models.DateTimeField(null=True)
    campaign = models.OneToOneField(
        Campaign, null=True, on_delete=models.PROTECT, related_name="announcement"
    )

    objects = AnnouncementQuerySet.as_manager()

    class Meta:
        ordering = ("-pk",)
        permissions = [
            ("agree_announcement", "Can agree to essential messages that others wrote"),
            ("send_announcement", "Can send, pause and cancel messages to many"),
            ("write_letters", "Can write letters to those whom no mail has reached"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=[key.value for key in ANNOUNCED]),
                name="announcement_of_a_known_kind",
            ),
            models.CheckConstraint(
                condition=Q(agreed_by__isnull=True, agreed_at__isnull=True)
                | (
                    Q(agreed_by__isnull=False, agreed_at__isnull=False)
                    & ~Q(agreed_by=F("written_by"))
                ),
                name="announcement_agreed_by_another",
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=[key.value for key in NEEDS_AGREEMENT])
                | Q(release_at__isnull=True)
                | Q(agreed_at__isnull=False),
                name="announcement_essential_needs_two",
            ),
            models.CheckConstraint(
                condition=Q(campaign__isnull=True) | Q(release_at__isnull=False),
                name="announcement_released_when",
            ),
            models.CheckConstraint(
                condition=~Q(kind=KindKey.BUSINESS_TRANSFER.value)
                | (~Q(buyer="") & ~Q(part="") & Q(happens_on__isnull=False)),
                name="announcement_of_a_transfer_whole",
            ),
        ]

    def __str__(self) -> str:
        return self.subject

    @property
    def definition(self) -> Kind:
        """What the registry says of this kind of mail."""
        return KINDS[KindKey(self.kind)]

    @property
    def kind_label(self) -> str:
        """How this kind of mail is called."""
        return self.definition.label

    @property
    def needs_agreement(self) -> bool:
        return KindKey(self.kind) in NEEDS_AGREEMENT

    @property
    def state(self) -> State:
        """How far it has come."""
        if self.cancelled_at is not None:
            return self.State.CANCELLED
        if self.campaign is not None:
            return self.State.PAUSED if self.campaign.paused_at else self.State.SENDING
        if self.release_at is not None:
            return self.State.PLANNED
        return self.State.AGREED if self.agreed_at else self.State.DRAFT

    @property
    def fingerprint(self) -> str:
        """What an agreement is to: the words, and who gets them."""
        parts: list[Any] = [self.kind, self.subject, self.text, self.audience, self.audience_facts]
        parts += [self.buyer, self.part, str(self.happens_on)]
        # What was agreed to before there were translations stays agreed to.
        parts += [self.translations] if self.translations else []
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()

    @property
    def words(self) -> Words:
        """Its words in the language that is on, or the binding ones."""
        translated = self.translations.get(get_language() or "")
        return Words(**translated) if translated else Words(self.subject, self.text)

    @property
    def languages(self) -> list[str]:
        """The languages it is written in, the binding one first."""
        return [settings.LANGUAGE_CODE, *sorted(self.translations)]

    def get_absolute_url(self) -> str:
        return reverse("announcement", args=[self.pk])


class Addressee(models.Model):
    """That a customer must be told of an announcement, by mail, on this site or by letter.

    Fixed when it is released: an essential message is for exactly those whom it concerned then.
    """

    announcement = models.ForeignKey(
        Announcement, on_delete=models.PROTECT, related_name="addressees"
    )
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="addressed", db_index=False
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "announcement"], name="addressee_once_an_announcement"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.announcement_id}: {self.customer_id}"


class TellingQuerySet(models.QuerySet[Any]):
    """Questions about tellings."""

    def standing(self) -> Self:
        """Proofs that no bounce has retracted."""
        return self.filter(retracts__isnull=True, retractions__isnull=True)


class Telling(CustomerRow):
    """Proof that a customer was told of an announcement: how, when, and at which address.

    Or the retraction of such a proof, when the mail came back.
    """

    class Channel(models.TextChoices):
        MAIL = "mail", _("by e-mail")
        SHOWN = "shown", _("on this site")
        LETTER = "letter", _("by letter")

    hashed = (
        *("announcement_id", "channel", "told_at", "address_digest", "message_id", "retracts_id"),
        *("actor_kind", "actor_user_id", "recorded_at"),
    )

    announcement = models.ForeignKey(
        Announcement, on_delete=models.PROTECT, related_name="tellings"
    )
    channel = models.CharField(max_length=16, choices=Channel.choices)
    told_at = models.DateTimeField()
    address_digest = models.CharField(max_length=40, blank=True)
    message_id = models.CharField(max_length=120, blank=True)
    retracts = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="retractions", db_index=False
    )

    objects = TellingQuerySet.as_manager()

    class Meta:
        constraints = [
            *ledger_constraints("telling"),
            models.UniqueConstraint(
                fields=["customer", "announcement", "channel", "message_id"],
                condition=Q(retracts__isnull=True),
                name="telling_once_a_way",
            ),
            models.UniqueConstraint(
                fields=["retracts"],
                condition=Q(retracts__isnull=False),
                name="telling_retracted_once",
            ),
            models.CheckConstraint(
                # A letter that is in the post counts from the day on which it has arrived.
                condition=Q(told_at__lte=F("recorded_at")) | Q(channel="letter"),
                name="telling_not_ahead_of_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.announcement_id} told {self.get_channel_display()}"
