"""What the tests of cards ask for by name."""

from __future__ import annotations

import pytest
from time_machine import Traveller

from consent.models import PolicyVersion
from tests.builders import RUN_ACCOUNT, first_policy
from tests.paying import VERIFY_PAYMENT


@pytest.fixture
def policy(db: None, clock: Traveller) -> PolicyVersion:
    """Give a policy that declares what the card company is told."""
    return first_policy(RUN_ACCOUNT, VERIFY_PAYMENT)
