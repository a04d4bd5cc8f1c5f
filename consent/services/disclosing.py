"""The only door out: nothing of a customer's leaves the house without a grant (THIRD-3).

`authorise` writes the disclosure and returns a grant. An adapter to the outside takes a grant,
has it `spent` before the first byte leaves, and `record_outcome` says how it went. A grant names
one recipient and some fields, is good once, and for a few minutes.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NoReturn, final
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.actors import SYSTEM, Actor
from accounts.models import Customer
from bizsecure.core.errors import Refused
from consent import gate
from consent.grounds import BY_STAFF, DataField, LegalGround, Purpose, as_list
from consent.models import Declaration, Disclosure, DisclosureOutcome, GrantUse, Recipient
from consent.reasons import Reason

# Long enough for a slow partner that is asked several times, too short to be laid by.
GOOD_FOR = timedelta(minutes=10)
# What the gate must say for each ground.
NEEDED = {LegalGround.PURCHASE: gate.Ground.ESSENTIAL, LegalGround.CHOICE: gate.Ground.GRANTED}

Outcome = DisclosureOutcome.Outcome
_OUR_OWN = object()


@final
class Grant:
    """Leave to give some fields of one customer to one recipient, once. Made by authorise alone.

    It stands for a row of the register. Nothing about it can be changed, it cannot be copied,
    and it does not survive the process that asked for it.
    """

    __slots__ = ("disclosure_id", "expires_at", "fields", "purpose", "recipient", "uid")

    disclosure_id: int
    uid: UUID
    recipient: str
    purpose: str
    fields: frozenset[DataField]
    expires_at: datetime

    def __init__(self, maker: object, disclosure: Disclosure) -> None:
        if maker is not _OUR_OWN:
            raise TypeError("Only the register makes grants: ask authorise for one.")
        facts = {
            "disclosure_id": disclosure.pk,
            "uid": disclosure.uid,
            "recipient": disclosure.recipient.key,
            "purpose": disclosure.purpose,
            "fields": frozenset(disclosure.field_list),
            "expires_at": disclosure.recorded_at + GOOD_FOR,
        }
        for name, fact in facts.items():
            object.__setattr__(self, name, fact)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise TypeError("A grant stays as it is.")

    def __delattr__(self, name: str) -> NoReturn:
        raise TypeError("A grant stays as it is.")

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        raise TypeError("A grant cannot be copied or put away.")

    def __repr__(self) -> str:
        return f"<grant {self.uid}>"


@transaction.atomic
def authorise(
    *,
    customer: Customer,
    recipient: str,
    purpose: Purpose,
    fields: Iterable[DataField],
    ground: LegalGround,
    reference: str,
    actor: Actor,
    party: str = "",
) -> Grant:
    """Write into the register that something may leave, and return the grant for it.

    `recipient` is a recipient's key, `reference` the number of the order, and `party` says who
    it is where a recipient is one of many, such as the card company. Refused with
    UNKNOWN_RECIPIENT, NOTHING_NAMED, NO_REFERENCE, NO_PARTY, NOT_DECLARED for a purpose or a
    field that the recipient is not declared for on this ground, NEEDS_TWO_PEOPLE for a ground of
    section 11, and GATE_SAYS_NO with the gate's reason.
    """
    now = timezone.now()
    wanted = set(fields)
    known = _declared(recipient, purpose, wanted, ground)
    if ground in BY_STAFF:
        raise Refused(Reason.NEEDS_TWO_PEOPLE)
    if not reference.strip():
        raise Refused(Reason.NO_REFERENCE)
    if known.is_one_of_many and not party.strip():
        raise Refused(Reason.NO_PARTY, recipient=known.name)
    customer = Customer.objects.locked([customer.pk]).get()
    _ask_the_gate(customer, purpose, ground, now)
    disclosure = Disclosure(
        customer=customer,
        kind=Disclosure.Kind.STOP if ground == LegalGround.WITHDRAWN else Disclosure.Kind.GIVEN,
        recipient=known,
        party=party.strip() or known.name,
        purpose=purpose,
        ground=ground,
        fields=as_list(wanted),
        reference=reference.strip(),
        actor_kind=actor.kind,
        actor_user_id=actor.user_id,
        recorded_at=now,
    )
    Disclosure.append(disclosure)
    return Grant(_OUR_OWN, disclosure)


@transaction.atomic(durable=True)
def spend(*, grant: Grant, recipient: str, fields: Iterable[DataField]) -> None:
    """Use a grant up, for exactly this; an adapter calls it before the first byte leaves.

    The disclosure and its use are committed when this returns: it cannot run inside another
    transaction, which might still be undone. The gate is asked once more. Refused with
    NOT_GRANTED for another recipient, a field that was not granted or no field, GRANT_EXPIRED,
    GATE_SAYS_NO, and GRANT_USED.
    """
    now = timezone.now()
    if not isinstance(grant, Grant):
        raise TypeError("Only a grant of the register opens the door.")
    wanted = set(fields)
    written = Disclosure.objects.filter(
        pk=grant.disclosure_id, uid=grant.uid, recipient__key=recipient
    ).first()
    if written is None or not wanted or not wanted <= set(written.field_list):
        raise Refused(Reason.NOT_GRANTED)
    if now >= written.recorded_at + GOOD_FOR:
        raise Refused(Reason.GRANT_EXPIRED)
    customer = Customer.objects.locked([written.customer_id]).get()
    _ask_the_gate(customer, written.purpose, LegalGround(written.ground), now)
    _use, is_first = GrantUse.objects.get_or_create(disclosure=written, defaults={"used_at": now})
    if not is_first:
        raise Refused(Reason.GRANT_USED)


def record_outcome(
    *,
    grant: Grant,
    outcome: DisclosureOutcome.Outcome,
    now: datetime | None = None,
    their_reference: str = "",
    actor: Actor = SYSTEM,
) -> DisclosureOutcome:
    """Record how what a grant allowed went, once however often it is said."""
    return record_outcome_of(
        disclosure_id=grant.disclosure_id,
        outcome=outcome,
        now=now,
        their_reference=their_reference,
        actor=actor,
    )


@transaction.atomic
def record_outcome_of(
    *,
    disclosure_id: int,
    outcome: DisclosureOutcome.Outcome,
    now: datetime | None = None,
    their_reference: str = "",
    actor: Actor = SYSTEM,
) -> DisclosureOutcome:
    """Record how a disclosure went, where the grant is gone.

    What is known stays as it is; *unknown* may be followed by what it turned out to be. Refused
    with OUTCOME_KNOWN for another outcome than the one that is known.
    """
    disclosure = Disclosure.objects.get(pk=disclosure_id)
    Customer.objects.locked([disclosure.customer_id]).get()
    said = {row.outcome: row for row in disclosure.outcomes.all()}
    settled = next((row for name, row in said.items() if name != Outcome.UNKNOWN), None)
    if settled is not None and outcome not in {settled.outcome, Outcome.UNKNOWN}:
        raise Refused(Reason.OUTCOME_KNOWN, outcome=settled.get_outcome_display())
    before = settled or said.get(outcome)
    if before is not None:
        return before
    return DisclosureOutcome.objects.create(
        disclosure=disclosure,
        outcome=outcome,
        their_reference=their_reference,
        actor_kind=actor.kind,
        actor_user_id=actor.user_id,
        recorded_at=now or timezone.now(),
    )


def _declared(key: str, purpose: str, fields: set[DataField], ground: LegalGround) -> Recipient:
    """The recipient, if all of this is declared for it."""
    recipient = Recipient.objects.filter(key=key).first()
    if recipient is None:
        raise Refused(Reason.UNKNOWN_RECIPIENT)
    if not fields:
        raise Refused(Reason.NOTHING_NAMED)
    rows = Declaration.objects.filter(recipient=recipient, purpose=purpose, ground=ground)
    if not fields <= set(rows.values_list("field", flat=True)):
        raise Refused(Reason.NOT_DECLARED, recipient=recipient.name)
    return recipient


def _ask_the_gate(customer: Customer, purpose: str, ground: LegalGround, now: datetime) -> None:
    answer = gate.may_use(customer, purpose, at=now)
    if ground == LegalGround.WITHDRAWN:
        # Telling somebody to stop is due exactly while the use itself is not allowed.
        if answer.allowed:
            raise Refused(Reason.NOTHING_TO_STOP)
    elif not answer.allowed or answer.ground != NEEDED[ground]:
        raise Refused(Reason.GATE_SAYS_NO, why=answer.ground.value)
