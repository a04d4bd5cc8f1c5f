"""The staff pages of the shop."""

from __future__ import annotations

from bizsecure.store.admin.catalogue import ProductAdmin
from bizsecure.store.admin.orders import HeldServiceAdmin, OrderAdmin
from bizsecure.store.admin.terms import TermsVersionAdmin

__all__ = ["HeldServiceAdmin", "OrderAdmin", "ProductAdmin", "TermsVersionAdmin"]
