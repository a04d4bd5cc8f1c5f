"""The job's real parts for one test, and one mail server that notes what it takes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import DjangoDbBlocker

from bizsecure.local.services import PrivateRedis
from tests.faults.works import Works, looking_into
from tests.notifications.smtp_sink import Sink


@pytest.fixture
def works(
    database_url: str,
    redis_server: PrivateRedis,
    tmp_path: Path,
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[Works]:
    """Give the job over an empty database; the test looks into the same one."""
    with (
        Sink() as sink,
        django_db_blocker.unblock(),
        looking_into(database_url),
        Works(database_url, redis_server, sink, tmp_path) as works,
    ):
        yield works
