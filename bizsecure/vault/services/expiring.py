"""Cards that are about to expire are found by query, each once."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.actors import SYSTEM
from bizsecure.vault.models import CardEvent
from bizsecure.vault.retention import is_about_to_expire
from bizsecure.vault.services.recording import hold, record


@transaction.atomic
def note_expiring(*, uid: UUID) -> bool:
    """Record that the customer is to be reminded; return False if that was done or is needless.

    Whoever reminds does so in the same transaction, so that neither happens without the other.
    """
    now = timezone.now()
    card = hold(uid)
    expiry = card.expiry
    if not card.is_ready or expiry is None or not is_about_to_expire(expiry, now.date()):
        return False
    if card.events.filter(kind=CardEvent.Kind.EXPIRING).exists():
        return False
    record(card=card, kind=CardEvent.Kind.EXPIRING, actor=SYSTEM, now=now)
    return True
