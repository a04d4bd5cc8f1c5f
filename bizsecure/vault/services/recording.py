"""The rows that say what happened to a card."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from accounts.actors import Actor
from accounts.models import Customer
from bizsecure.vault.models import Card, CardEvent


def hold(uid: UUID) -> Card:
    """Return the card as it is now, with its customer held until the transaction ends."""
    Customer.objects.locked(Card.objects.filter(uid=uid).values_list("customer", flat=True)).get()
    return Card.objects.select_for_update().get(uid=uid)


def record(*, card: Card, kind: CardEvent.Kind, actor: Actor, now: datetime) -> None:
    """Record what happened, in the transaction of the change and under the customer's lock."""
    CardEvent.append(
        CardEvent(
            customer_id=card.customer_id,
            card=card,
            kind=kind,
            actor_kind=actor.kind,
            actor_user_id=actor.user_id,
            recorded_at=now,
        )
    )


def note_use(*, uid: UUID, at: datetime) -> None:
    """Remember when a card was last paid with: while it is used, its number is needed."""
    Card.objects.ready().filter(uid=uid).update(last_used_at=at)


def forget_number(card: Card) -> list[str]:
    """Empty what is kept secret of a card and return the names of the columns to save."""
    card.sealed_number = card.sealed_token = card.holder = None
    card.confirm_url, card.due_at = "", None
    return ["sealed_number", "sealed_token", "holder", "confirm_url", "due_at"]
