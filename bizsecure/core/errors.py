"""How a service says no."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format


class Refused(Exception):
    """A request that a rule forbids, with the reason as a member of the room's own enum.

    The value of that member is the sentence a person reads, with a place for each fact.

    `facts` are values a sentence about the refusal needs, such as the earliest possible date.
    They never hold personal information, because exceptions end up in logs.
    """

    def __init__(self, reason: Enum, **facts: Any) -> None:
        super().__init__(reason.name)
        self.reason = reason
        self.facts = facts

    @property
    def sentence(self) -> str:
        """Why it was refused, in the reader's language and time zone."""
        return str(self.reason.value) % {name: _readable(fact) for name, fact in self.facts.items()}


def _readable(fact: Any) -> Any:
    if isinstance(fact, datetime):
        return date_format(timezone.localtime(fact), "DATETIME_FORMAT")
    return fact
