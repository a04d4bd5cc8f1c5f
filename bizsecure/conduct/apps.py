from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ConductConfig(AppConfig):
    """Decisions on the grounds of the acceptable use policy, and objections to them."""

    name = "bizsecure.conduct"
    label = "conduct"
    verbose_name = _("Conduct")

    def ready(self) -> None:
        # These need the models, which are loaded only now.
        import_module("bizsecure.conduct.held")
        import_module("bizsecure.conduct.logged")
        import_module("bizsecure.conduct.reported")
