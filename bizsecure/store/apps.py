from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class StoreConfig(AppConfig):
    """The shop: catalogue, cart, checkout, orders and services held."""

    name = "bizsecure.store"
    label = "store"
    verbose_name = _("Shop")

    def ready(self) -> None:
        # These need the models, which are loaded only now.
        import_module("bizsecure.store.held")
        import_module("bizsecure.store.audiences")
        import_module("bizsecure.store.logged")
        import_module("bizsecure.store.own_facts")
        import_module("bizsecure.store.services.checking_cards")
        import_module("bizsecure.store.paid_with")
        import_module("bizsecure.store.checks")
