"""How the tests of this room ask the gate, and a service that refuses."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from accounts.models import Customer
from bizsecure.core.errors import Refused
from consent.gate import Ground, allowing, may_use
from consent.reasons import Reason

YES = {Ground.ESSENTIAL, Ground.NOT_REFUSED, Ground.GRANTED}


def ground(customer: Customer, use: str = "uptime-watch") -> Ground:
    """Return why; what is allowed one by one must also be allowed in the list of all."""
    answer = may_use(customer, use)
    assert answer.allowed == (answer.ground in YES)
    assert answer.allowed == allowing(use).filter(pk=customer.pk).exists()
    return answer.ground


def refusal(service: Callable[..., object], **facts: object) -> Reason:
    """Return why a service refuses; there is a sentence for it, with every fact in its place."""
    with pytest.raises(Refused) as refused:
        service(**facts)
    assert "%" not in refused.value.sentence
    return Reason(refused.value.reason.value)
