"""Counts that the database keeps, so that a page need not count a million mails."""

from __future__ import annotations

from collections import Counter
from typing import Self

from django.db import models
from django.db.models import Sum

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
