"""A real site that would take no money is warned of before it is put in service."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from bizsecure.store.checks import payments_move_money


@pytest.mark.parametrize(
    ("debug", "gateway", "found"),
    [(False, "sandbox", ["store.W001"]), (False, "stripe", []), (True, "sandbox", [])],
)
def test_the_sandbox_in_production_is_warned_of(
    settings: Settings, debug: bool, gateway: str, found: list[str]
) -> None:
    settings.DEBUG, settings.PAYMENT_GATEWAY = debug, gateway
    assert [message.id for message in payments_move_money()] == found
