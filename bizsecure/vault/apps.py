from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class VaultConfig(AppConfig):
    """The cards, and the only room that ever sees a card number (SEC-1)."""

    name = "bizsecure.vault"
    label = "vault"
    verbose_name = _("Cards")

    def ready(self) -> None:
        # These need the models, which are loaded only now.
        import_module("bizsecure.vault.held")
        import_module("bizsecure.vault.logged")
        import_module("bizsecure.vault.own_facts")
