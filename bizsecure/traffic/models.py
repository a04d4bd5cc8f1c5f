"""Counts by the hour. No column leads to a row of any other table."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

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
