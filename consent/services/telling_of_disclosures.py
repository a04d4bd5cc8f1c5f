"""Telling customers what staff gave away, once they may know (DISC-1)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.actors import SYSTEM
from accounts.event_kinds import EventKind
from accounts.models import Customer
from accounts.services.logging_events import record_event
from consent.models import Disclosure, DisclosureTold

AT_ONCE = 500


def tell_what_may_be_told() -> int:
    """Tell of every disclosure by staff whose day has come, each once; return how many.

    Told of means: an event in the customer's account log, of which a mail is made. On the page
    the customer sees it from its day on, whether this ran or not.
    """
    now = timezone.now()
    due = Disclosure.objects.to_be_told(now).values_list("pk", flat=True)[:AT_ONCE]
    return sum(_tell(disclosure_id=key, now=now) for key in list(due))


@transaction.atomic
def _tell(*, disclosure_id: int, now: datetime) -> bool:
    disclosure = Disclosure.objects.select_related("customer").get(pk=disclosure_id)
    Customer.objects.locked([disclosure.customer_id]).get()
    if DisclosureTold.objects.filter(disclosure=disclosure).exists():
        return False
    DisclosureTold.objects.create(disclosure=disclosure, told_at=now)
    record_event(
        customer=disclosure.customer,
        kind=EventKind.DISCLOSURE_TOLD,
        actor=SYSTEM,
        now=now,
        reference=str(disclosure.uid),
    )
    return True
