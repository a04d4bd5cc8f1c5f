from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProofsConfig(AppConfig):
    """Signed heads over all ledgers, and receipts that can be checked against them."""

    name = "bizsecure.proofs"
    label = "proofs"
    verbose_name = _("Proofs")

    def ready(self) -> None:
        import_module("bizsecure.proofs.checks")
