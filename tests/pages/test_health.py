"""The probes: one that says the process lives, one that says whom it can reach."""

from __future__ import annotations

from typing import Any, NoReturn

import pytest
from celery import current_app
from django.db import OperationalError, connection
from django.test import Client


def refused(*arguments: Any) -> NoReturn:
    raise OperationalError


def test_a_living_process_says_so_without_a_database() -> None:
    response = Client().get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok\n")


def test_the_site_is_ready_while_the_broker_is_away(db: None) -> None:
    response = Client().get("/readyz")
    assert response.status_code == 200
    assert response.json() == {"database": True, "broker": False}


def test_the_site_is_ready_with_everything_there(
    db: None, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(current_app.conf, "broker_url", redis_url)
    assert Client().get("/readyz").json() == {"database": True, "broker": True}


def test_the_site_is_not_ready_without_its_database(db: None) -> None:
    with connection.execute_wrapper(refused):
        response = Client().get("/readyz")
    assert response.status_code == 503
    assert response.json()["database"] is False


@pytest.mark.parametrize("address", ["/healthz", "/readyz"])
def test_no_cache_answers_for_the_site(db: None, address: str) -> None:
    assert "no-store" in Client().get(address).headers["Cache-Control"]


def test_what_is_away_is_noted_without_its_address(
    db: None, caplog: pytest.LogCaptureFixture
) -> None:
    Client().get("/readyz")
    assert "broker does not answer" in caplog.text
    assert "redis" not in caplog.text
