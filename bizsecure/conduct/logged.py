"""What this room gives to the account log."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import QuerySet

from accounts.account_log import Before, LogEntry, LogKind, LogSource, register
from accounts.models import Customer
from bizsecure.conduct.models import Decision, Review
from bizsecure.conduct.reading import sentence, sentence_of_review


def _decision_rows(customer: Customer, wanted: Before) -> QuerySet[Decision]:
    return Decision.objects.filter(customer=customer).select_related("service")


def _decisions(customer: Customer, rows: Sequence[Any]) -> Iterator[LogEntry]:
    for row in rows:
        yield LogEntry(
            LogKind.ACCOUNT,
            row.recorded_at,
            row.pk,
            f"{sentence(row)} ({row.number})",
            row.actor_kind,
            row.actor_user_id,
        )


def _review_rows(customer: Customer, wanted: Before) -> QuerySet[Review]:
    return Review.objects.filter(customer=customer).select_related("decision")


def _reviews(customer: Customer, rows: Sequence[Any]) -> Iterator[LogEntry]:
    for row in rows:
        text = sentence_of_review(row)
        yield LogEntry(
            LogKind.ACCOUNT, row.recorded_at, row.pk, text, row.actor_kind, row.actor_user_id
        )


register(LogSource("decisions", frozenset({LogKind.ACCOUNT}), _decision_rows, _decisions))
register(LogSource("reviews", frozenset({LogKind.ACCOUNT}), _review_rows, _reviews))
