"""The cast: alice and bob are customers, carol is staff, mallory holds a link meant for alice.

Whoever appears lives in a frozen moment, `TODAY`, that `clock` moves. In that moment a first
policy is in force, and `change` is published and takes effect as early as it may.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import time_machine
from django.test import Client
from time_machine import Traveller

from accounts.models import Customer, User
from consent.links import choose_token
from consent.models import PolicyVersion
from tests.builders import (
    LONG_AGO,
    PRODUCT_NEWS,
    RUN_ACCOUNT,
    TODAY,
    UPTIME_WATCH,
    a_draft,
    first_policy,
    joined,
    prove_address,
    published,
)
from tests.remembered import remembered


@dataclass(frozen=True)
class Thief:
    """Somebody who is not signed in and to whom a mail for alice was forwarded."""

    client: Client
    token: str


@pytest.fixture
def clock() -> Iterator[Traveller]:
    """Give the clock. It stands still until `move_to` or `shift` is called."""
    with time_machine.travel(TODAY, tick=False) as traveller:
        yield traveller


@pytest.fixture
def policy(db: None, clock: Traveller) -> PolicyVersion:
    """Give version 1, in force since the company was founded: one essential, one opt-out use."""
    return remembered("policy", lambda: first_policy(RUN_ACCOUNT, PRODUCT_NEWS))


@pytest.fixture
def change(policy: PolicyVersion) -> PolicyVersion:
    """Give version 2, published today, with a new use that asks for a yes."""
    uses = (RUN_ACCOUNT, PRODUCT_NEWS, UPTIME_WATCH)
    return remembered("change", lambda: published(a_draft(2, *uses)))


@pytest.fixture
def alice(policy: PolicyVersion) -> Customer:
    """Give a customer of many years, with a proven address."""
    return remembered("alice", lambda: prove_address(joined("Alice Adams", at=LONG_AGO)))


@pytest.fixture
def bob(policy: PolicyVersion) -> Customer:
    """Give another customer of many years, who may see nothing of hers."""
    return remembered("bob", lambda: prove_address(joined("Bob Brown", at=LONG_AGO)))


@pytest.fixture
def carol(db: None, clock: Traveller) -> User:
    """Give a member of staff."""
    return User.objects.create_user("carol@example.com", is_staff=True)


@pytest.fixture
def mallory(alice: Customer, change: PolicyVersion) -> Thief:
    """Give a visitor with a stolen token: the link of the notice that was sent to alice."""
    token = choose_token(customer_id=alice.pk, version_id=change.pk)
    return Thief(client=Client(), token=token)
