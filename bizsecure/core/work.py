"""Handing work to a worker, as soon as what it is about is committed."""

from __future__ import annotations

import logging
from functools import partial

from celery import current_app
from django.conf import settings
from django.db import transaction
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)

# One try, and a short one: somebody waits for the page.
PATIENCE = {"max_retries": 0, "socket_timeout": 1, "socket_connect_timeout": 1}


def start_soon(task: str, *numbers: int) -> None:
    """Have a worker run this task after the commit; its arguments are keys of rows.

    A broker that is away is no reason to fail: the row is there, and the sweep finds it.
    """
    transaction.on_commit(partial(_send, task, numbers), robust=True)


def _send(task: str, numbers: tuple[int, ...]) -> None:
    options = {**settings.CELERY_BROKER_TRANSPORT_OPTIONS, **PATIENCE}
    try:
        with current_app.connection_for_write(transport_options=options) as broker:
            current_app.send_task(task, args=numbers, connection=broker, retry=False)
    except (OSError, OperationalError) as problem:
        logger.warning("%s waits for the sweep: %s", task, type(problem).__name__)
