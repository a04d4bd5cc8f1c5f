"""Promises that are kept by mail are held with the mail server of the tests of the outbox."""

from __future__ import annotations

from tests.notifications.conftest import no_words_of_other_tests, sink

__all__ = ["no_words_of_other_tests", "sink"]
