"""A few storms at every change; `make chaos` raises hundreds."""

from __future__ import annotations

import pytest

from tests.chaos.storm import weather
from tests.faults.works import Works

CUSTOMERS, EVENTS = 60, 4
# Other tests run beside these, and this process is the mail server, too.
GRACE = 5.0


@pytest.mark.parametrize("seed", [20070127, 20261125])
def test_whatever_fails_everyone_is_told_and_nobody_too_often(works: Works, seed: int) -> None:
    weather(works, seed, customers=CUSTOMERS, events=EVENTS, grace=GRACE)
