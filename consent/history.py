"""What a customer decided, as the page of choices tells it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from accounts.asked_often import asked_often
from accounts.models import Customer
from consent.models import Choice
from consent.posted import questions_of

MOST_ROWS = 50


@dataclass(frozen=True)
class Decided:
    """A decision with the question that was seen."""

    decision: str
    question: str
    way: str
    at: datetime


def choice_history(customer: Customer) -> list[Decided]:
    """Return the customer's latest decisions, the newest first."""
    choices = _newest(customer)
    questions = questions_seen(choices)
    return [
        Decided(
            decision=choice.answer,
            question=questions[choice.version_id, choice.use_id],
            way=choice.get_method_display(),
            at=choice.recorded_at,
        )
        for choice in choices
    ]


def questions_seen(choices: Collection[Choice]) -> dict[tuple[int, int], str]:
    """Return which question stood before the customer, by version and use of each choice.

    In the language of whoever reads it now; the choice keeps the one it was asked in.
    """
    return questions_of([choice.version_id for choice in choices])


@asked_often
def _newest(customer: Customer) -> QuerySet[Choice]:
    return Choice.objects.filter(customer=customer).order_by("-sequence")[:MOST_ROWS]
