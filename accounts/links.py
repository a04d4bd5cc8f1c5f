"""The address in a mail under which the old address cancels a change, without signing in."""

from __future__ import annotations

from django.db.models import Q

from accounts.models import AddressChange
from bizsecure.core.keyring import keyring

PURPOSE = "cancel-address-change"
# What a column of the database can hold.
LARGEST = 2**63 - 1


def cancel_token(change: AddressChange) -> str:
    """Return the token that stands for this change of its owner, and for nothing else."""
    return keyring().seal_link(PURPOSE, change.pk, change.customer_id or change.user_id or 0)


def cancellable(token: str) -> AddressChange | None:
    """Return the change that a token stands for, or None for any other text."""
    numbers = keyring().open_link(PURPOSE, token)
    if numbers is None or max(numbers) > LARGEST:
        return None
    number, owner = numbers
    rows = AddressChange.objects.filter(Q(customer=owner) | Q(user=owner), pk=number)
    return rows.select_related("customer__user", "user").first()
