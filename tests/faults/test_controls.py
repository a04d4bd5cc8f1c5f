"""The controls: where duties are messages and nothing else, the same faults lose some of them.

If one of these does not lose anything, the other tests of this folder show nothing either.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from kombu import Connection
from redis import Redis

from bizsecure.local.services import PrivateRedis
from tests.faults.works import kill
from tests.services import ROOT

MAILS, HANDLED = 40, 10
PATIENCE = 90


def broker(server: PrivateRedis) -> Redis:
    client: Redis = Redis(unix_socket_path=str(server.socket))
    return client


def test_messages_that_redis_alone_remembers_are_lost_with_it(redis_server: PrivateRedis) -> None:
    handled = []
    with Connection(redis_server.url) as connection, connection.SimpleQueue("mails") as queue:
        for number in range(MAILS):
            queue.put(number)
        for _mail in range(HANDLED):
            message = queue.get(timeout=PATIENCE)
            handled.append(message.payload)
            message.ack()
    redis_server.stop(signal.SIGKILL)
    redis_server.start()
    assert handled == list(range(HANDLED))
    assert broker(redis_server).llen("mails") == 0


@pytest.fixture
def careless(
    redis_server: PrivateRedis, tmp_path: Path
) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """Give what starts a worker of the careless delivery."""
    environment = {**os.environ, "REDIS_URL": redis_server.url, "DELIVERED": str(tmp_path)}
    command = (
        "celery",
        "--quiet",
        "--app",
        "tests.faults.careless",
        "worker",
        "--concurrency",
        "1",
    )
    started = []

    def start() -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-m", *command, "--without-gossip", "--without-mingle"],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        kill(process)


def test_a_task_that_is_crossed_off_as_it_begins_is_lost_with_its_worker(
    redis_server: PrivateRedis,
    careless: Callable[[], subprocess.Popen[bytes]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("REDIS_URL", redis_server.url)
    client = broker(redis_server)
    with Connection(redis_server.url) as connection:
        for number in range(HANDLED):
            _hand_over(connection, number)
    worker = careless()
    wait_until(lambda: len(list(tmp_path.glob("begun-*"))) >= 2)
    kill(worker)
    careless()
    # The new worker is done when nothing is left in Redis, neither waiting nor handed out.
    wait_until(
        lambda: not client.llen("celery") and not client.hlen("unacked") and _is_quiet(tmp_path)
    )
    lost = HANDLED - len(list(tmp_path.glob("done-*")))
    assert lost >= 1


def _hand_over(connection: Connection, number: int) -> None:
    headers = {"lang": "py", "task": "careless.deliver", "id": f"mail-{number}", "retries": 0}
    producer = connection.Producer(serializer="json")
    producer.publish(
        [[number], {}, {}],
        routing_key="celery",
        headers=headers,
        correlation_id=f"mail-{number}",
    )


def _is_quiet(folder: Path) -> bool:
    """Whether the last mail that was begun had its time."""
    latest = max(path.stat().st_mtime for path in folder.glob("*"))
    return time.time() - latest > 2


def wait_until(claim: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not claim():
        assert time.monotonic() < deadline
        time.sleep(0.05)
