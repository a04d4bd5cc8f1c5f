"""Send some mails by one of the libraries we compare with, and print the seconds it took.

    python run.py post_office|mailer|celery_tasks|celery_chunks MAILS

Filling the queue is not counted, in their favor: what is measured is handing over.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")
django.setup()

import mailer  # noqa: E402 - these need the settings
import tasks  # noqa: E402
from mailer.engine import send_all  # noqa: E402
from mailer.models import Message  # noqa: E402
from post_office.mail import send_many, send_queued  # noqa: E402
from words import address, filled, message, words  # noqa: E402

HERE = Path(__file__).parent
PROCESSES = 2
CHUNK = 100
PATIENCE = 600


def by_post_office(mails: int) -> float:
    """django-post_office over two processes, each with threads of its own."""
    known = words()
    send_many(
        [
            {
                "recipients": [address(number)],
                "sender": known["sender"],
                "subject": known["subject"],
                "message": filled(known["text"], number),
                "html_message": filled(known["html"], number),
            }
            for number in range(mails)
        ]
    )
    return _seconds(lambda: send_queued(processes=PROCESSES, log_level=0)[0], mails)


def by_mailer(mails: int) -> float:
    """django-mailer, which works in one process."""
    for number in range(mails):
        known = message(number)
        [(html, _type)] = known.alternatives
        mailer.send_html_mail(known.subject, known.body, html, known.from_email, known.to)

    def send() -> int:
        send_all()
        return mails - int(Message.objects.count())

    return _seconds(send, mails)


def by_celery_tasks(mails: int) -> float:
    """Celery over two processes, a task for each mail."""
    for number in range(mails):
        tasks.send_one.delay(number)
    return _seconds_of_celery(mails)


def by_celery_chunks(mails: int) -> float:
    """Celery over two processes, a task for each hundred mails."""
    for first in range(0, mails, CHUNK):
        tasks.send_chunk.delay(list(range(first, min(first + CHUNK, mails))))
    return _seconds_of_celery(mails)


def _seconds_of_celery(mails: int) -> float:
    """Let a worker take what is queued; the clock runs from its first mail to its last."""
    command = [sys.executable, "-m", "celery", "--quiet", "--app", "tasks", "worker"]
    command += ["--concurrency", str(PROCESSES), "--without-gossip", "--without-mingle"]
    with subprocess.Popen(command, cwd=HERE, stdout=subprocess.DEVNULL) as worker:
        try:
            first, at_first = _when_done(1)
            _last, at_last = _when_done(mails)
        finally:
            worker.terminate()
    # In proportion, because the clock starts when some are done.
    return (at_last - at_first) * mails / max(1, mails - first)


def _when_done(mails: int) -> tuple[int, float]:
    deadline = time.monotonic() + PATIENCE
    while (done := int(tasks.redis.get(tasks.DONE) or 0)) < mails:
        if time.monotonic() > deadline:
            sys.exit(f"Celery sent {done} of {mails} mails.")
        time.sleep(0.005)
    return done, time.perf_counter()


def _seconds(send: Callable[[], int], mails: int) -> float:
    began = time.perf_counter()
    sent = send()
    if sent != mails:
        sys.exit(f"{sent} of {mails} mails were sent.")
    return time.perf_counter() - began


if __name__ == "__main__":
    by = {
        "post_office": by_post_office,
        "mailer": by_mailer,
        "celery_tasks": by_celery_tasks,
        "celery_chunks": by_celery_chunks,
    }
    tasks.redis.delete(tasks.DONE)
    print(by[sys.argv[1]](int(sys.argv[2])))
