"""The outbox: one slim row for each mail, and batches that workers claim."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any, Self, cast

from django.conf import settings
from django.db import models
from django.db.models import BooleanField, ExpressionWrapper, F, Min, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer
from bizsecure.core.sealing import SealedCharField
from notifications.kinds import KINDS, Kind, KindKey
from notifications.models.campaigns import Campaign, CampaignWords

# After which a mail that a server does not take for now is tried again at the latest.
LONGEST_WAIT = timedelta(hours=4)


# What is neither live nor at its reader's. Said state by state, in the indexes as in the questions
# about them: SQLite uses an index of few rows only where a question repeats its very condition, and
# takes no list of values for one.
CAME_TO_NOTHING = ~Q(state="accepted") & ~Q(state="queued") & ~Q(state="deferred")
CAME_BACK = CAME_TO_NOTHING & ~Q(state="dropped")


def message_id_of(campaign_id: int | None, pk: int) -> str:
    """Return the Message-ID of a mail of a campaign, or of a single one."""
    of = f"c{campaign_id}" if campaign_id else "single"
    return f"<{of}.m{pk}@{settings.MAIL_DOMAIN}>"


def _has_come(now: datetime) -> Q:
    """Due by now, or at a time that nobody writes: by a clock that was wrong and was put right."""
    return Q(due_at__lte=now) | Q(due_at__gt=now + LONGEST_WAIT)


class OutgoingMailQuerySet(models.QuerySet[Any]):
    """Questions about the outbox."""

    def visible_to(self, customer: Customer) -> Self:
        """The mails of this customer, with what their page tells of them."""
        related = self._of(customer).select_related(
            "campaign", "campaign__version", "content", "reading"
        )
        return related.prefetch_related("campaign__translations")

    def numbers_visible_to(self, customer: Customer) -> models.QuerySet[Any, int]:
        """How many mails of this customer there are to see, as a row; none where there are none."""
        by_customer = self._of(customer).order_by().values("customer")
        counted = by_customer.annotate(number=models.Count("pk"))
        numbers: models.QuerySet[Any, int] = counted.values_list("number", flat=True)
        return numbers

    def _of(self, customer: Customer) -> Self:
        return self.filter(customer=customer).exclude(state=OutgoingMail.State.DROPPED)

    def live(self) -> Self:
        """Mails that are still to be handed over."""
        return self.filter(state__in=OutgoingMail.LIVE)

    def due(self, now: datetime) -> Self:
        """Live mails whose time to be tried has come."""
        return self.live().filter(_has_come(now))

    def returned(self) -> Self:
        """Mails that no server took for good, or that came back."""
        return self.filter(CAME_BACK)

    def came_to_nothing(self) -> Self:
        """Those, and mails that were not sent: few among many, and found through an index."""
        return self.filter(CAME_TO_NOTHING)

    def in_live_batches(self) -> Self:
        """Mails since the oldest batch with anything left to do: all live ones are among them."""
        live = MailBatch.objects.filter(due_at__isnull=False)
        first = live.aggregate(first=Min("first_id"))["first"]
        return self.none() if first is None else self.filter(pk__gte=first)


class OutgoingMail(models.Model):
    """A mail to one address: one of a campaign, or a single mail with words of its own.

    The row is the truth about the mail; Redis and workers may forget. The body is made from
    the campaign's words, or from its own (MailContent), when it is sent.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("Waiting to be sent")
        DEFERRED = "deferred", _("Will be tried again")
        ACCEPTED = "accepted", _("Accepted by your mail server")
        REFUSED = "refused", _("Refused by your mail server")
        FAILED = "failed", _("Could not be delivered")
        # Accepted at first, and then sent back to us.
        BOUNCED = "bounced", _("Came back: it did not reach you")
        # The address changed, or the campaign was stopped, before it was handed over.
        DROPPED = "dropped", _("Not sent")

    LIVE = (State.QUEUED, State.DEFERRED)
    RETURNED = (State.REFUSED, State.FAILED, State.BOUNCED)

    campaign = models.ForeignKey(
        Campaign, null=True, on_delete=models.PROTECT, related_name="mails"
    )
    # Staff, and addresses that nobody is known by, get single mails as well.
    customer = models.ForeignKey(
        Customer, null=True, on_delete=models.PROTECT, related_name="mails", db_index=False
    )
    address = models.EmailField(max_length=254)
    # What its reader read us in when it was queued. A single mail's words know their own.
    language = models.CharField(max_length=16, null=True)  # noqa: DJ001  a column of millions
    state = models.CharField(max_length=16, choices=State.choices, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    queued_at = models.DateTimeField()
    due_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    reply_code = models.PositiveSmallIntegerField(null=True)

    objects = OutgoingMailQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "customer", "address"],
                condition=~Q(state="dropped"),
                name="outgoing_mail_once",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["accepted", "bounced"], accepted_at__isnull=False)
                | (~Q(state__in=["accepted", "bounced"]) & Q(accepted_at__isnull=True)),
                name="outgoing_mail_accepted_when",
            ),
            models.CheckConstraint(
                condition=Q(campaign__isnull=True) | Q(customer__isnull=False),
                name="outgoing_mail_of_a_campaign_has_customer",
            ),
        ]
        indexes = [
            models.Index(fields=["customer", "-queued_at"], name="outgoing_mail_of_customer"),
            # The few that no server took or that came back, for reports.
            models.Index(
                fields=["campaign", "customer"],
                name="outgoing_mail_returned",
                condition=CAME_BACK,
            ),
            # The same and what was not sent, by state, for those who look for them.
            models.Index(
                fields=["state", "-id"], name="outgoing_mail_in_state", condition=CAME_TO_NOTHING
            ),
        ]

    def __str__(self) -> str:
        return self.message_id

    @property
    def is_live(self) -> bool:
        """Whether it is still to be handed over."""
        return self.state in self.LIVE

    @property
    def at(self) -> datetime:
        """When it was handed over; until then, when it was written."""
        return self.accepted_at or self.queued_at

    @property
    def read_here_at(self) -> datetime | None:
        """When the customer said, signed in, that they read it."""
        reading = getattr(self, "reading", None)
        return reading.read_at if reading else None

    def get_absolute_url(self) -> str:
        return reverse("message", args=[self.pk])

    @property
    def message_id(self) -> str:
        """The Message-ID, the same at every attempt, so that a repeated mail can be told."""
        return message_id_of(self.campaign_id, self.pk)

    @property
    def reader(self) -> Customer:
        """The customer whom a mail of a campaign is for."""
        return cast("Customer", self.customer)

    @property
    def kind(self) -> Kind:
        """What the registry says of this kind of mail."""
        return KINDS[KindKey(self.campaign.kind if self.campaign else self.content.kind)]

    @property
    def subject(self) -> str:
        """The subject as sent."""
        return self.words.subject if self.campaign else self.content.subject

    @property
    def words(self) -> Campaign | CampaignWords:
        """The words of a mail of a campaign, in the language it was sent in."""
        return cast("Campaign", self.campaign).words_in(self.language)


