"""What happens to a sign-in, in the account log of the customer it belongs to."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from accounts.actors import Actor
from accounts.event_kinds import EventKind
from accounts.models import AccountEvent, Customer, User
from accounts.services.logging_events import record_event

# Whoever guesses leaves one line in this time, and does not fill the log.
BETWEEN_FAILURES = timedelta(minutes=10)


def note_sign_in_event(
    *,
    user: User,
    kind: EventKind,
    now: datetime,
    device: str = "",
    subject: str = "",
    count: int | None = None,
) -> None:
    """Record what this user's sign-in went through. Staff who are no customers have no log."""
    customer = Customer.objects.served().filter(user=user).first()
    if customer is not None:
        record_event(
            customer=customer,
            kind=kind,
            actor=Actor.customer(user),
            now=now,
            device=device,
            subject=subject,
            count=count,
        )


@transaction.atomic
def note_failed_factor(*, user: User, device: str, subject: str, now: datetime) -> None:
    """Record that somebody who had come so far did not get past the second step."""
    customer = Customer.objects.served().filter(user=user).first()
    if customer is None:
        return
    Customer.objects.locked([customer.pk]).get()
    lately = AccountEvent.objects.filter(
        customer=customer,
        kind=EventKind.FACTOR_FAILED,
        recorded_at__gt=now - BETWEEN_FAILURES,
    )
    if not lately.exists():
        kind = EventKind.FACTOR_FAILED
        note_sign_in_event(user=user, kind=kind, device=device, subject=subject, now=now)
