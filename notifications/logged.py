"""What this room gives to the account log."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.account_log import Before, LogEntry, LogKind, LogSource, register
from accounts.models import Customer
from notifications.models import CaseEvent, Telling

SENTENCES = {
    Telling.Channel.MAIL: _("Your mail server took our message “%(subject)s”."),
    Telling.Channel.SHOWN: _("You confirmed on this site that you read “%(subject)s”."),
    Telling.Channel.LETTER: _("We sent you our message “%(subject)s” by letter."),
}
CAME_BACK = _("Our message “%(subject)s” came back to us: it did not reach your mailbox.")


def _telling_rows(customer: Customer, wanted: Before) -> QuerySet[Telling]:
    rows: QuerySet[Telling] = Telling.objects.filter(customer=customer)
    return rows.select_related("announcement")


def _tellings(customer: Customer, rows: Sequence[Any]) -> Iterator[LogEntry]:
    for row in rows:
        sentence = CAME_BACK if row.retracts_id else SENTENCES[row.channel]
        text = str(sentence) % {"subject": row.announcement.words.subject}
        yield LogEntry(
            LogKind.NOTICE, row.recorded_at, row.pk, text, row.actor_kind, row.actor_user_id
        )


register(LogSource("messages", frozenset({LogKind.NOTICE}), _telling_rows, _tellings))

CASE_SENTENCES = {
    CaseEvent.Kind.RECEIVED: _("We received your message %(number)s."),
    CaseEvent.Kind.WRITTEN_AGAIN: _("You added to your message %(number)s."),
    CaseEvent.Kind.READ: _("Your message %(number)s was read."),
    CaseEvent.Kind.ANSWERED: _("Your message %(number)s was answered."),
    CaseEvent.Kind.KEPT: _("After a review we keep your message %(number)s."),
    CaseEvent.Kind.DISCARDED: _("After a review we discarded your message %(number)s."),
    CaseEvent.Kind.EMPTIED: _("What was written in %(number)s was erased."),
}


def _case_rows(customer: Customer, wanted: Before) -> QuerySet[CaseEvent]:
    rows = CaseEvent.objects.filter(case__customer=customer, kind__in=CASE_SENTENCES)
    return rows.select_related("case")


def _case_steps(customer: Customer, rows: Sequence[Any]) -> Iterator[LogEntry]:
    for row in rows:
        text = str(CASE_SENTENCES[row.kind]) % {"number": row.case.number}
        yield LogEntry(
            LogKind.ACCOUNT, row.recorded_at, row.pk, text, row.actor_kind, row.actor_user_id
        )


register(LogSource("cases", frozenset({LogKind.ACCOUNT}), _case_rows, _case_steps))
