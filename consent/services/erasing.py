"""What becomes of choices when an account is erased."""

from __future__ import annotations

from datetime import datetime

from accounts.models import Customer
from consent.services.opting_out import remember_refusals


def keep_refusals(*, customer: Customer, now: datetime) -> None:
    """Let every no outlive the account by the digest of its address; the rows stay, nameless."""
    remember_refusals(customer=customer)
