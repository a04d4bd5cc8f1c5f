"""The customers' own keys: made when first needed, destroyed when the customer is forgotten."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import Customer, CustomerKey


@transaction.atomic
def obtain_key(*, customer: Customer) -> CustomerKey:
    """Return the customer's key, for sealing what a ledger keeps; the first time, make it.

    A key that was destroyed is returned as well, and seals nothing.
    """
    Customer.objects.locked([customer.pk]).get()
    key = CustomerKey.objects.filter(customer=customer).first()
    if key is None:
        key = CustomerKey.fresh(customer=customer)
        key.save(force_insert=True)
    return key


@transaction.atomic
def destroy_key(*, customer: Customer, now: datetime) -> None:
    """Make what the ledgers keep of this customer unreadable, for good.

    A customer without a key gets one that is destroyed already, so that nothing personal is
    kept of them later either. Once destroyed is enough.
    """
    key = obtain_key(customer=customer)
    if key.destroyed_at is None:
        key.save(update_fields=key.forget(now))
