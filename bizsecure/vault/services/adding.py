"""A card comes in: the number is sealed, the card company is asked, the security code is gone."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from accounts.actors import Actor
from accounts.models import Customer
from bizsecure.core.errors import Refused
from bizsecure.core.keyring import Tampered
from bizsecure.vault.cards import CardDetails, CardNumber, SecurityCode
from bizsecure.vault.checking import checker
from bizsecure.vault.models import Card, CardEvent
from bizsecure.vault.reasons import Reason
from bizsecure.vault.services.recording import record

MOST_CARDS = 10
# Whoever holds a list of stolen numbers would try them here one after the other.
MOST_REFUSALS_A_DAY = 5
# Later than any answer can come in the request that asks.
FIRST_LOOK_AFTER = timedelta(minutes=2)


@sensitive_variables()
def add_card(
    *, customer: Customer, details: CardDetails, code: SecurityCode, actor: Actor, then: str = ""
) -> Card:
    """Keep a card and ask the card company about it; return it as the answer leaves it.

    `then` goes along to where the customer is sent back to: the page that the card is wanted for.

    Sent twice, it is one card that is asked about once. Refused if the customer has too many
    cards or had too many refused today.
    """
    card, is_new = keep_card(customer=customer, details=details, actor=actor, now=timezone.now())
    if is_new:
        checker().begin(check=card.open_check.then(then), code=code, actor=actor)
    # Not refreshed: that would put the opened number on the instance.
    return Card.objects.get(pk=card.pk)


def begin_elsewhere(*, customer: Customer, actor: Actor, then: str = "") -> Card:
    """Begin with a card that the customer types on the provider's own page; `then` as above."""
    with transaction.atomic():
        now = timezone.now()
        locked = Customer.objects.locked([customer.pk]).get()
        _refuse_too_many(locked, now)
        card = Card.objects.create(customer=locked, added_at=now, due_at=now + FIRST_LOOK_AFTER)
        record(card=card, kind=CardEvent.Kind.ADDED, actor=actor, now=now)
    checker().begin(check=card.open_check.then(then), code=None, actor=actor)
    return Card.objects.get(pk=card.pk)


@sensitive_variables()
@transaction.atomic
def keep_card(
    *, customer: Customer, details: CardDetails, actor: Actor, now: datetime
) -> tuple[Card, bool]:
    customer = Customer.objects.locked([customer.pk]).get()
    for known in Card.objects.held().filter(customer=customer, last_four=details.number.last_four):
        if _is_of(known, details.number):
            if known.expiry != details.expiry:
                raise Refused(Reason.OTHER_DATE)
            return known, False
    _refuse_too_many(customer, now)
    card = Card.objects.create(
        customer=customer,
        sealed_number=details.number.reveal(),
        holder=details.holder,
        brand=details.number.brand,
        last_four=details.number.last_four,
        month=details.expiry.month,
        year=details.expiry.year,
        added_at=now,
        due_at=now + FIRST_LOOK_AFTER,
    )
    record(card=card, kind=CardEvent.Kind.ADDED, actor=actor, now=now)
    # Read anew: the instance that was saved still holds the digits.
    return Card.objects.get(pk=card.pk), True


@sensitive_variables()
def _is_of(card: Card, number: CardNumber) -> bool:
    try:
        return bool(card.sealed_number == number.reveal())
    except Tampered:
        # A damaged row is nobody's card, and keeps nobody from adding one.
        return False


def _refuse_too_many(customer: Customer, now: datetime) -> None:
    cards = Card.objects.filter(customer=customer)
    if cards.held().count() >= MOST_CARDS:
        raise Refused(Reason.TOO_MANY_CARDS)
    if cards.refused_since(now - timedelta(days=1)).count() >= MOST_REFUSALS_A_DAY:
        raise Refused(Reason.TOO_MANY_TRIES)
