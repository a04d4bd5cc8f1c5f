"""What the shop gives to the account log."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import QuerySet

from accounts.account_log import Before, LogEntry, LogKind, LogSource, register
from accounts.models import Customer
from bizsecure.store.models import OrderEvent


def _order_rows(customer: Customer, wanted: Before) -> QuerySet[OrderEvent]:
    return OrderEvent.objects.filter(customer=customer).select_related("order", "service")


def _orders(customer: Customer, rows: Sequence[Any]) -> Iterator[LogEntry]:
    for row in rows:
        about = row.service.name if row.service else row.order.number
        text = f"{row.get_kind_display()}: {about}"
        yield LogEntry(
            LogKind.ORDER, row.recorded_at, row.pk, text, row.actor_kind, row.actor_user_id
        )


register(LogSource("orders", frozenset({LogKind.ORDER}), _order_rows, _orders))
