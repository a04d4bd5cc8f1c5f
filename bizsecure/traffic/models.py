"""Counts by the hour and by the day. No column leads to a row of any other table."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bizsecure.core.sealing import SealedCharField

LONGEST_VALUE = 200


class VisitCountQuerySet(models.QuerySet[Any]):
    """Questions about visits."""

    def since(self, begin: datetime) -> Self:
        """Counts of the hours from this one on."""
        return self.filter(hour__gte=begin)


class VisitCount(models.Model):
    """How often one value of one dimension was seen in one hour.

    The dimensions stand apart, so nothing says which page was read from which network.
    """

    class Dimension(models.TextChoices):
        PAGE = "page", _("page")
        PATH = "path", _("page after page")
        REFERRER = "referrer", _("site the visit came from")
        NETWORK = "network", _("network")
        DEVICE = "device", _("device")

    hour = models.DateTimeField(_("hour"))
    dimension = models.CharField(_("what"), max_length=8, choices=Dimension.choices)
    value = models.CharField(_("which"), max_length=LONGEST_VALUE)
    number = models.PositiveIntegerField(_("how often"))

    objects = VisitCountQuerySet.as_manager()

    class Meta:
        verbose_name = _("count of visits")
        verbose_name_plural = _("counts of visits")
        constraints = [
            models.UniqueConstraint(fields=["dimension", "hour", "value"], name="visit_count_once"),
            models.CheckConstraint(
                condition=Q(dimension__in=["page", "path", "referrer", "network", "device"]),
                name="visit_count_of_a_known_dimension",
            ),
            models.CheckConstraint(condition=Q(number__gt=0), name="visit_count_of_something"),
        ]

    def __str__(self) -> str:
        return f"{self.dimension} {self.value}: {self.number}"


class DayKey(models.Model):
    """The key under which cut addresses are hashed on one day. Destroyed when that day is over."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    day = models.DateField(unique=True)
    key = SealedCharField(max_length=64)

    def __str__(self) -> str:
        return f"{self.day}"


class NetworkSeen(models.Model):
    """That some network came today, by a keyed hash. Deleted with the key when the day is over."""

    day = models.DateField()
    token = models.CharField(max_length=32)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["day", "token"], name="network_seen_once_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.day}"


class DayCount(models.Model):
    """How many different networks came on a day that is over: all that is left of its hashes."""

    day = models.DateField(unique=True)
    networks = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(networks__gt=0), name="day_count_of_something"),
        ]

    def __str__(self) -> str:
        return f"{self.day}: {self.networks}"
