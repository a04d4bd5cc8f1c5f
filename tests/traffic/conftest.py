"""Counts of visits begin at nothing for each test."""

from __future__ import annotations

import pytest

from bizsecure.traffic import middleware
from bizsecure.traffic.buffer import Buffer


@pytest.fixture
def buffer(monkeypatch: pytest.MonkeyPatch, db: None) -> Buffer:
    """Give an empty buffer, in which the pages of this test are counted."""
    empty = Buffer()
    monkeypatch.setattr("bizsecure.traffic.buffer.BUFFER", empty)
    middleware._pattern.cache_clear()
    return empty
