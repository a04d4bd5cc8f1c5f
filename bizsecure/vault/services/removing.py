"""Cards go: because the customer says so, or because their number is not needed any more."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.actors import SYSTEM, Actor
from accounts.models import Customer
from bizsecure.vault.cards import CardState
from bizsecure.vault.models import Card, CardEvent
from bizsecure.vault.retention import Over, no_longer_needed
from bizsecure.vault.services.recording import forget_number, hold, record

AT_ONCE = 500
RECORDED_AS = {
    Over.UNCHECKED: CardEvent.Kind.UNCHECKED,
    Over.EXPIRED: CardEvent.Kind.EXPIRED,
    Over.UNUSED: CardEvent.Kind.UNUSED,
}


@transaction.atomic
def remove_card(*, card: Card, actor: Actor) -> None:
    """Forget a card at once. Asked twice, it is forgotten once."""
    now = timezone.now()
    card = hold(card.uid)
    if card.state != CardState.REMOVED:
        _remove(card, CardEvent.Kind.REMOVED, actor, now)


def forget_needless_cards() -> int:
    """Forget every number that the retention rule does not need; return how many.

    Found by query, so a day that was missed is made up, and a second run finds nothing.
    """
    now = timezone.now()
    found = Card.objects.perhaps_needless(now).order_by("pk")[:AT_ONCE]
    return sum(_forget_if_needless(card, now) for card in found)


@transaction.atomic
def _forget_if_needless(card: Card, now: datetime) -> bool:
    card = hold(card.uid)
    if card.state not in CardState.held():
        return False
    over = no_longer_needed(
        added_at=card.added_at,
        last_used_at=card.last_used_at,
        expiry=card.expiry,
        is_settled=card.is_ready,
        now=now,
    )
    if over is not None:
        _remove(card, RECORDED_AS[over], SYSTEM, now)
    return over is not None


def _remove(card: Card, kind: CardEvent.Kind, actor: Actor, now: datetime) -> None:
    card.state = CardState.REMOVED
    card.save(update_fields=["state", *forget_number(card)])
    record(card=card, kind=kind, actor=actor, now=now)


def erase_cards(*, customer: Customer, now: datetime) -> None:
    """Forget the cards of an account that is erased; the log keeps that there were some."""
    Card.objects.filter(customer=customer).update(
        state=CardState.REMOVED,
        sealed_number=None,
        sealed_token=None,
        holder=None,
        brand="",
        last_four="",
        month=None,
        year=None,
        reference="",
        confirm_url="",
        due_at=None,
    )
