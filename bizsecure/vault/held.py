"""What this room keeps about a person, for the register of holdings."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from accounts.holdings import Holding, Row, declare
from accounts.models import Customer
from accounts.services.erasing import keep
from bizsecure.vault.models import Card, CardEvent
from bizsecure.vault.services.removing import erase_cards

ROWS_AT_ONCE = 2000


def _cards(customer: Customer) -> Iterator[Row]:
    """A download may lie about, so a card is what its page shows: never its number."""
    for card in Card.objects.filter(customer=customer).order_by("pk"):
        yield {
            "added_at": card.added_at,
            "brand": card.get_brand_display(),
            "last_four": card.last_four,
            "good_until": card.expiry.last_day if card.expiry else None,
            "name_on_card": card.holder or "",
            "last_paid_with": card.last_used_at,
            "status": card.get_state_display(),
        }


def _events(customer: Customer) -> Iterator[Row]:
    rows = CardEvent.objects.filter(customer=customer).select_related("card")
    for row in rows.order_by("sequence").iterator(chunk_size=ROWS_AT_ONCE):
        yield {
            "recorded_at": row.recorded_at,
            "what": row.get_kind_display(),
            "card": row.card.label,
            "by": row.get_actor_kind_display(),
            "sequence": row.sequence,
            "row_hash": row.row_hash,
        }


declare(
    Holding(
        key="cards",
        title=_("Cards"),
        models=("vault.Card",),
        rows=_cards,
        erase=erase_cards,
        keeps=_("That there was a card; not its number, brand, date or the name on it."),
    )
)
declare(
    Holding(
        key="card-events",
        title=_("What happened to your cards"),
        models=("vault.CardEvent",),
        rows=_events,
        erase=keep,
        keeps=_("That a card was added or removed, and when, so that our records can be checked."),
    )
)
