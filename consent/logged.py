"""What this room gives to the account log."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, cast

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.account_log import Before, LogEntry, LogKind, LogSource, register
from accounts.models import Customer, CustomerRow
from consent.calendar import policy_day
from consent.disclosed import what_happened
from consent.history import questions_seen
from consent.models import Acceptance, Choice, Disclosure, Notice


def _entry(kind: LogKind, row: CustomerRow, text: str) -> LogEntry:
    return LogEntry(kind, row.recorded_at, row.pk, text, row.actor_kind, row.actor_user_id)


def _choice_rows(customer: Customer, wanted: Before) -> QuerySet[Choice]:
    return Choice.objects.filter(customer=customer)


def _choices(customer: Customer, rows: Sequence[Any]) -> Iterator[LogEntry]:
    questions = questions_seen(rows)
    for row in rows:
        answer = _("You said yes: %s") if row.answer == "yes" else _("You said no: %s")
        yield _entry(LogKind.DECIDED, row, answer % questions[row.version_id, row.use_id])


def _notice_rows(customer: Customer, wanted: Before) -> QuerySet[Notice]:
    return Notice.objects.filter(customer=customer).select_related("version")


def _notices(customer: Customer, rows: Sequence[Any]) -> Iterator[LogEntry]:
    for row in rows:
        facts = {"version": row.version.number, "channel": row.get_channel_display()}
        told = _("We told you of version %(version)s of our privacy policy %(channel)s.")
        taken_back = _("Our mail about version %(version)s came back. You count as not told.")
        yield _entry(LogKind.NOTICE, row, (taken_back if row.retracts_id else told) % facts)


def _acceptance_rows(customer: Customer, wanted: Before) -> QuerySet[Acceptance]:
    return Acceptance.objects.filter(customer=customer).select_related("version")


def _acceptances(customer: Customer, rows: Sequence[Any]) -> Iterator[LogEntry]:
    for row in rows:
        text = _("You joined under version %s of our privacy policy.") % row.version.number
        yield _entry(LogKind.ACCOUNT, row, text)


def _disclosure_rows(customer: Customer, wanted: Before) -> QuerySet[Disclosure]:
    """What the law forbids to tell today is not in the log of today (DISC-1)."""
    today = cast("date", wanted.as_of)
    rows: QuerySet[Disclosure] = Disclosure.objects.visible_on(today, customer)
    return rows


def _disclosures(customer: Customer, rows: Sequence[Any]) -> Iterator[LogEntry]:
    for row in rows:
        yield _entry(LogKind.SHARED, row, what_happened(row))


register(LogSource("choices", frozenset({LogKind.DECIDED}), _choice_rows, _choices))
register(LogSource("notices", frozenset({LogKind.NOTICE}), _notice_rows, _notices))
register(
    LogSource(
        "disclosures",
        frozenset({LogKind.SHARED}),
        _disclosure_rows,
        _disclosures,
        as_of=policy_day,
    )
)
register(LogSource("acceptances", frozenset({LogKind.ACCOUNT}), _acceptance_rows, _acceptances))
