"""The probes of the machinery: whether this process lives, and whether it can do its work."""

from __future__ import annotations

import logging

from celery import current_app
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)

BROKER_PATIENCE = 2


@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer that this process serves requests. Touches nothing else."""
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")


@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    """Answer whether database and broker are there; 503 while the database is not.

    A broker that is away degrades nothing a visitor sees: duties wait in the database.
    """
    ready = {"database": _database_answers(), "broker": _broker_answers()}
    return JsonResponse(ready, status=200 if ready["database"] else 503)


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as problem:
        logger.warning("database does not answer: %s", type(problem).__name__)
        return False
    return True


def _broker_answers() -> bool:
    try:
        patience = {"socket_timeout": BROKER_PATIENCE, "socket_connect_timeout": BROKER_PATIENCE}
        with current_app.connection_for_read(transport_options=patience) as broker:
            # Without a second try: whoever probes asks again.
            broker.ensure_connection(max_retries=0)
    except (OSError, OperationalError) as problem:
        logger.warning("broker does not answer: %s", type(problem).__name__)
        return False
    return True
