"""What the shop keeps."""

from __future__ import annotations

from bizsecure.store.models.calls import GatewayCall
from bizsecure.store.models.carts import SavedCart
from bizsecure.store.models.catalogue import (
    Feature,
    Kind,
    Price,
    PriceQuerySet,
    Product,
    ProductQuerySet,
)
from bizsecure.store.models.orders import (
    BillingDetails,
    Order,
    OrderEvent,
    OrderLine,
    OrderQuerySet,
    OrderTerms,
    RefundReason,
    TermsVersion,
)
from bizsecure.store.models.payments import Invoice, InvoiceCounter, Payment
from bizsecure.store.models.services import HeldService

__all__ = [
    "BillingDetails",
    "Feature",
    "GatewayCall",
    "HeldService",
    "Invoice",
    "InvoiceCounter",
    "Kind",
    "Order",
    "OrderEvent",
    "OrderLine",
    "OrderQuerySet",
    "OrderTerms",
    "Payment",
    "Price",
    "PriceQuerySet",
    "Product",
    "ProductQuerySet",
    "RefundReason",
    "SavedCart",
    "TermsVersion",
]
