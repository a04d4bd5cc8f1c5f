"""A gateway calls. It is heard once, and asked what is true."""

from __future__ import annotations

import logging

from celery import current_app
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from bizsecure.store.gateways.choosing import Call
from bizsecure.store.models import GatewayCall
from bizsecure.store.services.checking_cards import look_into_check
from bizsecure.store.services.paying import look_into_payment

# One try, and a short one: the gateway waits for our answer.
PATIENCE = {"max_retries": 0, "socket_timeout": 1, "socket_connect_timeout": 1}

logger = logging.getLogger(__name__)


@transaction.atomic
def hear(*, gateway: str, call: Call) -> bool:
    """Write a call down and have what it is about looked into; return whether it was new.

    Calls come twice, late, in any order, and before the answer they are about. None of that
    matters: a call says no more than that it is worth asking.
    """
    now = timezone.now()
    _call, is_new = GatewayCall.objects.get_or_create(
        gateway=gateway,
        event=call.event,
        defaults={"kind": call.kind[:64], "key": call.key[:64], "heard_at": now},
    )
    if is_new and (
        look_into_check(key=call.key, now=now) or look_into_payment(key=call.key, now=now)
    ):
        transaction.on_commit(_start_asking, robust=True)
    return is_new


def _start_asking() -> None:
    """Have a worker ask at once; where the broker is away, the sweep does within a minute."""
    options = {**settings.CELERY_BROKER_TRANSPORT_OPTIONS, **PATIENCE}
    try:
        with current_app.connection_for_write(transport_options=options) as broker:
            current_app.send_task(
                "bizsecure.store.tasks.ask_gateway", connection=broker, expires=60, retry=False
            )
    except (OSError, OperationalError) as problem:
        logger.warning("broker does not answer: %s", type(problem).__name__)
