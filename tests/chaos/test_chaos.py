"""A storm among the tests; `make test` raises twenty more behind them, `make chaos` hundreds."""

from __future__ import annotations

from tests.chaos.storm import weather
from tests.faults.works import Works

SEED, CUSTOMERS, EVENTS = 20070127, 60, 4
# Other tests run beside these, and this process is the mail server, too.
GRACE = 5.0


def test_whatever_fails_everyone_is_told_and_nobody_too_often(works: Works) -> None:
    weather(works, SEED, customers=CUSTOMERS, events=EVENTS, grace=GRACE)
