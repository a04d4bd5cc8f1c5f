"""Counts that the database keeps, so that a report need not count a million rows."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Tally(models.Model):
    """A number that counts towards one figure; rows of the same figure are summed.

    Triggers write it (consent/tallying.py), in the transaction of what is counted. Of a figure
    that is not of a version or a use the key is 0.
    """

    class What(models.TextChoices):
        # Customers who are served, by the day on which they joined.
        SERVED = "served", _("Served")
        # Affected customers who are told of a version in a round, by when they first were.
        TOLD = "told", _("Told")
        # Affected customers by their last word on a use that a version brought in.
        GRANTED = "granted", _("Yes")
        REFUSED = "refused", _("No")

    what = models.CharField(max_length=8, choices=What.choices)
    version = models.BigIntegerField()
    round = models.PositiveIntegerField()
    use = models.BigIntegerField()
    # The number of the day, or of the quarter of an hour, since 1970.
    bucket = models.BigIntegerField()
    number = models.BigIntegerField()

    class Meta:
        verbose_name_plural = "tallies"
        indexes = [
            models.Index(
                fields=["what", "version", "round", "use", "bucket"],
                name="tally_of_figure",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.what} {self.number:+}"
