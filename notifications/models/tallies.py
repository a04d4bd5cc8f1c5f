"""Counts that the database keeps, so that a page need not count a million mails."""

from __future__ import annotations

from collections import Counter
from typing import Self

from django.db import models
from django.db.models import Sum

from notifications.models.announcements import Announcement
from notifications.models.campaigns import Campaign


class MailTallyQuerySet(models.QuerySet["MailTally"]):
    """Questions about how many mails there are."""

    def of(self, campaign: Campaign) -> Self:
        return self.filter(campaign=campaign.pk)

    def by_state(self) -> Counter[str]:
        """Return how many mails are in each state."""
        sums = self.order_by().values_list("state").annotate(Sum("number"))
        return Counter({state: number for state, number in sums if number})


class MailTally(models.Model):
    """A number that counts towards the mails of a campaign in a state; rows are summed.

    Triggers write it (notifications/tallying.py). Single mails count for campaign 0.
    """

    campaign = models.BigIntegerField()
    state = models.CharField(max_length=16)
    number = models.BigIntegerField()

    objects = MailTallyQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "mail tallies"
        indexes = [models.Index(fields=["campaign", "state"], name="mail_tally_of_campaign")]

    def __str__(self) -> str:
        return f"{self.campaign} {self.state} {self.number:+}"


class TellingTallyQuerySet(models.QuerySet["TellingTally"]):
    """Questions about how many are told of an announcement."""

    def of(self, announcement: Announcement) -> Counter[str]:
        """Return how many are addressed, told, and told in which way."""
        mine = self.filter(announcement=announcement.pk)
        sums = mine.order_by().values_list("what").annotate(Sum("number"))
        return Counter({what: number for what, number in sums if number})


class TellingTally(models.Model):
    """A number that counts towards those whom an announcement concerns; rows are summed.

    Triggers write it (notifications/telling_tallies.py).
    """

    announcement = models.BigIntegerField()
    what = models.CharField(max_length=16)
    number = models.BigIntegerField()

    objects = TellingTallyQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "telling tallies"
        indexes = [models.Index(fields=["announcement", "what"], name="telling_tally_of_message")]

    def __str__(self) -> str:
        return f"{self.announcement} {self.what} {self.number:+}"
