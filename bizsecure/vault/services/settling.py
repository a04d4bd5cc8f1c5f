"""What the card company said about a card is written down, once."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.actors import Actor
from bizsecure.vault.cards import CardState, Decline, KeptCard
from bizsecure.vault.models import Card, CardEvent
from bizsecure.vault.services.recording import forget_number, hold, record


@transaction.atomic
def accept_card(
    *, uid: UUID, reference: str, kept: KeptCard | None = None, actor: Actor, now: datetime
) -> None:
    """Make a card ready to pay with. Said twice, or too late, it changes nothing."""
    card = hold(uid)
    if card.state not in CardState.unsettled():
        return
    card.state, card.reference, card.confirm_url, card.due_at = CardState.READY, reference, "", None
    changed = ["state", "reference", "confirm_url", "due_at"]
    if kept is not None:
        card.sealed_token, card.brand, card.last_four = kept.token, kept.brand, kept.last_four
        card.month, card.year = kept.expiry.month, kept.expiry.year
        changed += ["sealed_token", "brand", "last_four", "month", "year"]
    card.save(update_fields=changed)
    record(card=card, kind=CardEvent.Kind.ACCEPTED, actor=actor, now=now)


@transaction.atomic
def refuse_card(*, uid: UUID, decline: Decline, actor: Actor, now: datetime) -> None:
    """Forget the number of a card that the card company does not accept."""
    card = hold(uid)
    if card.state not in CardState.unsettled():
        return
    card.state, card.decline = CardState.REFUSED, decline.word
    card.save(update_fields=["state", "decline", *forget_number(card)])
    record(card=card, kind=CardEvent.Kind.REFUSED, actor=actor, now=now)


@transaction.atomic
def await_customer(*, uid: UUID, url: str, reference: str, look_at: datetime) -> None:
    """Remember where the customer confirms the card, and when to ask what came of it."""
    card = hold(uid)
    if card.state not in CardState.unsettled():
        return
    card.state, card.confirm_url, card.reference = CardState.CONFIRMING, url, reference
    card.due_at = look_at
    card.save(update_fields=["state", "confirm_url", "reference", "due_at"])


def look_again(*, uid: UUID, at: datetime) -> None:
    """Ask about an open check again at a moment; a settled one stays as it is."""
    Card.objects.unsettled().filter(uid=uid).update(due_at=at)


@transaction.atomic
def forget_unchecked(*, uid: UUID, actor: Actor, now: datetime) -> None:
    """Forget a card whose check never reached the card company: the code to ask with is gone."""
    card = hold(uid)
    if card.state not in CardState.unsettled():
        return
    card.state, card.decline = CardState.REFUSED, Decline.NOT_ASKED.word
    card.save(update_fields=["state", "decline", *forget_number(card)])
    record(card=card, kind=CardEvent.Kind.UNCHECKED, actor=actor, now=now)
