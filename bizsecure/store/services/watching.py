"""Letting StatusCake watch sites whose owners said yes, and no longer when they say no (CHANGE-3).

The yes is asked for at the gate each time; who is watched, and who is to be told to stop, are
questions about the register. A stop is a line of the register as well.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from accounts.actors import SYSTEM
from bizsecure.core.errors import Refused
from bizsecure.store.models import HeldService
from bizsecure.store.partners.billing import Delivery
from bizsecure.store.partners.statuscake import RECIPIENT, begin_watch, stop_watch
from bizsecure.store.services.handing_over import TOLD
from consent.gate import allowing
from consent.grounds import DataField, LegalGround, Purpose
from consent.models import Disclosure
from consent.services.disclosing import authorise, record_outcome

AT_ONCE = 50
# A partner that did not answer is asked again after this long.
PAUSE = timedelta(hours=1)

USE = Purpose.UPTIME_WATCH
FIELDS = (*TOLD, DataField.SITE_ADDRESS)


def watch_what_may_be_watched() -> int:
    """Ask for each site of an owner whose yes counts and that is not watched; return how many."""
    if not settings.PARTNERS.get(RECIPIENT):
        return 0
    due = HeldService.objects.running().exclude(site="").filter(customer__in=allowing(USE))
    due = due.filter(~Exists(_watches()), ~Exists(_tried_lately(Disclosure.Kind.GIVEN)))
    return sum(_begin(service) for service in due.select_related(*_NEEDED)[:AT_ONCE])


def stop_what_was_taken_back() -> int:
    """Tell the partner to stop for each owner whose yes no longer counts; return how many."""
    if not settings.PARTNERS.get(RECIPIENT):
        return 0
    due = HeldService.objects.exclude(customer__in=allowing(USE)).filter(Exists(_watches()))
    due = due.filter(~Exists(_tried_lately(Disclosure.Kind.STOP)))
    return sum(_stop(service) for service in due.select_related(*_NEEDED)[:AT_ONCE])


_NEEDED = ("customer", "line__order__billing")


def key_of(service: HeldService) -> str:
    """Return what the partner knows a service as. It tells nothing about anybody."""
    return f"watch-{service.uid}"


def _of_service() -> QuerySet[Any]:
    """The lines of the register about the watching of a service."""
    return Disclosure.objects.filter(
        customer=OuterRef("customer"), purpose=USE, reference=OuterRef("line__order__number")
    )


def _watches() -> QuerySet[Any]:
    """What was given, and may have arrived, and was followed by no stop that arrived."""
    later_stop = Disclosure.objects.filter(
        customer=OuterRef("customer"),
        purpose=USE,
        reference=OuterRef("reference"),
        kind=Disclosure.Kind.STOP,
        sequence__gt=OuterRef("sequence"),
        outcomes__outcome="delivered",
    )
    given = (
        _of_service()
        .filter(kind=Disclosure.Kind.GIVEN)
        .exclude(outcomes__outcome__in=["failed", "refused"])
    )
    return given.filter(~Exists(later_stop))


def _tried_lately(kind: Disclosure.Kind) -> QuerySet[Any]:
    return _of_service().filter(kind=kind, recorded_at__gt=timezone.now() - PAUSE)


def _begin(service: HeldService) -> bool:
    order = service.line.order
    try:
        grant = authorise(
            customer=service.customer,
            recipient=RECIPIENT,
            purpose=USE,
            fields=FIELDS,
            ground=LegalGround.CHOICE,
            reference=order.number,
            actor=SYSTEM,
        )
    except Refused:
        # The customer took the yes back in this moment.
        return False
    delivery = Delivery(
        key=key_of(service),
        order=order.number,
        product=USE.value,
        billing=order.billing,
        site=service.site,
    )
    answer = begin_watch(grant=grant, delivery=delivery)
    record_outcome(grant=grant, outcome=answer.outcome, their_reference=answer.reference)
    return answer.outcome == "delivered"


def _stop(service: HeldService) -> bool:
    try:
        grant = authorise(
            customer=service.customer,
            recipient=RECIPIENT,
            purpose=USE,
            fields=[DataField.OUR_REFERENCE],
            ground=LegalGround.WITHDRAWN,
            reference=service.line.order.number,
            actor=SYSTEM,
        )
    except Refused:
        # The customer said yes again in this moment.
        return False
    answer = stop_watch(
        grant=grant,
        key=f"stop-{grant.uid}",
        order=service.line.order.number,
        our_reference=key_of(service),
    )
    record_outcome(grant=grant, outcome=answer.outcome, their_reference=answer.reference)
    return answer.outcome == "delivered"
