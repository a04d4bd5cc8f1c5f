from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    """What the company says and hears."""

    name = "notifications"

    def ready(self) -> None:
        # What is held needs the models, which are loaded only now.
        import_module("notifications.checks")
        import_module("notifications.held")
        import_module("notifications.logged")
        import_module("notifications.own_facts")
