"""What other rooms may know of cards: enough to choose one, and never a number.

The models of this room are closed to them (an import contract). They name a card by its uid.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from accounts.models import Customer
from bizsecure.vault.checking import Check
from bizsecure.vault.models import Card


@dataclass(frozen=True)
class PayingCard:
    """A card as it stands in a list to choose from."""

    uid: UUID
    brand: str
    last_four: str
    expiry: str
    label: str


def cards_to_pay_with(customer: Customer, today: date) -> list[PayingCard]:
    """Return the cards that this customer can pay with on a day, the newest first."""
    return [_shown(card) for card in Card.objects.visible_to(customer).good_on(today)]


def card_to_pay_with(customer: Customer, uid: UUID, today: date) -> PayingCard | None:
    """Return this card of this customer, or None if it is no card to pay with on that day."""
    card = Card.objects.visible_to(customer).good_on(today).filter(uid=uid).first()
    return _shown(card) if card else None


def expiring_cards(today: date) -> list[tuple[Customer, PayingCard]]:
    """Return the cards that are about to expire and whose customers do not know it yet."""
    found = Card.objects.about_to_expire(today).select_related("customer")
    return [(card.customer, _shown(card)) for card in found.order_by("pk")[:500]]


def open_checks(now: datetime) -> list[Check]:
    """Return the checks whose outcome is to be asked for at `now`."""
    return [card.open_check for card in Card.objects.due(now).select_related("customer")[:100]]


def _shown(card: Card) -> PayingCard:
    return PayingCard(
        uid=card.uid,
        brand=card.brand,
        last_four=card.last_four,
        expiry=str(card.expiry),
        label=card.label,
    )
