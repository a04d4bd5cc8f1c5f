"""The one way by which a card number leaves (THIRD-1).

It leaves against a grant of the register that names the card, goes to the recipient of that
grant, and is seen by the function it is handed to and by nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar
from uuid import UUID

from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from bizsecure.core.errors import Refused
from bizsecure.core.security_log import Event, note
from bizsecure.vault.cards import CardDetails, CardNumber, Expiry
from bizsecure.vault.models import Card
from bizsecure.vault.reasons import Reason
from bizsecure.vault.services.recording import note_use
from consent.grounds import DataField
from consent.models import Disclosure
from consent.services.disclosing import Grant, spend

Answer = TypeVar("Answer")


@sensitive_variables()
def hand_over(
    *,
    uid: UUID,
    grant: Grant,
    recipient: str,
    fields: Iterable[DataField],
    to: Callable[[CardDetails], Answer],
) -> Answer:
    """Give the card to `to`, whose recipient this is, and return what it answers.

    `fields` are all that goes along. The grant is spent before the number is opened; it cannot
    run inside a transaction. Refused with NOT_ALLOWED for a grant about another customer and for
    a card that is not kept here, and by the register for all that it did not grant.
    """
    card = _granted(uid, grant)
    if card.sealed_number is None or card.year is None or card.month is None:
        raise Refused(Reason.NOT_ALLOWED)
    spend(grant=grant, recipient=recipient, fields={DataField.CARD, *fields})
    note(Event.CARD_HANDED_OVER, disclosure=grant.disclosure_id, recipient=recipient)
    note_use(uid=card.uid, at=timezone.now())
    return to(
        CardDetails(
            number=CardNumber(card.sealed_number),
            expiry=Expiry(card.year, card.month),
            holder=card.holder or "",
        )
    )


def token_of(*, uid: UUID, grant: Grant) -> str | None:
    """Return the token of a card that a provider keeps for us, or None if it keeps none.

    The token says nothing to anybody but that provider, and nothing new to it.
    """
    card = _granted(uid, grant)
    note_use(uid=card.uid, at=timezone.now())
    return card.sealed_token or None


def _granted(uid: UUID, grant: Grant) -> Card:
    """Return the card, if the grant is about the customer whose card it is."""
    about = Disclosure.objects.filter(pk=grant.disclosure_id).values("customer")
    card = Card.objects.held().filter(uid=uid, customer__in=about).first()
    if card is None:
        raise Refused(Reason.NOT_ALLOWED)
    return card
