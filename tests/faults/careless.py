"""A delivery as it must not be: the duty is a message in Redis, and is crossed off as it begins.

The controls of the faults run it: a harness that loses nothing must be seen to lose something
where nothing is done against it.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

from celery import Celery

app = Celery("careless", broker=os.environ["REDIS_URL"])
app.conf.update(
    task_acks_late=False,
    task_ignore_result=True,
    worker_prefetch_multiplier=1,
    broker_connection_retry_on_startup=True,
    broker_transport_options={"visibility_timeout": 1},
)
SECONDS = 0.2


@app.task(name="careless.deliver")
def deliver(number: int) -> None:
    """Take a while over one mail, and leave a file for it."""
    folder = Path(os.environ["DELIVERED"])
    (folder / f"begun-{number}").touch()
    time.sleep(SECONDS)
    (folder / f"done-{number}").touch()
