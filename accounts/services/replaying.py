"""Closing again what was closed after the dump that a database was restored from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from enum import StrEnum

from django.db import transaction
from django.utils import timezone

from accounts.actors import SYSTEM
from accounts.closing_journal import Note, Step, Unreadable
from accounts.models import Closing, Customer
from accounts.services.closing import begin_closing, erase_account, open_closing, undo_closing
from bizsecure.core.errors import Refused


class Replayed(StrEnum):
    """What became of what was noted about a customer's closings."""

    ERASED = "erased"
    CLOSING = "closing"
    UNDONE = "undone"
    KNOWN = "known"
    # To be erased, and something is in the way that was not, such as a payment that was lost.
    WAITING = "waiting"
    # Who joined after the dump is not in the database: nobody comes back.
    UNKNOWN_CUSTOMER = "unknown customer"
    UNREADABLE = "unreadable"


def replay(notes: Iterable[Note | Unreadable]) -> Counter[Replayed]:
    """Take for each customer the last step that was noted, and count what became of it.

    Who had left is erased, with nothing to think over: that is behind them. Who had asked to leave
    has the rest of the days there were, and who had thought again stays. What still stands in the
    way of erasing keeps the account closing, which is used for nothing, and the hourly job tries
    again. Run twice it does nothing more.
    """
    found: Counter[Replayed] = Counter()
    last: dict[str, Note] = {}
    for note in notes:
        if isinstance(note, Unreadable):
            found[Replayed.UNREADABLE] += 1
        elif note.customer not in last or _is_later(note, last[note.customer]):
            last[note.customer] = note
    found.update(map(_replay, last.values()))
    return found


def _is_later(note: Note, other: Note) -> bool:
    """Nothing follows an erasing, whatever the clocks of two machines say.

    Of what was taken in the same moment the later line counts.
    """
    one, two = note.step == Step.ERASED, other.step == Step.ERASED
    return (one, note.taken_at) >= (two, other.taken_at)


@transaction.atomic
def _replay(note: Note) -> Replayed:
    found = Customer.objects.filter(number=note.customer)
    customer = found.select_for_update(no_key=True).first()
    if customer is None:
        return Replayed.UNKNOWN_CUSTOMER
    if customer.status == Customer.Status.CLOSED:
        return Replayed.KNOWN
    if note.step == Step.UNDONE:
        return _undo(customer, note)
    is_known = Closing.objects.filter(customer=customer, requested_at=note.requested_at).exists()
    if open_closing(customer) is None and (not is_known or note.step == Step.ERASED):
        begin_closing(
            customer=customer,
            requested_at=note.requested_at,
            erase_at=note.erase_at,
            actor=SYSTEM,
            now=timezone.now(),
        )
    if note.step == Step.ERASED:
        return _erase(customer)
    return Replayed.KNOWN if is_known else Replayed.CLOSING


def _undo(customer: Customer, note: Note) -> Replayed:
    closing = open_closing(customer)
    if closing is None or closing.requested_at > note.taken_at:
        return Replayed.KNOWN
    undo_closing(customer=customer, actor=SYSTEM)
    return Replayed.UNDONE


def _erase(customer: Customer) -> Replayed:
    try:
        erase_account(customer=customer, actor=SYSTEM)
    except Refused:
        return Replayed.WAITING
    return Replayed.ERASED
