from __future__ import annotations

from django.apps import AppConfig


class DemoConfig(AppConfig):
    """A company in miniature, for looking around on one's own machine."""

    name = "bizsecure.demo"
    label = "demo"
