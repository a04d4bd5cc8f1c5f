"""Recording again what was refused after the dump that a database was restored from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from enum import StrEnum

from django.db import transaction
from django.utils import timezone

from accounts.actors import SYSTEM
from accounts.models import Customer
from consent.models import AddressOptOut, Choice, DeclaredUse, Use
from consent.position import latest_choices
from consent.refusal_journal import Note, Unreadable
from consent.services.choosing import refuse
from consent.services.opting_out import record_digest_opt_out


class Replayed(StrEnum):
    """What became of a no that was noted, for one use."""

    RECORDED = "recorded"
    KNOWN = "known"
    # The same customer said yes later, and the database knows that.
    OUTWEIGHED = "outweighed"
    # The use was declared after the dump, so nobody was asked about it yet.
    UNKNOWN_USE = "unknown use"
    UNREADABLE = "unreadable"


def replay(notes: Iterable[Note | Unreadable]) -> Counter[Replayed]:
    """Record every no that the database does not know, and count what became of each.

    A no counts from now on, said earlier, as the ledger tells. A younger yes stands. Whoever
    joined after the dump is unknown to the restored database: their no is kept for the address, so
    that it holds when they come back. Run twice it adds nothing.
    """
    found: Counter[Replayed] = Counter()
    for note in notes:
        if isinstance(note, Unreadable):
            found[Replayed.UNREADABLE] += 1
        else:
            found += _replay(note)
    return found


@transaction.atomic
def _replay(note: Note) -> Counter[Replayed]:
    uses = list(_refusable(note.uses))
    unknown = Counter({Replayed.UNKNOWN_USE: len(set(note.uses)) - len(uses)})
    customer = Customer.objects.filter(number=note.customer).first() if note.customer else None
    if customer is not None:
        return unknown + _by_customer(customer, uses, note)
    return unknown + _by_address(uses, note)


def _by_customer(customer: Customer, uses: list[Use], note: Note) -> Counter[Replayed]:
    held = Customer.objects.locked([customer.pk]).get()
    last = latest_choices(held, [use.pk for use in uses])
    found: Counter[Replayed] = Counter()
    for use in uses:
        found[_compared(last.get(use.pk), note)] += 1
    news = [use for use in uses if _compared(last.get(use.pk), note) == Replayed.RECORDED]
    refuse(
        customer=held,
        uses=news,
        method=Choice.Method.EARLIER,
        actor=SYSTEM,
        now=timezone.now(),
    )
    return found


def _compared(last: Choice | None, note: Note) -> Replayed:
    if last is None:
        return Replayed.RECORDED
    if last.decision == Choice.Decision.REFUSED:
        return Replayed.KNOWN
    return Replayed.OUTWEIGHED if last.recorded_at > note.said_at else Replayed.RECORDED


def _by_address(uses: list[Use], note: Note) -> Counter[Replayed]:
    found: Counter[Replayed] = Counter()
    for use in uses if note.address_digest else []:
        kept = AddressOptOut.objects.filter(use=use, digest=note.address_digest)
        yes = Choice.objects.filter(
            use=use,
            decision=Choice.Decision.GRANTED,
            recorded_at__gt=note.said_at,
            customer__address_digest=note.address_digest,
        )
        if yes.exists():
            found[Replayed.OUTWEIGHED] += 1
        elif kept.filter(recorded_at__gte=note.said_at).exists():
            found[Replayed.KNOWN] += 1
        else:
            rows = record_digest_opt_out(
                digest=note.address_digest,
                uses=[use.key],
                method=Choice.Method.EARLIER,
                actor=SYSTEM,
            )
            found[Replayed.RECORDED if rows else Replayed.KNOWN] += 1
    return found


def _refusable(keys: Iterable[str]) -> Iterable[Use]:
    """The uses of these keys that the policy, as it is known now, lets customers refuse."""
    posted = DeclaredUse.objects.exclude(version__status="draft")
    by_choice = posted.exclude(basis=DeclaredUse.Basis.ESSENTIAL)
    return Use.objects.filter(key__in=set(keys), declared__in=by_choice).distinct()
