"""Starting a delivery from a page. A broker that is away costs nothing: the sweep starts it."""

from __future__ import annotations

import logging

from celery import current_app
from django.conf import settings
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)

# One try, and a short one: somebody waits for the page.
PATIENCE = {"max_retries": 0, "socket_timeout": 1, "socket_connect_timeout": 1}


def start_single_deliveries() -> None:
    """Have a worker deliver the single mails that are due."""
    options = {**settings.CELERY_BROKER_TRANSPORT_OPTIONS, **PATIENCE}
    try:
        with current_app.connection_for_write(transport_options=options) as broker:
            current_app.send_task(
                "notifications.tasks.deliver_single_mails",
                connection=broker,
                expires=settings.NOTICE_SWEEP_SECONDS,
                retry=False,
            )
    except (OSError, OperationalError) as problem:
        logger.warning("broker does not answer: %s", type(problem).__name__)
