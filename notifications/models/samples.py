"""How the outbox stood, a row for each quarter of an hour, so that staff see how it goes."""

from __future__ import annotations

from django.db import models


class QueueSample(models.Model):
    """The outbox at one moment. It counts mails and says nothing of anybody.

    `accepted` and `returned` count from the beginning; what happened in a quarter of an hour is
    the difference of two rows.
    """

    # The beginning of the quarter of an hour it is of.
    quarter = models.DateTimeField(unique=True)
    waiting = models.BigIntegerField()
    # How long the oldest batch that was due had waited.
    age_seconds = models.BigIntegerField()
    accepted = models.BigIntegerField()
    returned = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.quarter:%Y-%m-%d %H:%M}"
