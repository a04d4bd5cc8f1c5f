"""What we hear: mails that came in, and what became of the mails that we sent."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.digests import LENGTH
from accounts.models import Customer
from bizsecure.core.sealing import SealedCharField
from notifications.models.outbox import OutgoingMail

# Base64 of the largest mail that is kept whole, and its envelope.
LONGEST_RAW = 20_000_000
LONGEST_ENVELOPE = 4_000


class InboundMailQuerySet(models.QuerySet[Any]):
    """Questions about mails that came in."""

    def waiting(self) -> Self:
        """Mails that are stored and not handled yet."""
        return self.filter(handled_at__isnull=True)

    def due(self, now: datetime) -> Self:
        """Waiting mails whose time to be tried has come, the oldest first."""
        return self.waiting().filter(due_at__lte=now).order_by("due_at", "pk")

    def stuck(self) -> Self:
        """Mails that could not be handled however often it was tried: somebody must look."""
        return self.waiting().filter(due_at__isnull=True)


class InboundMail(models.Model):
    """A mail that came in, whichever way; the same mail is one row however often it comes.

    The mail itself is kept sealed until it is handled, and is erased with that. What stays says
    when it came, what it was about and what became of it, never what stood in it.
    """

    class Way(models.TextChoices):
        PIPE = "pipe", _("from our mail server")
        MAILBOX = "mailbox", _("from the mailbox")
        PROVIDER = "provider", _("from our mail provider")

    class Box(models.TextChoices):
        """Which of our addresses it was for."""

        OPT_OUT = "opt_out", _("Opt-out address")
        BOUNCE = "bounce", _("Return address")
        COMPLAINT = "complaint", _("Complaints of mail providers")
        SUPPORT = "support", _("Support and all other addresses")

    class Outcome(models.TextChoices):
        OPTED_OUT = "opted_out", _("Opted out")
        BOUNCED = "bounced", _("A mail of ours came back")
        DELAYED = "delayed", _("A mail of ours is late")
        COMPLAINT = "complaint", _("Opted out by a complaint")
        CASE = "case", _("Became a case")
        MACHINE = "machine", _("Written by a machine, not answered")
        UNKNOWN_TOKEN = "unknown_token", _("About no mail of ours")
        NOTHING = "nothing", _("Nothing to do")

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # Of the box, the Message-ID and what stands in the mail, keyed: enough to know it again.
    digest = models.CharField(max_length=LENGTH, unique=True)
    way = models.CharField(_("came"), max_length=16, choices=Way.choices)
    box = models.CharField(_("for"), max_length=16, choices=Box.choices)
    # Base64 of the mail; JSON of the envelope.
    raw = SealedCharField(max_length=LONGEST_RAW, null=True)
    envelope = SealedCharField(max_length=LONGEST_ENVELOPE, null=True)
    # Larger than we keep, so that its end is missing.
    is_cut = models.BooleanField(default=False)
    received_at = models.DateTimeField(_("received"))
    # When it is handled, or tried again; empty once it is handled, or stuck.
    due_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(_("tries"), default=0)
    handled_at = models.DateTimeField(_("handled"), null=True)
    outcome = models.CharField(_("outcome"), max_length=16, choices=Outcome.choices, blank=True)
    # Whom it concerned, where that is known.
    customer = models.ForeignKey(
        Customer, null=True, on_delete=models.PROTECT, related_name="inbound_mails"
    )

    objects = InboundMailQuerySet.as_manager()

    class Meta:
        ordering = ("-pk",)
        verbose_name = _("mail that came in")
        verbose_name_plural = _("mails that came in")
        constraints = [
            models.CheckConstraint(
                condition=Q(handled_at__isnull=True, outcome="")
                | Q(handled_at__isnull=False, outcome__gt="", raw__isnull=True)
                & Q(envelope__isnull=True, due_at__isnull=True),
                name="inbound_mail_handled_is_erased",
            ),
        ]
        indexes = [models.Index(fields=["due_at"], name="inbound_mail_due")]

    def __str__(self) -> str:
        return f"{self.get_box_display()}, {self.received_at:%Y-%m-%d %H:%M}"


class MailBounce(models.Model):
    """That a mail of ours came back, or is late, as the customer's server or our provider says."""

    class Kind(models.TextChoices):
        # The address takes no mail.
        HARD = "hard", _("Cannot be delivered to this address")
        # Tried for days; the address may well work again.
        SOFT = "soft", _("Could not be delivered for now")
        DELAYED = "delayed", _("Late, and still being tried")

    mail = models.ForeignKey(OutgoingMail, on_delete=models.PROTECT, related_name="bounces")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    # Such as 5.1.1 (RFC 3463). The server's own words may hold addresses and are not kept.
    status = models.CharField(max_length=16, blank=True)
    reported_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["mail", "kind"], name="mail_bounce_once_a_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.mail_id} {self.kind}"


class MailReading(models.Model):
    """That the customer, signed in, had a message in front of them and pressed a button."""

    mail = models.OneToOneField(OutgoingMail, on_delete=models.PROTECT, related_name="reading")
    read_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.mail_id} read"
