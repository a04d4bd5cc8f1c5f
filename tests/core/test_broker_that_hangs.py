"""Handing work to a worker never holds up the page, whatever became of the broker."""

from __future__ import annotations

import os
import signal
import time

import pytest
from celery import current_app
from pytest_django import DjangoCaptureOnCommitCallbacks
from redis import Redis

from bizsecure.core import work
from bizsecure.core.work import start_soon
from bizsecure.local.services import PrivateRedis
from tests.services import held_by

TASK = "accounts.tasks.look_after_downloads"
# One try of one second to connect and one to be answered, and a machine that is busy besides.
NOT_LONG = 20


@pytest.fixture
def broker(redis_server: PrivateRedis, monkeypatch: pytest.MonkeyPatch) -> PrivateRedis:
    """Give the broker that work is handed to."""
    monkeypatch.setattr(current_app.conf, "broker_url", redis_server.url)
    # Another test may have found none, and a process does not ask again for a while.
    monkeypatch.setattr(work._Broker, "away_until", 0.0)
    return redis_server


def test_work_is_handed_over_after_the_commit(
    db: None,
    broker: PrivateRedis,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        start_soon(TASK, 7)
        assert TASK not in held_by(broker.url)
    assert TASK in held_by(broker.url)


def test_a_page_does_not_wait_for_a_broker_that_is_gone(
    db: None,
    broker: PrivateRedis,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    broker.stop(signal.SIGKILL)
    began = time.monotonic()
    with django_capture_on_commit_callbacks(execute=True):
        start_soon(TASK, 7)
    assert time.monotonic() - began < NOT_LONG


def test_a_page_does_not_wait_for_a_broker_that_hangs(
    db: None,
    broker: PrivateRedis,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    client: Redis = Redis(unix_socket_path=str(broker.socket))
    process = int(client.info("server")["process_id"])
    client.close()
    os.kill(process, signal.SIGSTOP)
    began = time.monotonic()
    try:
        with django_capture_on_commit_callbacks(execute=True):
            start_soon(TASK, 7)
        assert time.monotonic() - began < NOT_LONG
    finally:
        os.kill(process, signal.SIGCONT)
