"""One chain for each append-only table whose rows belong to no customer.

What many write at once cannot be chained while it is written: each writer would wait for all
others, and two that write into two tables the other way round for ever. So rows are linked a
moment later: a sweep gives each row that has none a link, which holds its place in the stream of
its table, the hash of the link before, and a hash over the row. Until then the trigger alone
guards a row. The rows themselves are not touched, and nothing that was ever linked is erased: what
must be forgotten of a person does not stand in these tables.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.apps import apps
from django.db import IntegrityError, models, transaction
from django.db.models import Exists, F, OuterRef, Q

from bizsecure.core.ledger import FIRST, AppendOnlyRow, LedgerRow, hash_of

ROWS_AT_ONCE = 500
# Keys are given out in order and committed in any: no transaction stays open for so long.
SETTLED_AFTER = timedelta(days=1)


class StreamLink(AppendOnlyRow):
    """Base of the one table that holds the links of all streams."""

    is_its_own_chain: ClassVar[bool] = True

    # The table whose stream it is.
    stream = models.CharField(max_length=64)
    place = models.PositiveBigIntegerField()
    # The key of the row, and which of its columns the hash is over: a table may gain more later.
    row = models.BigIntegerField()
    columns = models.TextField()
    linked_at = models.DateTimeField()
    previous_hash = models.CharField(max_length=64)
    row_hash = models.CharField(max_length=64)

    class Meta:
        abstract = True
        constraints = [
            models.UniqueConstraint(fields=["stream", "place"], name="link_place_in_stream"),
            models.UniqueConstraint(fields=["stream", "row"], name="link_once_a_row"),
            models.CheckConstraint(
                condition=Q(place__gte=1) & ~Q(row_hash=F("previous_hash")), name="link_chained"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stream} {self.place}"

    def hash_over(self, values: Sequence[Any]) -> str:
        """Return the hash this link must have if its row holds these values in its columns."""
        named = [self.stream, self.columns, *values]
        return hash_of(self.row, self.place, self.previous_hash, named)


def streams() -> list[type[AppendOnlyRow]]:
    """Return every append-only table without a customer, in the order of their names."""
    found = [
        model
        for model in apps.get_models()
        if issubclass(model, AppendOnlyRow)
        and not issubclass(model, LedgerRow)
        and not model.is_its_own_chain
    ]
    return sorted(found, key=lambda model: model._meta.db_table)


def links() -> type[StreamLink]:
    """Return the table of links; the room that signs heads has it."""
    (found,) = [model for model in apps.get_models() if issubclass(model, StreamLink)]
    return found


def link_new(*, now: datetime) -> int:
    """Link every row that was committed and has no link; return how many.

    Killed at any line, the next sweep goes on. Of two that run at once, one gets each place; the
    other leaves the stream to it.
    """
    return sum(_link_stream(model, now) for model in streams())


def linked(model: type[AppendOnlyRow]) -> Any:
    """Return the links of one stream."""
    every: Any = links()._base_manager
    return every.filter(stream=model._meta.db_table)


def unlinked(model: type[AppendOnlyRow]) -> Any:
    """Return the rows of a stream without a link."""
    rows: Any = model._base_manager
    return rows.filter(~Exists(linked(model).filter(row=OuterRef("pk")))).order_by("pk")


def settled_upto(model: type[AppendOnlyRow], now: datetime) -> int:
    """Return up to which key no row can come any more that is honest."""
    old = linked(model).filter(linked_at__lt=now - SETTLED_AFTER)
    return old.order_by("-row").values_list("row", flat=True).first() or 0


def columns_of(model: type[AppendOnlyRow]) -> list[str]:
    """Return the columns that a hash is over: all but the key, which stands in the link."""
    return [field.attname for field in model._meta.concrete_fields if not field.primary_key]


def _link_stream(model: type[AppendOnlyRow], now: datetime) -> int:
    done, after = 0, settled_upto(model, now)
    while rows := list(
        unlinked(model).filter(pk__gt=after).values_list("pk", *columns_of(model))[:ROWS_AT_ONCE]
    ):
        if not _append(model, rows, now):
            break
        done, after = done + len(rows), rows[-1][0]
    return done


def _append(model: type[AppendOnlyRow], rows: Sequence[tuple[Any, ...]], now: datetime) -> bool:
    columns = ",".join(columns_of(model))
    last = linked(model).order_by("-place").values_list("place", "row_hash").first()
    taken, previous_hash = last or (0, FIRST)
    added = []
    for place, (row, *values) in enumerate(rows, start=taken + 1):
        link = links()(
            stream=model._meta.db_table,
            place=place,
            row=row,
            columns=columns,
            linked_at=now,
            previous_hash=previous_hash,
        )
        link.row_hash = previous_hash = link.hash_over(values)
        added.append(link)
    try:
        with transaction.atomic():
            links()._base_manager.bulk_create(added, batch_size=500)
    except IntegrityError:
        return False
    return True


def linked_rows(
    model: type[AppendOnlyRow],
) -> Iterator[tuple[StreamLink, dict[str, Any] | None]]:
    """Yield each link in its order with the row it is about, None for one that is gone."""
    page: list[StreamLink] = []
    for link in linked(model).order_by("place").iterator(chunk_size=ROWS_AT_ONCE):
        page.append(link)
        if len(page) == ROWS_AT_ONCE:
            yield from _with_rows(model, page)
            page = []
    yield from _with_rows(model, page)


def _with_rows(
    model: type[AppendOnlyRow], page: Sequence[StreamLink]
) -> Iterator[tuple[StreamLink, dict[str, Any] | None]]:
    every: Any = model._base_manager
    mine = every.filter(pk__in=[link.row for link in page]) if page else every.none()
    rows = {row["pk"]: row for row in mine.values("pk", *columns_of(model))}
    for link in page:
        yield link, rows.get(link.row)
