"""What every test may ask for by name."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator

import pytest
import time_machine
from django.conf import settings as django_settings
from django.db import connection
from hypothesis import HealthCheck, settings

from consent.posted import forget
from tests.databases import runs_on_postgres

pytest_plugins = [
    "tests.held",
    "tests.services",
    "tests.cast",
    "tests.postbox",
    "tests.paying",
]

# The mail servers of the tests live in the same process. What the portal logs is looked at by
# tests; what aiosmtpd logs about each connection would stand between.
logging.getLogger("mail.log").setLevel(logging.WARNING)

# A machine that is busy with something else is no reason to fail: how fast things are is for
# the benchmarks to say. Where a change is judged the examples are the same each time, so that it is
# judged by what it changed; on a developer's machine they are new ones.
settings.register_profile(
    "house",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    print_blob=True,
    derandomize=bool(os.environ.get("CI")),
)
settings.load_profile("house")


@pytest.fixture(scope="session")
def django_db_setup(own_database: None) -> None:
    """Set the database up as pytest-django would, without running every migration."""


def pytest_configure() -> None:
    """Let passwords cost nothing in this process; what they cost elsewhere is looked at there."""
    django_settings.PASSWORD_HASHERS = ["tests.pages.hashing.CountingHasher"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let what is fed to the portal be counted: strange mails, and strange requests."""
    parser.addoption("--mails", type=int, default=200, help="how many strange mails to feed")
    parser.addoption("--requests", type=int, default=300, help="how many strange requests to send")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave to the run on SQLite what would be the same on PostgreSQL."""
    if connection.vendor == "sqlite":
        return
    elsewhere = [item for item in items if not runs_on_postgres(item)]
    config.hook.pytest_deselected(items=elsewhere)
    items[:] = [item for item in items if runs_on_postgres(item)]


@pytest.fixture(autouse=True)
def _versions_are_read_anew() -> None:
    """Forget posted versions: the next test gives their keys, and their moments, to others."""
    forget()


@pytest.fixture(autouse=True)
def _clock_is_put_back() -> Iterator[None]:
    """Fail the test that leaves the clock moved: every later one would live in another time."""
    yield
    assert not time_machine.escape_hatch.is_travelling()
