"""Writing down what happened to an account."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import transaction

from accounts.actors import Actor
from accounts.event_kinds import EventKind
from accounts.models import AccountEvent, Customer
from bizsecure.core.work import nudge


@transaction.atomic
def record_event(
    *,
    customer: Customer,
    kind: EventKind,
    actor: Actor,
    now: datetime,
    device: str = "",
    subject: str = "",
    reference: str = "",
    count: int | None = None,
) -> AccountEvent:
    """Add an event to the customer's account log, in the transaction of what happened.

    Hold no personal information in its facts, for they outlive the account: no name, no
    address of a person or of a network, and of a device its family alone.
    """
    Customer.objects.locked([customer.pk]).get()
    event = AccountEvent(
        customer=customer,
        kind=EventKind(kind),
        device=device[:80],
        subject=subject,
        reference=reference,
        count=count,
        actor_kind=actor.kind,
        actor_user_id=actor.user_id,
        recorded_at=now,
    )
    AccountEvent.append(event)
    if EventKind(kind).is_news:
        nudge(settings.NEWS_TASK)
    return event
