"""What this room gives to the account log."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from accounts.account_log import Before, LogEntry, LogKind, LogSource, register
from accounts.models import Customer
from bizsecure.vault.models import CardEvent

COLLECTED = (CardEvent.Kind.ADDED,)


def _events(customer: Customer, before: Before, number: int) -> Iterator[LogEntry]:
    rows = CardEvent.objects.filter(customer=customer).select_related("card")
    if not before.wants(LogKind.ACCOUNT):
        rows = rows.filter(kind__in=COLLECTED)
    elif not before.wants(LogKind.COLLECTED):
        rows = rows.exclude(kind__in=COLLECTED)
    for row in before.newest(rows, number):
        yield LogEntry(
            kind=LogKind.COLLECTED if row.kind in COLLECTED else LogKind.ACCOUNT,
            at=row.recorded_at,
            row=row.pk,
            text=_("%(what)s: %(card)s.")
            % {"what": row.get_kind_display(), "card": row.card.label},
            actor_kind=row.actor_kind,
            actor_user_id=row.actor_user_id,
        )


register(LogSource("cards", frozenset({LogKind.COLLECTED, LogKind.ACCOUNT}), _events))
