"""How fast mail may go, and through how many doors: what all workers share."""

from __future__ import annotations

from django.db import models


class Pace(models.Model):
    """How fast campaigns go to one domain, or, with an empty name, to the mail server at all.

    A row is there while there is something to know. `free_at` is when the next mail may be
    offered. `per_minute` is what the server's answers have brought the speed down to; without
    it, the settings alone count (services/pacing.py).
    """

    domain = models.CharField(max_length=255, unique=True, blank=True)
    per_minute = models.FloatField(null=True)
    free_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "paces"

    def __str__(self) -> str:
        return self.domain or "the mail server"


class SendingPlace(models.Model):
    """One of the places at the mail server: a worker without one opens no connection.

    Held by a lease, and counted in `epoch`, as a batch is.
    """

    number = models.PositiveSmallIntegerField(unique=True)
    epoch = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return str(self.number)
