"""Redis may vanish and come back empty: what is to be done stands in the rows."""

from __future__ import annotations

import signal

from tests.faults.works import (
    COMMIT_EVERY,
    CONNECTIONS,
    Works,
    a_change,
    check_that_everyone_was_told,
)
from tests.notifications.smtp_sink import Act


def test_redis_that_dies_and_comes_back_empty_loses_nobody(works: Works) -> None:
    works.environment["NOTICE_LEASE_SECONDS"] = "4"
    a_change()
    works.sink.plan(otherwise=Act.wait(0.02))
    works.beat()
    works.worker()
    works.wait_until_accepted(COMMIT_EVERY + 5)

    works.redis.stop(signal.SIGKILL)
    works.redis.start()

    # Celery ends what a worker was doing when it loses its broker, which is like a kill.
    check_that_everyone_was_told(works, repeated=CONNECTIONS)


def test_what_was_due_while_redis_was_away_is_done_when_it_is_back(works: Works) -> None:
    works.redis.stop()
    works.beat()
    works.worker()
    a_change()

    works.redis.start()

    check_that_everyone_was_told(works)
