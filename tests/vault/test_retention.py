"""A number is kept while it is needed and not a day longer (PCI 3.2.1)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from bizsecure.vault.cards import Expiry
from bizsecure.vault.retention import Over, is_about_to_expire, no_longer_needed

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
DAY = timedelta(days=1)
LONG_GOOD = Expiry(2030, 1)


@pytest.mark.parametrize(
    ("added", "used", "expiry", "is_settled", "over"),
    [
        (NOON, None, LONG_GOOD, True, None),
        (NOON - 23 * timedelta(hours=1), None, LONG_GOOD, False, None),
        (NOON - DAY, None, LONG_GOOD, False, Over.UNCHECKED),
        (NOON - DAY, None, None, False, Over.UNCHECKED),
        (NOON - 399 * DAY, None, LONG_GOOD, True, None),
        (NOON - 400 * DAY, None, LONG_GOOD, True, Over.UNUSED),
        (NOON - 900 * DAY, NOON - 399 * DAY, LONG_GOOD, True, None),
        (NOON - 900 * DAY, NOON - 400 * DAY, LONG_GOOD, True, Over.UNUSED),
        (NOON - 30 * DAY, None, Expiry(2026, 10), True, None),
        (NOON - 30 * DAY, None, Expiry(2026, 9), True, Over.EXPIRED),
        (NOON - 30 * DAY, NOON, Expiry(2026, 9), True, Over.EXPIRED),
    ],
)
def test_a_number_goes_when_it_is_needed_no_longer(
    added: datetime, used: datetime | None, expiry: Expiry | None, is_settled: bool, over: object
) -> None:
    reason = no_longer_needed(
        added_at=added, last_used_at=used, expiry=expiry, is_settled=is_settled, now=NOON
    )
    assert reason is over


@pytest.mark.parametrize(
    ("expiry", "is_soon"),
    [
        (Expiry(2026, 10), False),
        (Expiry(2026, 11), True),
        (Expiry(2026, 12), True),
        (Expiry(2027, 1), False),
    ],
)
def test_a_card_is_about_to_expire_a_month_ahead(expiry: Expiry, is_soon: bool) -> None:
    assert is_about_to_expire(expiry, date(2026, 11, 25)) is is_soon
