"""What staff enter into the register: proposed by one, and counting once another approved it.

These are the disclosures of section 11 of the policy: two grounds for personal information
(DISC-1), four for the contents of communications (DISC-2), and no other.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.actors import Actor, ActorKind
from accounts.models import Customer, User
from bizsecure.core.errors import Refused
from consent.calendar import policy_day
from consent.grounds import BY_STAFF, DataField, LegalGround, Purpose, as_list
from consent.models import BarLifted, Declaration, Disclosure, DisclosureEntry, Recipient
from consent.models.entries import Telling
from consent.reasons import Reason

State = DisclosureEntry.State


@dataclass(frozen=True)
class Proposal:
    """What a member of staff wants disclosed. `key` makes a form that is sent twice one entry."""

    key: UUID
    recipient: str
    party: str
    purpose: Purpose
    ground: LegalGround
    fields: Iterable[DataField]
    reference: str
    telling: Telling
    tell_on: date | None = None
    barred_by: str = ""


@transaction.atomic
def propose(*, customer: Customer, proposal: Proposal, actor: Actor) -> DisclosureEntry:
    """Enter a disclosure for a second person to decide about; nothing may be given before.

    Refused with what `check` refuses.
    """
    now = timezone.now()
    proposer = _member_of_staff(actor)
    check(proposal=proposal, now=now)
    entry, _is_new = DisclosureEntry.objects.get_or_create(
        uid=proposal.key,
        defaults={
            "customer": customer,
            "recipient": Recipient.objects.get(key=proposal.recipient),
            "party": proposal.party.strip(),
            "purpose": proposal.purpose,
            "ground": proposal.ground,
            "fields": as_list(proposal.fields),
            "reference": proposal.reference.strip(),
            "telling": proposal.telling,
            "tell_on": proposal.tell_on,
            "barred_by": proposal.barred_by.strip(),
            "proposed_by_id": proposer,
            "proposed_at": now,
        },
    )
    return entry


def check(*, proposal: Proposal, now: datetime) -> None:
    """Refuse what could not be entered.

    NOT_A_GROUND for a ground that is none of section 11, UNKNOWN_RECIPIENT, NO_PARTY,
    NO_REFERENCE, NOTHING_NAMED, NOT_DECLARED for what this recipient may not be given for this
    purpose on this ground, NEEDS_DATE for a later day that is not named or not later, and
    NEEDS_LAW for a bar without the law it rests on.
    """
    if proposal.ground not in BY_STAFF:
        raise Refused(Reason.NOT_A_GROUND)
    recipient = Recipient.objects.filter(key=proposal.recipient).first()
    if recipient is None:
        raise Refused(Reason.UNKNOWN_RECIPIENT)
    if not proposal.party.strip():
        raise Refused(Reason.NO_PARTY, recipient=recipient.name)
    if not proposal.reference.strip():
        raise Refused(Reason.NO_REFERENCE)
    fields = set(proposal.fields)
    if not fields:
        raise Refused(Reason.NOTHING_NAMED)
    declared = Declaration.objects.filter(
        recipient=recipient, purpose=proposal.purpose, ground=proposal.ground
    )
    if not fields <= set(declared.values_list("field", flat=True)):
        raise Refused(Reason.NOT_DECLARED, recipient=recipient.name)
    _check_telling(proposal, now)


@transaction.atomic
def approve(*, entry: DisclosureEntry, actor: Actor) -> Disclosure:
    """Let an entry of somebody else count: write it into the register.

    Approved twice by the same person, it is in the register once. Refused with OWN_ENTRY, and
    with ENTRY_DECIDED for one that was decided otherwise or by another.
    """
    now = timezone.now()
    Customer.objects.locked([entry.customer_id]).get()
    if not _decided(entry, State.APPROVED, actor, now):
        return Disclosure.objects.get(entry=entry)
    entry.refresh_from_db()
    disclosure = Disclosure(
        customer_id=entry.customer_id,
        recipient_id=entry.recipient_id,
        party=entry.party,
        purpose=entry.purpose,
        ground=entry.ground,
        fields=entry.fields,
        reference=entry.reference,
        telling=entry.telling,
        tell_on=entry.tell_on,
        barred_by=entry.barred_by,
        entry=entry,
        approved_by_id=actor.user_id,
        actor_kind=ActorKind.STAFF,
        actor_user_id=entry.proposed_by_id,
        recorded_at=now,
    )
    Disclosure.append(disclosure)
    return disclosure


@transaction.atomic
def reject(*, entry: DisclosureEntry, why: str, actor: Actor) -> None:
    """Turn an entry of somebody else down, with the reason. Nothing may be given.

    Refused with NO_REASON, OWN_ENTRY and ENTRY_DECIDED.
    """
    now = timezone.now()
    if not why.strip():
        raise Refused(Reason.NO_REASON)
    _decided(entry, State.REJECTED, actor, now, why_rejected=why.strip())


@transaction.atomic
def lift_bar(*, disclosure: Disclosure, tell_on: date, reference: str, actor: Actor) -> BarLifted:
    """Record that the law no longer forbids telling the customer, from a day on.

    The customer sees it from that day. Refused with NOT_BARRED, NO_REFERENCE for a document, and
    BAR_LIFTED where another day was recorded before.
    """
    now = timezone.now()
    member = _member_of_staff(actor)
    if disclosure.telling != Telling.BARRED:
        raise Refused(Reason.NOT_BARRED)
    if not reference.strip():
        raise Refused(Reason.NO_REFERENCE)
    lifted, is_new = BarLifted.objects.get_or_create(
        disclosure=disclosure,
        defaults={
            "tell_on": tell_on,
            "reference": reference.strip(),
            "actor_user_id": member,
            "recorded_at": now,
        },
    )
    if not is_new and lifted.tell_on != tell_on:
        raise Refused(Reason.BAR_LIFTED)
    return lifted


def _check_telling(proposal: Proposal, now: datetime) -> None:
    if proposal.telling == Telling.DEFERRED and (
        proposal.tell_on is None or proposal.tell_on <= policy_day(now)
    ):
        raise Refused(Reason.NEEDS_DATE)
    if proposal.telling == Telling.BARRED and not proposal.barred_by.strip():
        raise Refused(Reason.NEEDS_LAW)


def _decided(
    entry: DisclosureEntry, state: DisclosureEntry.State, actor: Actor, now: datetime, **facts: str
) -> bool:
    """Decide an entry by compare-and-set; False if the same person decided it so before."""
    member = _member_of_staff(actor)
    decision = {"state": state, "decided_by_id": member}
    rows = DisclosureEntry.objects.filter(pk=entry.pk)
    if rows.filter(proposed_by_id=member).exists():
        raise Refused(Reason.OWN_ENTRY)
    if rows.filter(state=State.PROPOSED).update(**decision, decided_at=now, **facts):
        return True
    if not rows.filter(**decision).exists():
        raise Refused(Reason.ENTRY_DECIDED)
    return False


def _member_of_staff(actor: Actor) -> int:
    if actor.kind != ActorKind.STAFF or actor.user_id is None:
        raise Refused(Reason.NOT_STAFF)
    if not User.objects.filter(pk=actor.user_id, is_staff=True, is_active=True).exists():
        raise Refused(Reason.NOT_STAFF)
    return actor.user_id
