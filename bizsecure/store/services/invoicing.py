"""Invoices and credit notes, numbered without a gap."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F

from bizsecure.store.models import Invoice, InvoiceCounter, Order
from bizsecure.store.seller import SELLER


def issue_invoice(*, order: Order, now: datetime) -> Invoice:
    """Write the invoice of an order, once."""
    return _issue(order, Invoice.Kind.INVOICE, now)


def issue_credit_note(*, order: Order, now: datetime) -> Invoice:
    """Write the credit note of an order that was paid back, once."""
    return _issue(order, Invoice.Kind.CREDIT, now)


@transaction.atomic
def _issue(order: Order, kind: Invoice.Kind, now: datetime) -> Invoice:
    known = Invoice.objects.filter(order=order, kind=kind).first()
    if known is not None:
        return known
    # The row stays locked until the caller's transaction ends. One that fails gives the number
    # back, so that none is ever missing.
    InvoiceCounter.objects.update(last_number=F("last_number") + 1)
    number = InvoiceCounter.objects.get().last_number
    return Invoice.objects.create(
        order=order, kind=kind, number=number, issued_at=now, seller=SELLER
    )
