from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TrafficConfig(AppConfig):
    """Counts of visits. Knows no person, and no room knows it."""

    name = "bizsecure.traffic"
    label = "traffic"
    verbose_name = _("Traffic")
