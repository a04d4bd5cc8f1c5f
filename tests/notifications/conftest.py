"""A mail server for the tests of the outbox."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from notifications import composing
from tests.notifications.smtp_sink import Sink


@pytest.fixture
def sink(settings: Settings) -> Iterator[Sink]:
    """Give the mail server that deliveries go to. Nobody waits longer than a second for it."""
    with Sink() as server:
        # How busy this machine is must not decide how often the outbox is read.
        settings.NOTICE_FRESH_SECONDS = 60
        settings.EMAIL_URL = f"{server.url}?timeout=1&reply_timeout=1"
        yield server


@pytest.fixture(autouse=True)
def no_words_of_other_tests() -> None:
    """Forget the words of campaigns that were rolled back and whose numbers come again."""
    composing._skeleton.cache_clear()
