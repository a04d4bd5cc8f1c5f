"""Letters that staff print for those whom no mail tells, and that they were posted."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self, cast

from django.db import models
from django.db.models import Q

from accounts.models import Customer, User
from consent.calendar import policy_zone
from consent.deadlines import letter_arrived
from consent.models import PolicyVersion
from notifications.models.announcements import Announcement


class LetterRunQuerySet(models.QuerySet[Any]):
    """Questions about runs of letters."""

    def about(self, subject: Announcement | PolicyVersion) -> Self:
        """The runs about this change or this announcement, the newest first."""
        if isinstance(subject, Announcement):
            return self.filter(announcement=subject).order_by("-pk")
        return self.filter(version=subject, round=subject.round).order_by("-pk")


class LetterRun(models.Model):
    """Letters that were printed together, and the day on which they were posted.

    Whoever was not in it got no letter, whatever the list says by then.
    """

    version = models.ForeignKey(
        PolicyVersion, null=True, on_delete=models.PROTECT, related_name="letter_runs"
    )
    round = models.PositiveIntegerField(null=True)
    announcement = models.ForeignKey(
        Announcement, null=True, on_delete=models.PROTECT, related_name="letter_runs"
    )
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    posted_on = models.DateField(null=True)
    posted_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(null=True)

    objects = LetterRunQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(version__isnull=False, round__isnull=False, announcement__isnull=True)
                | Q(version__isnull=True, round__isnull=True, announcement__isnull=False),
                name="letter_run_about_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(posted_on=None, posted_by=None, recorded_at=None)
                | Q(posted_on__isnull=False, posted_by__isnull=False, recorded_at__isnull=False),
                name="letter_run_posted_whole",
            ),
        ]

    @property
    def about(self) -> Announcement | PolicyVersion:
        """What its letters tell of."""
        return cast("Announcement | PolicyVersion", self.announcement or self.version)

    @property
    def arrived_at(self) -> datetime | None:
        """From when its letters count as received."""
        return letter_arrived(self.posted_on, policy_zone()) if self.posted_on else None

    def __str__(self) -> str:
        return f"{self.made_at:%Y-%m-%d %H:%M}"


class PrintedLetter(models.Model):
    """That a run has a letter to this customer."""

    run = models.ForeignKey(LetterRun, on_delete=models.PROTECT, related_name="letters")
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer", "run"], name="printed_letter_once_a_run"),
        ]

    def __str__(self) -> str:
        return f"{self.run_id}: {self.customer_id}"
