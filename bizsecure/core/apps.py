from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig


class CoreConfig(AppConfig):
    """The ground floor: knows no room and has no tables."""

    name = "bizsecure.core"
    label = "core"

    def ready(self) -> None:
        import_module("bizsecure.core.security_contact")
