"""What this room gives to the account log."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.account_log import Before, LogEntry, LogKind, LogSource, register
from accounts.models import Customer
from bizsecure.vault.models import CardEvent

COLLECTED = (CardEvent.Kind.ADDED,)


def _event_rows(customer: Customer, wanted: Before) -> QuerySet[CardEvent]:
    rows = CardEvent.objects.filter(customer=customer).select_related("card")
    if not wanted.wants(LogKind.ACCOUNT):
        return rows.filter(kind__in=COLLECTED)
    if not wanted.wants(LogKind.COLLECTED):
        return rows.exclude(kind__in=COLLECTED)
    return rows


def _events(customer: Customer, rows: Sequence[Any]) -> Iterator[LogEntry]:
    for row in rows:
        yield LogEntry(
            kind=LogKind.COLLECTED if row.kind in COLLECTED else LogKind.ACCOUNT,
            at=row.recorded_at,
            row=row.pk,
            text=_("%(what)s: %(card)s.")
            % {"what": row.get_kind_display(), "card": row.card.label},
            actor_kind=row.actor_kind,
            actor_user_id=row.actor_user_id,
        )


register(LogSource("cards", frozenset({LogKind.COLLECTED, LogKind.ACCOUNT}), _event_rows, _events))
