"""Since when, and under which version of the privacy policy, we know each piece (DATA-1)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef

from accounts.fields import FIELD_LABELS
from accounts.models import Customer, ProfileChange

NumberAt = Callable[[datetime], int | None]
_register: dict[str, NumberAt] = {}


@dataclass(frozen=True)
class Collected:
    """When a piece was given, and the number of the policy that was in force then."""

    at: datetime
    policy_number: int | None


def number_policies_by(number_at: NumberAt) -> None:
    """Let the room that keeps the policies say which one was in force at a moment."""
    _register["number_at"] = number_at


def policy_number_at(moment: datetime) -> int | None:
    """Return the number of the privacy policy that was in force at a moment."""
    return _register["number_at"](moment) if _register else None


def collected(customer: Customer) -> dict[str, Collected]:
    """Return for each piece of personal information since when it is as it is.

    What nobody ever changed is known since the customer joined.
    """
    later = ProfileChange.objects.filter(
        customer=customer, field=OuterRef("field"), sequence__gt=OuterRef("sequence")
    )
    latest = ProfileChange.objects.filter(~Exists(later), customer=customer)
    rows = latest.values_list("field", "recorded_at", "policy_number")
    joined = Collected(customer.joined_at, policy_number_at(customer.joined_at))
    return dict.fromkeys(FIELD_LABELS, joined) | {
        name: Collected(at, number) for name, at, number in rows
    }
