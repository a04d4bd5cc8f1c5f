"""Work is handed to a worker at once, one nudge at a time; a broker that is away delays nobody."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from celery import current_app
from django.db import transaction
from pytest_django import DjangoCaptureOnCommitCallbacks

from bizsecure.core import work
from bizsecure.core.work import begun, nudge

DELIVER, TELL = "notifications.tasks.deliver_single_mails", "notifications.tasks.tell_news"


@pytest.fixture(autouse=True)
def nothing_known_of_the_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work._Broker, "away_until", 0.0)


@pytest.fixture
def waiting(monkeypatch: pytest.MonkeyPatch, redis_url: str) -> Iterator[Callable[[], int]]:
    """Count what waits in the queue of a real broker."""
    monkeypatch.setenv("CELERY_BROKER_URL", redis_url)
    with current_app.connection_for_write() as broker:
        channel: Any = broker.default_channel
        yield lambda: int(channel.client.llen("celery"))


@pytest.fixture
def committed(
    db: None, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> Callable[..., None]:
    """Ask for work so many times, each time in a transaction of its own that is committed."""

    def ask(task: str, times: int = 1) -> None:
        for _each in range(times):
            # The transaction of a test ends with the test; what was asked for stays in its list.
            transaction.get_connection().run_on_commit.clear()
            with django_capture_on_commit_callbacks(execute=True):
                nudge(task)

    return ask


def test_one_nudge_at_a_time_waits_in_the_queue(
    waiting: Callable[[], int], committed: Callable[..., None]
) -> None:
    committed(DELIVER, 5)
    assert waiting() == 1
    committed(TELL)
    assert waiting() == 2
    begun(DELIVER)
    committed(DELIVER, 5)
    assert waiting() == 3


@pytest.mark.django_db
def test_a_transaction_nudges_once_and_only_when_it_is_committed(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks() as callbacks:
        nudge(DELIVER)
        nudge(DELIVER)
        with transaction.atomic():
            nudge(DELIVER)
            nudge(TELL)
    assert len(callbacks) == 2


@pytest.mark.django_db
def test_what_a_savepoint_took_with_it_is_nudged_for_outside(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks() as callbacks:
        with transaction.atomic():
            nudge(DELIVER)
            transaction.set_rollback(True)
        nudge(DELIVER)
    assert len(callbacks) == 1


def test_a_broker_that_is_away_is_asked_once_and_costs_the_page_nothing(
    caplog: pytest.LogCaptureFixture, committed: Callable[..., None]
) -> None:
    committed(DELIVER, 20)
    committed(TELL, 20)
    assert caplog.text.count("waits for the sweep") == 1


def test_a_worker_goes_on_without_a_broker_to_tell(caplog: pytest.LogCaptureFixture) -> None:
    begun(DELIVER)
    assert "was not marked as begun" in caplog.text
