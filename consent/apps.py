from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig


class ConsentConfig(AppConfig):
    """What the company may do with personal information."""

    name = "consent"

    def ready(self) -> None:
        # These need the models, which are loaded only now.
        import_module("consent.held")
        import_module("consent.logged")
        import_module("consent.collecting")
        import_module("consent.descriptions")
        import_module("consent.own_facts")
