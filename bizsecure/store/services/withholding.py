"""Keeping a service from working by a decision of our staff, and letting it work again.

Paying does not lift that: a service that is renewed meanwhile is prolonged and stays suspended.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.actors import Actor
from bizsecure.store.models import HeldService, OrderEvent
from bizsecure.store.services.moving import hold, move_service
from bizsecure.store.states import ServiceState

BECAUSE = "acceptable use"
WORKING = (ServiceState.ACTIVE, ServiceState.SUSPENDED)


@transaction.atomic
def withhold_service(*, service: HeldService, actor: Actor, now: datetime) -> bool:
    """Suspend a service until it is released; False for one that was not set up, or has ended."""
    hold(customer_id=service.customer_id)
    service.refresh_from_db()
    if service.state not in WORKING:
        return False
    if service.state == ServiceState.ACTIVE:
        move_service(
            service=service,
            to=ServiceState.SUSPENDED,
            kind=OrderEvent.Kind.SUSPENDED,
            actor=actor,
            now=now,
            reason=BECAUSE,
        )
    if service.withheld_at is None:
        service.withheld_at = now
        service.save(update_fields=["withheld_at"])
    return True


@transaction.atomic
def release_service(*, service: HeldService, actor: Actor, now: datetime) -> None:
    """Let a service work again that was withheld, if it is paid for."""
    hold(customer_id=service.customer_id)
    service.refresh_from_db()
    if service.withheld_at is None:
        return
    service.withheld_at = None
    service.save(update_fields=["withheld_at"])
    is_paid = service.paid_until is None or service.paid_until > now
    if service.state == ServiceState.SUSPENDED and is_paid:
        move_service(
            service=service,
            to=ServiceState.ACTIVE,
            kind=OrderEvent.Kind.ACTIVATED,
            actor=actor,
            now=now,
        )
