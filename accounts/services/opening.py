"""Becoming a customer, and proving an address."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone, translation

from accounts.actors import Actor, Channel
from accounts.models import Customer, User
from accounts.services.personal import record_changes
from bizsecure.core.languages import spoken


def open_account(*, user: User | None, name: str, email: str, now: datetime) -> Customer:
    """Return the customer that somebody becomes at `now`, who is written to as they read us now.

    The address counts as the customer's only once it is proven (record_proven_address).
    """
    language = spoken(translation.get_language())
    return Customer.objects.create(
        user=user, name=name, email=email, language=language, joined_at=now
    )


@transaction.atomic
def record_proven_address(*, user: User, email: str) -> None:
    """Make `email` the address we write to: its owner has followed a link sent to it."""
    now = timezone.now()
    customer = Customer.objects.locked(
        Customer.objects.filter(user=user).values_list("pk", flat=True)
    ).first()
    if customer is None or (customer.email == email and customer.email_verified_at):
        return
    before = customer.email
    customer.email, customer.email_verified_at = email, now
    customer.revision += 1
    customer.save(update_fields=["email", "email_verified_at", "revision"])
    if email != before:
        record_changes(
            customer=customer,
            changes={"email": (before, email)},
            actor=Actor.customer(user),
            channel=Channel.MAIL_PROOF,
            now=now,
        )
