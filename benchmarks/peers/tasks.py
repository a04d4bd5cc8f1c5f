"""Mail by Celery, as it is usually done: a task for each mail, or one for many."""

from __future__ import annotations

import os
from collections.abc import Sequence

import django
from celery import Celery
from django.conf import settings
from django.core.mail import get_connection
from redis import Redis

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")
django.setup()

from words import message  # noqa: E402 - needs the settings

app = Celery("peers")
app.config_from_object("django.conf:settings", namespace="CELERY")
redis = Redis(unix_socket_path=settings.REDIS_SOCKET)
DONE = "mails done"


@app.task
def send_one(number: int) -> None:
    """One mail over a connection of its own, as `send()` does by itself."""
    message(number).send()
    redis.incr(DONE)


@app.task
def send_chunk(numbers: Sequence[int]) -> None:
    """Many mails over one connection."""
    with get_connection() as connection:
        for number in numbers:
            mail = message(number)
            mail.connection = connection
            mail.send()
    redis.incrby(DONE, len(numbers))
