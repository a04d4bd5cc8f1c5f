"""What this room gives to the account log."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.account_log import Before, LogEntry, LogKind, LogSource, register
from accounts.models import Customer, CustomerRow
from consent.disclosed import what_happened
from consent.history import questions_seen
from consent.models import Acceptance, Choice, Disclosure, Notice


def _entry(kind: LogKind, row: CustomerRow, text: str) -> LogEntry:
    return LogEntry(kind, row.recorded_at, row.pk, text, row.actor_kind, row.actor_user_id)


def _choices(customer: Customer, before: Before, number: int) -> Iterator[LogEntry]:
    rows = list(before.newest(Choice.objects.filter(customer=customer), number))
    questions = questions_seen(rows)
    for row in rows:
        answer = _("You said yes: %s") if row.answer == "yes" else _("You said no: %s")
        yield _entry(LogKind.DECIDED, row, answer % questions[row.version_id, row.use_id])


def _notices(customer: Customer, before: Before, number: int) -> Iterator[LogEntry]:
    rows = Notice.objects.filter(customer=customer).select_related("version")
    for row in before.newest(rows, number):
        facts = {"version": row.version.number, "channel": row.get_channel_display()}
        told = _("We told you of version %(version)s of our privacy policy %(channel)s.")
        taken_back = _("Our mail about version %(version)s came back. You count as not told.")
        yield _entry(LogKind.NOTICE, row, (taken_back if row.retracts_id else told) % facts)


def _acceptances(customer: Customer, before: Before, number: int) -> Iterator[LogEntry]:
    rows = Acceptance.objects.filter(customer=customer).select_related("version")
    for row in before.newest(rows, number):
        text = _("You joined under version %s of our privacy policy.") % row.version.number
        yield _entry(LogKind.ACCOUNT, row, text)


def _disclosures(customer: Customer, before: Before, number: int) -> Iterator[LogEntry]:
    # What the law forbids to tell today is not in the log of today (DISC-1).
    rows = Disclosure.objects.visible_to(customer, timezone.now())
    for row in before.newest(rows, number):
        yield _entry(LogKind.SHARED, row, what_happened(row))


register(LogSource("choices", frozenset({LogKind.DECIDED}), _choices))
register(LogSource("notices", frozenset({LogKind.NOTICE}), _notices))
register(LogSource("disclosures", frozenset({LogKind.SHARED}), _disclosures))
register(LogSource("acceptances", frozenset({LogKind.ACCOUNT}), _acceptances))
