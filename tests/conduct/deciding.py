"""Decisions about conduct, taken as staff take them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import Customer, User
from bizsecure.conduct.grounds import Ground, Step
from bizsecure.conduct.models import Decision, Objection
from bizsecure.conduct.services.deciding import Act, decide
from bizsecure.conduct.services.objecting import object_to
from bizsecure.core.errors import Refused
from bizsecure.store.models import HeldService
from bizsecure.store.services.holding import set_up_our_own
from consent.models import PolicyVersion
from consent.policy_file import read_policy_file
from tests.builders import TODAY, look_at, published
from tests.store.buying import at_home, held

POLICY = Path("consent", "policies", "acceptable-use-1.md")
MATTER = "A mailing of 40,000 mails from your server on 2 January."
EVIDENCE = "Our monitoring counted them, and 312 complaints came within an hour."
WHY = "I had asked every one of them."


def acceptable_use() -> PolicyVersion:
    """Publish the acceptable use policy as it is shipped."""
    return published(read_policy_file(POLICY))


def an_act(**changed: Any) -> Act:
    """Return an act: a communication blocked as spam, until it is lifted."""
    facts: dict[str, Any] = {
        "key": uuid4(),
        "step": Step.BLOCKED,
        "ground": Ground.SPAM,
        "happened_on": TODAY.date(),
        "matter": MATTER,
        "evidence": EVIDENCE,
    }
    return Act(**{**facts, **changed})


def decided(customer: Customer, staff: User, **changed: Any) -> Decision:
    """Let this member of staff open the record and decide."""
    look_at(customer, staff)
    return decide(customer=customer, act=an_act(**changed), actor=Actor.staff(staff))


def suspended(service: HeldService, staff: User, *, ends_at: datetime | None = None) -> Decision:
    """Let this member of staff suspend a service of a customer."""
    return decided(service.customer, staff, step=Step.SUSPENDED, service=service, ends_at=ends_at)


def a_service(customer: Customer) -> HeldService:
    """Return a service of the customer that works."""
    service = held(at_home(customer))[0]
    set_up_our_own(now=timezone.now())
    service.refresh_from_db()
    return service


def refusal(service: Callable[..., object], **facts: object) -> Enum:
    """Return why a service refuses."""
    with pytest.raises(Refused) as refused:
        service(**facts)
    assert "%" not in refused.value.sentence
    return refused.value.reason


def objected(decision: Decision) -> Objection:
    """Let the customer object."""
    return object_to(
        decision=decision,
        text=WHY,
        form_id=uuid4().hex,
        actor=Actor.customer(decision.customer.user),
    )
