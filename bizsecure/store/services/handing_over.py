"""Asking partners to deliver what was bought from them: each time against a grant (THIRD-2).

Whom there is to ask is found by query. A service is claimed before anything leaves, and a partner
that gives no answer is asked again later under the same key; until then the service stays as it
is, and staff see it. One that says no is not told the same again before somebody has looked.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.actors import SYSTEM, Actor
from bizsecure.core.errors import Refused
from bizsecure.store.models import HeldService, OrderEvent
from bizsecure.store.partners.billing import Delivery
from bizsecure.store.partners.client import Answer
from bizsecure.store.partners.geotrust import issue_certificate
from bizsecure.store.partners.scanalert import begin_scanning
from bizsecure.store.services.fulfilling import activate
from bizsecure.store.services.moving import hold, log
from bizsecure.store.states import ServiceState
from consent.grounds import DataField, LegalGround, Purpose
from consent.models import Disclosure, DisclosureOutcome
from consent.services.disclosing import (
    GOOD_FOR,
    Grant,
    authorise,
    record_outcome,
    record_outcome_of,
)

Outcome = DisclosureOutcome.Outcome

# Longer than all tries of one pass take together.
CLAIMED_FOR = timedelta(minutes=10)
LONGEST_WAIT = timedelta(hours=6)
AT_ONCE = 20
# Name and billing information, and nothing else.
TOLD = (DataField.NAME, DataField.EMAIL, DataField.BILLING_ADDRESS)


@dataclass(frozen=True)
class Partner:
    """Who delivers: the recipient in the register, to what end, and how it is asked."""

    recipient: str
    purpose: Purpose
    ask: Callable[..., Answer]


PARTNERS = {
    "GeoTrust": Partner("geotrust", Purpose.DELIVER_CERTIFICATE, issue_certificate),
    "ScanAlert": Partner("scanalert", Purpose.DELIVER_SCANNING, begin_scanning),
}


def hand_over_due(*, now: datetime) -> int:
    """Ask the partners of all services that are due; return how many of them took the order."""
    due = HeldService.objects.to_hand_over(now).select_related("customer", "line__order__billing")
    return sum(hand_over(service=service, now=now) for service in due[:AT_ONCE])


def hand_over(*, service: HeldService, now: datetime) -> bool:
    """Ask a service's partner to deliver it; return whether the partner does."""
    if not _claim(service, now):
        return False
    partner = PARTNERS.get(service.delivered_by)
    if partner is None:
        return _failed(service, "no such partner", now)
    if not settings.PARTNERS.get(partner.recipient):
        return _failed(service, "not set up", now)
    _call_open_ones_unknown(service, partner)
    try:
        grant = authorise(
            customer=service.customer,
            recipient=partner.recipient,
            purpose=partner.purpose,
            fields=TOLD,
            ground=LegalGround.PURCHASE,
            reference=service.line.order.number,
            actor=SYSTEM,
        )
    except Refused as refusal:
        return _failed(service, refusal.reason.name.lower(), now)
    answer = _asked(partner, service, grant)
    if answer.outcome != Outcome.DELIVERED:
        says_no = answer.outcome == Outcome.REFUSED
        return _failed(service, answer.reason or str(answer.outcome), now, is_final=says_no)
    return _taken(service, answer, now)


@transaction.atomic
def try_again(*, service: HeldService, actor: Actor) -> bool:
    """Let the next pass ask the partner again; return whether there is anything to ask."""
    now = timezone.now()
    hold(customer_id=service.customer_id)
    stuck = HeldService.objects.stuck().filter(pk=service.pk)
    # Pressed twice, it is asked for once.
    if not stuck.exclude(attempts=1, due_at__lte=now).update(due_at=now, attempts=1):
        return False
    order, again = service.line.order, OrderEvent.Kind.ASKED_AGAIN
    log(order=order, service=service, kind=again, actor=actor, now=now)
    return True


def _call_open_ones_unknown(service: HeldService, partner: Partner) -> None:
    """Nobody knows what became of what a worker sent that then died."""
    lost = Disclosure.objects.filter(
        customer=service.customer_id,
        recipient__key=partner.recipient,
        reference=service.line.order.number,
        recorded_at__lt=timezone.now() - GOOD_FOR,
        outcomes__isnull=True,
    )
    for key in list(lost.values_list("pk", flat=True)):
        record_outcome_of(disclosure_id=key, outcome=Outcome.UNKNOWN)


def _claim(service: HeldService, now: datetime) -> bool:
    claimed = HeldService.objects.to_hand_over(now).filter(
        pk=service.pk, due_at=service.due_at, state=service.state
    )
    service.attempts += 1
    return bool(claimed.update(due_at=now + CLAIMED_FOR, attempts=F("attempts") + 1))


def _asked(partner: Partner, service: HeldService, grant: Grant) -> Answer:
    delivery = Delivery(
        key=_key(service),
        order=service.line.order.number,
        product=service.product.slug,
        billing=service.line.order.billing,
        site=service.site,
    )
    answer = partner.ask(grant=grant, delivery=delivery)
    record_outcome(grant=grant, outcome=answer.outcome, their_reference=answer.reference)
    return answer


def _key(service: HeldService) -> str:
    """What makes a request that is sent again the same one: the service and its time."""
    begins = service.paid_until.date().isoformat() if service.paid_until else "new"
    return f"{service.uid}-{begins}"


@transaction.atomic
def _taken(service: HeldService, answer: Answer, now: datetime) -> bool:
    hold(customer_id=service.customer_id)
    HeldService.objects.filter(pk=service.pk).update(
        handed_over_at=now, due_at=None, last_failure="", partner_reference=answer.reference
    )
    service.refresh_from_db()
    order, done = service.line.order, OrderEvent.Kind.HANDED_OVER
    log(order=order, service=service, kind=done, actor=SYSTEM, now=now)
    if service.state == ServiceState.ORDERED:
        activate(service=service, actor=SYSTEM, now=now, reference=answer.reference)
    return True


@transaction.atomic
def _failed(service: HeldService, why: str, now: datetime, *, is_final: bool = False) -> bool:
    """Try again later, and say so in the log unless it says the same already."""
    hold(customer_id=service.customer_id)
    wait = min(timedelta(minutes=2) * 2 ** min(service.attempts, 10), LONGEST_WAIT)
    why = why[:60]
    if why != service.last_failure:
        order, failed = service.line.order, OrderEvent.Kind.HANDOVER_FAILED
        log(order=order, service=service, kind=failed, actor=SYSTEM, now=now, reason=why)
    due_at = None if is_final else now + wait
    HeldService.objects.filter(pk=service.pk).update(due_at=due_at, last_failure=why)
    return False
