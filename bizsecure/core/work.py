"""Handing work to a worker, as soon as what it is about is committed.

Whatever is handed over here is a duty that stands in a row, and that a sweep finds. So a broker
that is away is no reason to fail, and no reason to wait: the sweep does it within a minute.
"""

from __future__ import annotations

import logging
from functools import partial
from time import monotonic
from typing import Any

from celery import current_app
from django.conf import settings
from django.db import transaction
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

# One try, and a short one: somebody waits for the page.
PATIENCE = {"max_retries": 0, "socket_timeout": 1, "socket_connect_timeout": 1}
# How long a process leaves a broker alone that did not answer, so that not every page waits for it.
LEAVES_ALONE = 10.0
# One callback for each task, so that a transaction that has it already can be told.
NUDGES: dict[str, partial[None]] = {}
BROKER_AWAY = (OSError, OperationalError, RedisError)


class _Broker:
    """What this process knows of the broker: until when it need not be asked."""

    away_until = 0.0


def start_soon(task: str, *numbers: int) -> None:
    """Have a worker run this task after the commit; its arguments are keys of rows."""
    transaction.on_commit(partial(_ask, task, numbers), robust=True)


def nudge(task: str) -> None:
    """Have a worker look after the commit for what there is to do, and not wait for the sweep.

    However many ask for it, one nudge at a time is in the queue: the worker that takes it says
    so (`begun`) before it looks, and finds what all of them were about.
    """
    callback = NUDGES.setdefault(task, partial(_ask, task, (), is_nudge=True))
    waiting = transaction.get_connection().run_on_commit
    # One for a transaction is enough. What a savepoint took with it when it was undone is not there
    # any more, and what is there is undone by nothing that would spare another one.
    if all(asked is not callback for _savepoints, asked, _robust in waiting):
        transaction.on_commit(callback, robust=True)


def begun(task: str) -> None:
    """Say that a worker looks now: what is nudged for from here on needs another look."""
    try:
        with _connection() as broker:
            _client(broker).delete(_mark(task))
    except BROKER_AWAY as problem:
        # The mark ends by itself, and the sweep comes meanwhile.
        logger.warning("%s was not marked as begun: %s", task, type(problem).__name__)


def _ask(task: str, numbers: tuple[int, ...], *, is_nudge: bool = False) -> None:
    if monotonic() < _Broker.away_until:
        return
    try:
        with _connection() as broker:
            if is_nudge:
                _send_nudge(task, broker)
            else:
                current_app.send_task(task, args=numbers, connection=broker, retry=False)
    except BROKER_AWAY as problem:
        _Broker.away_until = monotonic() + LEAVES_ALONE
        logger.warning("%s waits for the sweep: %s", task, type(problem).__name__)


def _send_nudge(task: str, broker: Any) -> None:
    # After a sweep nobody needs it any more; and a mark whose worker was killed holds up nothing.
    lasts = settings.NOTICE_SWEEP_SECONDS
    if _client(broker).set(_mark(task), 1, nx=True, ex=lasts):
        current_app.send_task(task, connection=broker, expires=lasts, retry=False)


def _connection() -> Any:
    options = {**settings.CELERY_BROKER_TRANSPORT_OPTIONS, **PATIENCE}
    return current_app.connection_for_write(transport_options=options)


def _client(broker: Any) -> Any:
    """The Redis behind the broker."""
    return broker.default_channel.client


def _mark(task: str) -> str:
    return f"bizsecure:nudged:{task}"
