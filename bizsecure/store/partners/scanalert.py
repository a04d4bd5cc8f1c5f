"""ScanAlert scans the sites of customers who bought that (THIRD-2)."""

from __future__ import annotations

from bizsecure.store.partners.billing import Delivery, told
from bizsecure.store.partners.client import Answer, Request, ask
from consent.services.disclosing import Grant

RECIPIENT = "scanalert"


def begin_scanning(*, grant: Grant, delivery: Delivery) -> Answer:
    """Ask for the scanning a customer bought."""
    return ask(
        grant=grant,
        partner=RECIPIENT,
        request=Request(
            path="/subscriptions",
            key=delivery.key,
            order=delivery.order,
            product=delivery.product,
            told=told(grant, delivery),
        ),
    )
