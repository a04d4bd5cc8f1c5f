"""Recording a no that belongs to a mail address rather than to an account (OPT-1)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from accounts.actors import SYSTEM, Actor
from accounts.digests import address_digest
from accounts.models import Customer
from bizsecure.core.errors import Refused
from consent.models import AddressOptOut, Choice, DeclaredUse, Use
from consent.reasons import Reason
from consent.refusal_journal import note
from consent.services.choosing import refuse

Decision, Method = Choice.Decision, Choice.Method


@transaction.atomic
def record_address_opt_out(
    *, address: str, uses: Iterable[str], method: Choice.Method, actor: Actor
) -> list[AddressOptOut]:
    """Record that whoever has this address says no to these uses, given by their keys.

    Works for an address nobody knows, and lasts for whoever will have it. Customers who have it
    now say no themselves by it, so that the no stays with them when they change their address.
    Recording it again adds nothing, unless somebody has said yes in between. Refused with
    UNDECLARED for a use that was never declared, and NO_CHOICE_TO_MAKE for an essential one.
    """
    digest = address_digest(address)
    return record_digest_opt_out(digest=digest, uses=uses, method=method, actor=actor)


@transaction.atomic
def record_digest_opt_out(
    *, digest: str, uses: Iterable[str], method: Choice.Method, actor: Actor
) -> list[AddressOptOut]:
    """Record what record_address_opt_out records, of an address that is known by its digest."""
    now = timezone.now()
    found = _uses(uses)
    mine = Customer.objects.filter(address_digest=digest).values_list("pk", flat=True)
    for customer in list(Customer.objects.locked(mine)):
        refuse(customer=customer, uses=found, method=method, actor=actor, now=now)
    rows = [
        AddressOptOut(
            digest=digest,
            use=use,
            method=method,
            actor_kind=actor.kind,
            actor_user_id=actor.user_id,
            recorded_at=now,
        )
        for use in found
        if not _stands(use, digest)
    ]
    note(customer="", address_digest=digest, uses=[row.use.key for row in rows], said_at=now)
    return AddressOptOut.objects.bulk_create(rows)


@transaction.atomic
def opt_out(
    *, customer: Customer, uses: Iterable[str], method: Choice.Method, actor: Actor
) -> list[Choice]:
    """Record this customer's no to uses, given by their keys, wherever it was said.

    Counts at once, also for an account that is closed; saying it again adds nothing. Refused
    with UNDECLARED and NO_CHOICE_TO_MAKE like record_address_opt_out.
    """
    now = timezone.now()
    found = _uses(uses)
    held = Customer.objects.locked([customer.pk]).get()
    return refuse(customer=held, uses=found, method=method, actor=actor, now=now)


def carry_over(*, customer: Customer, now: datetime) -> None:
    """Let somebody new say no to what their address was opted out of before they came."""
    if customer.address_digest:
        opted_out = AddressOptOut.objects.filter(digest=customer.address_digest)
        uses = list(Use.objects.filter(pk__in=opted_out.values("use")))
        refuse(customer=customer, uses=uses, method=Method.EARLIER, actor=SYSTEM, now=now)


@transaction.atomic
def remember_refusals(*, customer: Customer, actor: Actor = SYSTEM) -> None:
    """Let every no of this customer belong to the address, before the address is forgotten."""
    if not customer.email:
        return
    choices = Choice.objects.filter(customer=customer)
    latest = choices.values("use").annotate(last=Max("sequence")).values("last")
    refused = choices.filter(sequence__in=latest, decision=Decision.REFUSED)
    keys = refused.order_by("use").values_list("use__key", flat=True)
    record_address_opt_out(
        address=customer.email, uses=list(keys), method=Method.EARLIER, actor=actor
    )


def _uses(keys: Iterable[str]) -> list[Use]:
    wanted = set(keys)
    found = list(Use.objects.filter(key__in=wanted).order_by("pk"))
    if len(found) != len(wanted):
        raise Refused(Reason.UNDECLARED)
    posted = DeclaredUse.objects.filter(use__in=found).exclude(version__status="draft")
    by_choice = posted.exclude(basis=DeclaredUse.Basis.ESSENTIAL).values_list("use", flat=True)
    if not set(by_choice).issuperset(use.pk for use in found):
        raise Refused(Reason.NO_CHOICE_TO_MAKE)
    return found


def _stands(use: Use, digest: str) -> bool:
    """Whether the address is opted out already, and nobody who has it has said yes since."""
    mine = AddressOptOut.objects.filter(use=use, digest=digest)
    last = mine.aggregate(last=Max("recorded_at"))["last"]
    if last is None:
        return False
    yes = Choice.objects.filter(use=use, decision=Decision.GRANTED, recorded_at__gt=last)
    return not yes.filter(customer__address_digest=digest).exists()
