from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Who the customer is."""

    name = "accounts"

    def ready(self) -> None:
        # These need the models, which are loaded only now.
        import_module("accounts.receivers")
        import_module("accounts.sign_in_receivers")
        import_module("accounts.held")
        import_module("accounts.logged")
        import_module("accounts.services.resealing")
        import_module("accounts.staff_traces")
        import_module("accounts.descriptions")
