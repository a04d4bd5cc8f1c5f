"""The file with everything we know about a customer, from the wish for it to its end (OPT-3)."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models.customers import Customer
from bizsecure.core.sealing import SealedCharField


class DownloadQuerySet(models.QuerySet["Download"]):
    """Questions about downloads."""

    def visible_to(self, customer: Customer) -> DownloadQuerySet:
        return self.filter(customer=customer)

    def under_way(self) -> DownloadQuerySet:
        """Downloads that are asked for and neither ready nor given up."""
        return self.filter(state__in=Download.UNDER_WAY)

    def claimable(self, now: datetime) -> DownloadQuerySet:
        """Downloads to be made that no living worker is making, the oldest first."""
        abandoned = Q(state=Download.State.RUNNING, lease_until__lt=now)
        return self.filter(Q(state=Download.State.QUEUED) | abandoned).order_by("requested_at")

    def to_be_had(self, now: datetime) -> DownloadQuerySet:
        """Files that are ready and not too old."""
        return self.filter(state=Download.State.READY, expires_at__gt=now)

    def expired(self, now: datetime) -> DownloadQuerySet:
        """Files whose time is over and that are still there."""
        return self.filter(state=Download.State.READY, expires_at__lte=now)


class Download(models.Model):
    """One file of everything, made by a worker in parts and kept for a day.

    The row is the truth about it; Redis and workers may forget. Whoever makes it holds it by a
    lease and counts the claims in `epoch`: whoever finds another epoch has lost it and stops.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("Waiting")
        RUNNING = "running", _("Being put together")
        READY = "ready", _("Ready")
        FAILED = "failed", _("Did not work")
        GONE = "gone", _("Deleted")

    UNDER_WAY = (State.QUEUED, State.RUNNING)

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="downloads")
    state = models.CharField(max_length=16, choices=State.choices, default=State.QUEUED)
    requested_at = models.DateTimeField()
    epoch = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    steps_done = models.PositiveSmallIntegerField(default=0)
    steps = models.PositiveSmallIntegerField(default=0)
    rows_written = models.PositiveIntegerField(default=0)
    # Opens the parts, and is gone with them. A copy of the database that is older than that
    # holds it only under the key ring.
    key = SealedCharField(max_length=64, null=True)
    size = models.PositiveBigIntegerField(default=0)
    ready_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)

    objects = DownloadQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["customer"],
                condition=Q(state__in=["queued", "running"]),
                name="download_one_at_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(state="ready")
                | Q(key__isnull=False, ready_at__isnull=False, expires_at__isnull=False),
                name="download_ready_whole",
            ),
        ]
        indexes = [models.Index(fields=["state", "expires_at"], name="download_by_state")]

    def __str__(self) -> str:
        return f"{self.uid} {self.state}"

    @property
    def is_under_way(self) -> bool:
        return self.state in self.UNDER_WAY

    @property
    def percent(self) -> int:
        """How much of the work is done, for a bar that moves."""
        return 100 * self.steps_done // self.steps if self.steps else 0


class DownloadPart(models.Model):
    """A part of the sealed file. In the database, so that any machine can hand it out."""

    download = models.ForeignKey(Download, on_delete=models.CASCADE, related_name="parts")
    number = models.PositiveIntegerField()
    content = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["download", "number"], name="download_part_once"),
        ]

    def __str__(self) -> str:
        return f"{self.download_id}, part {self.number}"