class MailContent(models.Model):
    """The words of a single mail, as they went to its reader. Sealed: they name a person.

    What only the reader may know, such as a link that confirms an address, stands apart from
    the words and is erased as soon as nobody needs it to send the mail.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    mail = models.OneToOneField(OutgoingMail, on_delete=models.PROTECT, related_name="content")
    kind = models.CharField(max_length=32)
    language = models.CharField(max_length=16)
    subject = SealedCharField(max_length=200)
    text = SealedCharField(max_length=50_000)
    html = SealedCharField(max_length=200_000)
    # JSON: the values of the holes in the words.
    secrets = SealedCharField(max_length=4_000, null=True)
    # JSON: where a reply goes, and which messages this one answers.
    thread = SealedCharField(max_length=4_000, null=True)
    # What it tells of, so that nobody is told of the same thing twice. Empty when asked for.
    occasion = models.CharField(max_length=64, null=True, unique=True)  # noqa: DJ001  unique

    def __str__(self) -> str:
        return f"{self.kind} {self.uid}"


class MailBatchQuerySet(models.QuerySet[Any]):
    """Questions about batches."""

    def claimable(self, now: datetime) -> Self:
        """Batches with due mail that no living worker holds, the oldest first."""
        # No lease reaches further than this; the clocks of two machines differ a little.
        longest = timedelta(seconds=2 * settings.NOTICE_LEASE_SECONDS)
        free = Q(lease_until__isnull=True) | Q(lease_until__lt=now)
        free |= Q(lease_until__gt=now + longest)
        running = Q(campaign__isnull=True) | Q(campaign__paused_at__isnull=True)
        # Somebody waits for a single mail in front of a page: it goes before every campaign.
        single_first = ExpressionWrapper(Q(campaign__isnull=False), BooleanField())
        return self.filter(free, running, _has_come(now)).order_by(single_first, "due_at", "pk")

    def age(self, now: datetime) -> timedelta:
        """How long the oldest batch that is due waits for a worker."""
        running = Q(campaign__isnull=True) | Q(campaign__paused_at__isnull=True)
        due = self.filter(running, due_at__lte=now)
        free = due.filter(Q(lease_until__isnull=True) | Q(lease_until__lt=now))
        oldest: datetime | None = free.aggregate(oldest=Min("due_at"))["oldest"]
        return now - oldest if oldest else timedelta()

    def single(self) -> Self:
        """Batches of one mail that belongs to no campaign."""
        return self.filter(campaign__isnull=True)


class MailBatch(models.Model):
    """A range of a campaign's mails, or a single mail, that one worker delivers at a time.

    A worker holds it by a lease and counts the claims in `epoch`: whoever finds another epoch
    has lost the lease and stops. `due_at` is empty when nothing is left to do.
    """

    campaign = models.ForeignKey(
        Campaign, null=True, on_delete=models.PROTECT, related_name="batches"
    )
    first_id = models.BigIntegerField()
    last_id = models.BigIntegerField()
    epoch = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)

    objects = MailBatchQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "mail batches"
        constraints = [
            models.UniqueConstraint(fields=["campaign", "first_id"], name="mail_batch_once"),
            models.UniqueConstraint(
                fields=["first_id"],
                condition=Q(campaign__isnull=True),
                name="mail_batch_of_a_single_mail_once",
            ),
            models.CheckConstraint(
                condition=Q(first_id__lte=F("last_id")), name="mail_batch_is_a_range"
            ),
        ]
        indexes = [models.Index(fields=["due_at"], name="mail_batch_due")]

    def __str__(self) -> str:
        return f"{self.campaign_id}: {self.first_id} to {self.last_id}"

    def mails(self) -> OutgoingMailQuerySet:
        """The mails of this batch."""
        mails: OutgoingMailQuerySet = OutgoingMail.objects.filter(
            campaign=self.campaign_id, pk__gte=self.first_id, pk__lte=self.last_id
        )
        return mails
