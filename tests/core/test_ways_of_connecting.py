"""A real site is warned of ways inside the house that somebody could listen to."""

from __future__ import annotations

import pytest
from django.core.checks import CheckMessage
from pytest_django import Settings

from bizsecure.core.error_reports import the_reporter_is_there
from bizsecure.core.ways_of_connecting import (
    mail_leaves_over_tls,
    the_broker_is_reached_over_tls,
    the_database_is_reached_over_tls,
)


def ids(messages: list[CheckMessage]) -> list[str | None]:
    assert all("docs/checks.md#" in str(message.hint) for message in messages)
    return [message.id for message in messages]


@pytest.mark.parametrize(
    ("debug", "database", "found"),
    [
        (False, {"HOST": "database.internal"}, ["bizsecure.W003"]),
        (False, {"HOST": "10.0.0.7", "OPTIONS": {"sslmode": "require"}}, ["bizsecure.W003"]),
        (False, {"HOST": "database.internal", "OPTIONS": {"sslmode": "verify-full"}}, []),
        (False, {"HOST": "localhost"}, []),
        (False, {"HOST": "/run/postgresql"}, []),
        (False, {"HOST": ""}, []),
        (False, {"HOST": "database"}, []),
        (False, {"HOST": "2001:db8::7"}, ["bizsecure.W003"]),
        (True, {"HOST": "database.internal"}, []),
    ],
)
def test_a_database_elsewhere_has_its_certificate_checked(
    monkeypatch: pytest.MonkeyPatch,
    settings: Settings,
    debug: bool,
    database: dict[str, object],
    found: list[str],
) -> None:
    settings.DEBUG = debug
    monkeypatch.setitem(settings.DATABASES, "default", database)
    assert ids(the_database_is_reached_over_tls()) == found


@pytest.mark.parametrize(
    ("debug", "url", "found"),
    [
        (False, "redis://redis.internal:6379/0", ["bizsecure.W004"]),
        (False, "rediss://redis.internal:6379/0", []),
        (False, "redis://127.0.0.1:6379/0", []),
        (False, "redis://redis:6379/0", []),
        (False, "redis+socket:///run/redis.sock", []),
        (True, "redis://redis.internal:6379/0", []),
    ],
)
def test_a_broker_elsewhere_is_spoken_to_over_tls(
    settings: Settings, debug: bool, url: str, found: list[str]
) -> None:
    settings.DEBUG, settings.REDIS_URL = debug, url
    assert ids(the_broker_is_reached_over_tls()) == found


@pytest.mark.parametrize(
    ("debug", "url", "found"),
    [
        (False, "smtp://mail.internal:25", ["bizsecure.W005"]),
        (False, "smtp+tls://portal:secret@mail.internal:587", []),
        (False, "smtp://localhost:25", []),
        (False, "smtp://relay:587", []),
        (True, "smtp://mail.internal:25", []),
    ],
)
def test_mails_leave_over_tls(settings: Settings, debug: bool, url: str, found: list[str]) -> None:
    settings.DEBUG, settings.EMAIL_URL = debug, url
    assert ids(mail_leaves_over_tls()) == found


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("", []),
        ("builtins.len", []),
        ("nowhere.at_all", ["bizsecure.E031"]),
        ("bizsecure.core.logs.nothing", ["bizsecure.E031"]),
        ("bizsecure.core.logs.SECURITY", ["bizsecure.E031"]),
        ("nonsense", ["bizsecure.E031"]),
    ],
)
def test_failures_are_told_to_a_function_that_is_there(
    settings: Settings, path: str, found: list[str]
) -> None:
    settings.ERROR_REPORTER = path
    assert ids(the_reporter_is_there()) == found
