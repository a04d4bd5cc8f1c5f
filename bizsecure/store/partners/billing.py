"""What a partner is told of a customer: name and billing information, as far as was granted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bizsecure.store.models import BillingDetails
from consent.grounds import DataField
from consent.services.disclosing import Grant

ADDRESS = ("street", "extra", "city", "region", "postcode")


@dataclass(frozen=True)
class Delivery:
    """What a partner is to deliver. `key` makes a request that is sent again the same one."""

    key: str
    order: str
    product: str
    billing: BillingDetails
    site: str = ""


def told(grant: Grant, delivery: Delivery) -> dict[DataField, Any]:
    """Return the granted fields with their values, and nothing beside them."""
    return {field: _value(field, delivery) for field in sorted(grant.fields)}


def _value(field: DataField, delivery: Delivery) -> Any:
    billing = delivery.billing
    if field == DataField.BILLING_ADDRESS:
        lines = {name: getattr(billing, name) or "" for name in ADDRESS}
        return {**lines, "country": billing.country.code}
    return {
        DataField.NAME: billing.name,
        DataField.EMAIL: billing.email,
        DataField.SITE_ADDRESS: delivery.site,
    }[field]
