"""GeoTrust issues the certificates that we sell (THIRD-2)."""

from __future__ import annotations

from bizsecure.store.partners.billing import Delivery, told
from bizsecure.store.partners.client import Answer, Request, ask
from consent.services.disclosing import Grant

RECIPIENT = "geotrust"


def issue_certificate(*, grant: Grant, delivery: Delivery) -> Answer:
    """Ask for the certificate a customer bought."""
    return ask(
        grant=grant,
        partner=RECIPIENT,
        request=Request(
            path="/certificates",
            key=delivery.key,
            order=delivery.order,
            product=delivery.product,
            told=told(grant, delivery),
        ),
    )
