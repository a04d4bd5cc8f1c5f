"""What a customer decided, as the page of choices tells it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from accounts.models import Customer
from consent.models import Choice, DeclaredUse
from consent.wording import worded

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
    choices = list(Choice.objects.filter(customer=customer).order_by("-sequence")[:MOST_ROWS])
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
    asked = DeclaredUse.objects.filter(
        version__in={choice.version_id for choice in choices},
        use__in={choice.use_id for choice in choices},
    ).select_related("use", "version")
    rows = worded(asked, "version__translations")
    return {(row.version_id, row.use_id): row.words.question for row in rows}
