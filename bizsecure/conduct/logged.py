"""What this room gives to the account log."""

from __future__ import annotations

from collections.abc import Iterator

from accounts.account_log import Before, LogEntry, LogKind, LogSource, register
from accounts.models import Customer
from bizsecure.conduct.models import Decision, Review
from bizsecure.conduct.reading import sentence, sentence_of_review


def _decisions(customer: Customer, before: Before, number: int) -> Iterator[LogEntry]:
    rows = Decision.objects.filter(customer=customer).select_related("service")
    for row in before.newest(rows, number):
        yield LogEntry(
            LogKind.ACCOUNT,
            row.recorded_at,
            row.pk,
            f"{sentence(row)} ({row.number})",
            row.actor_kind,
            row.actor_user_id,
        )


def _reviews(customer: Customer, before: Before, number: int) -> Iterator[LogEntry]:
    rows = Review.objects.filter(customer=customer).select_related("decision")
    for row in before.newest(rows, number):
        text = sentence_of_review(row)
        yield LogEntry(
            LogKind.ACCOUNT, row.recorded_at, row.pk, text, row.actor_kind, row.actor_user_id
        )


register(LogSource("decisions", frozenset({LogKind.ACCOUNT}), _decisions))
register(LogSource("reviews", frozenset({LogKind.ACCOUNT}), _reviews))
