from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig


class CoreConfig(AppConfig):
    """The ground floor: knows no room and has no tables."""

    name = "bizsecure.core"
    label = "core"

    def ready(self) -> None:
        import_module("bizsecure.core.security_contact")
        import_module("bizsecure.core.error_reports")
        import_module("bizsecure.core.ways_of_connecting")
