"""StatusCake watches the sites of customers who said yes to that (CHANGE-3)."""

from __future__ import annotations

from bizsecure.store.partners.billing import Delivery, told
from bizsecure.store.partners.client import Answer, Request, ask
from consent.grounds import DataField
from consent.services.disclosing import Grant

RECIPIENT = "statuscake"


def begin_watch(*, grant: Grant, delivery: Delivery) -> Answer:
    """Ask that a customer's site be watched."""
    return ask(
        grant=grant,
        partner=RECIPIENT,
        request=Request(
            path="/watches",
            key=delivery.key,
            order=delivery.order,
            product=delivery.product,
            told=told(grant, delivery),
        ),
    )


def stop_watch(*, grant: Grant, key: str, order: str, our_reference: str) -> Answer:
    """Say that a customer took the yes back, so that nothing given may be used any more."""
    return ask(
        grant=grant,
        partner=RECIPIENT,
        request=Request(
            path="/stops",
            key=key,
            order=order,
            product="uptime-watch",
            told={DataField.OUR_REFERENCE: our_reference},
        ),
    )
