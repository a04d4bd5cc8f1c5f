"""What the shop gives to the account log."""

from __future__ import annotations

from collections.abc import Iterator

from accounts.account_log import Before, LogEntry, LogKind, LogSource, register
from accounts.models import Customer
from bizsecure.store.models import OrderEvent


def _orders(customer: Customer, before: Before, number: int) -> Iterator[LogEntry]:
    rows = OrderEvent.objects.filter(customer=customer).select_related("order", "service")
    for row in before.newest(rows, number):
        about = row.service.name if row.service else row.order.number
        text = f"{row.get_kind_display()}: {about}"
        yield LogEntry(
            LogKind.ORDER, row.recorded_at, row.pk, text, row.actor_kind, row.actor_user_id
        )


register(LogSource("orders", frozenset({LogKind.ORDER}), _orders))
