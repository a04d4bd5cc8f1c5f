"""Two members of staff who may act on conduct, and the policy that says on which grounds."""

from __future__ import annotations

import pytest

from accounts.models import User
from accounts.roles import Role
from consent.models import PolicyVersion
from tests.builders import member
from tests.conduct.deciding import acceptable_use


@pytest.fixture
def rules(policy: PolicyVersion) -> PolicyVersion:
    """Give the acceptable use policy in force."""
    return acceptable_use()


@pytest.fixture
def desk(rules: PolicyVersion) -> User:
    """Give somebody of support."""
    return member(Role.SUPPORT)


@pytest.fixture
def officer(rules: PolicyVersion) -> User:
    """Give a privacy officer, who looks again at what support decided."""
    return member(Role.PRIVACY)
