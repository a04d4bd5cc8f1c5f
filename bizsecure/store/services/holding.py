"""Services held: named, cancelled, suspended and ended, by the customer or by the passing of time.

What time brings about is found by query. A sweep that was away for days makes up for it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from accounts.actors import SYSTEM, Actor
from bizsecure.core.errors import Refused
from bizsecure.store.models import HeldService, Kind, OrderEvent
from bizsecure.store.reasons import Reason
from bizsecure.store.services.fulfilling import activate, close_if_delivered, end_service
from bizsecure.store.services.moving import hold, log, move_service
from bizsecure.store.states import ServiceState

# How long a service that was not renewed is kept, so that it can still be.
KEPT_SUSPENDED = timedelta(days=30)
AT_ONCE = 200


@transaction.atomic
def name_site(*, service: HeldService, site: str, actor: Actor) -> None:
    """Say which site a service is for, or which name is to be registered."""
    now = timezone.now()
    hold(customer_id=service.customer_id)
    service.refresh_from_db()
    if not service.is_running:
        raise Refused(Reason.ENDED)
    if service.site == site:
        return
    HeldService.objects.filter(pk=service.pk).update(site=site)
    named = OrderEvent.Kind.NAMED
    log(order=service.line.order, service=service, kind=named, actor=actor, now=now)


@transaction.atomic
def cancel_service(*, service: HeldService, reason: str, actor: Actor) -> HeldService:
    """End a service when the time paid for is over; at once if it was not set up yet.

    Sent twice, it is cancelled once, and the first reason counts.
    """
    now = timezone.now()
    hold(customer_id=service.customer_id)
    service.refresh_from_db()
    if service.cancels_at is not None or not service.is_running:
        return service
    service.cancels_at, service.cancel_reason = _ends_at(service, now), reason
    service.save(update_fields=["cancels_at", "cancel_reason"])
    asked = OrderEvent.Kind.CANCELLATION_ASKED
    log(
        order=service.line.order,
        service=service,
        kind=asked,
        actor=actor,
        now=now,
        reason=reason,
    )
    if service.cancels_at <= now:
        end_service(service=service, actor=actor, now=now, reason=reason)
        close_if_delivered(order=service.line.order, now=now)
    return service


@transaction.atomic
def take_cancellation_back(*, service: HeldService, actor: Actor) -> HeldService:
    """Let a service go on that was to end. Refused once it has ended."""
    now = timezone.now()
    hold(customer_id=service.customer_id)
    service.refresh_from_db()
    if not service.is_running:
        raise Refused(Reason.TOO_LATE)
    if service.cancels_at is None:
        return service
    service.cancels_at, service.cancel_reason = None, ""
    service.save(update_fields=["cancels_at", "cancel_reason"])
    back = OrderEvent.Kind.CANCELLATION_TAKEN_BACK
    log(order=service.line.order, service=service, kind=back, actor=actor, now=now)
    return service


def set_up_our_own(*, now: datetime) -> int:
    """Switch on what we deliver ourselves and what needs no hand; return how many.

    Domain names wait for the customer to name them and for staff to register them.
    """
    waiting = HeldService.objects.waiting().filter(delivered_by="").exclude(kind=Kind.DOMAIN)
    due = waiting.filter(due_at__lte=now).select_related("line__order").order_by("pk")
    return sum(activate(service=service, actor=SYSTEM, now=now) for service in due[:AT_ONCE])


def let_time_pass(*, now: datetime) -> int:
    """End what was cancelled, suspend what was not renewed, and end what stayed so; count them."""
    services = HeldService.objects.select_related("line__order").order_by("pk")
    cancelled = services.running().filter(cancels_at__lte=now)[:AT_ONCE]
    moved = sum(
        end_service(service=service, actor=SYSTEM, now=now, reason=service.cancel_reason)
        for service in cancelled
    )
    lapsed = services.filter(state=ServiceState.ACTIVE, paid_until__lte=now)[:AT_ONCE]
    moved += sum(_suspend(service, now) for service in lapsed)
    over = services.filter(state=ServiceState.SUSPENDED, paid_until__lte=now - KEPT_SUSPENDED)
    return moved + sum(
        end_service(service=service, actor=SYSTEM, now=now, reason="not renewed")
        for service in over[:AT_ONCE]
    )


def _suspend(service: HeldService, now: datetime) -> bool:
    return move_service(
        service=service,
        to=ServiceState.SUSPENDED,
        kind=OrderEvent.Kind.SUSPENDED,
        actor=SYSTEM,
        now=now,
        reason="not renewed",
    )


def _ends_at(service: HeldService, now: datetime) -> datetime:
    if service.state == ServiceState.ORDERED or service.paid_until is None:
        return now
    return max(service.paid_until, now)
