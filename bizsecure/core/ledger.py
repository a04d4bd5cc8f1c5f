"""Rows that are only ever added, chained by hash so that tampering shows.

Each customer has one chain per table: a row holds its place in the chain, the hash of the
row before it and a hash over its own content. The database refuses UPDATE and DELETE
(bizsecure.core.triggers.append_only); the chain shows what somebody with the rights to go
round that has altered or inserted, or removed from before the last row. Removing the last rows
of a chain, or writing all that follows anew, shows only against a copy kept elsewhere
(bizsecure.core.verifying compares with one).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache, lru_cache
from json.encoder import encode_basestring_ascii as _quoted
from typing import Any, ClassVar, Self

from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils.encoding import force_str

from bizsecure.core.bulk import insert_columns

FIRST = "0" * 64


class AppendOnlyRow(models.Model):
    """Base of every table whose rows are only ever added; its migration lays the trigger.

    Rows of a customer are chained by LedgerRow, all others by bizsecure.core.streams.
    """

    # Heads name the one before, and links stand in chains: they need no other.
    is_its_own_chain: ClassVar[bool] = False

    class Meta:
        abstract = True

    def _get_FIELD_display(self, field: models.Field[Any, Any]) -> Any:  # noqa: N802
        """Return how a value reads: what Django returns, which gathers all labels each time.

        Pages of a log ask it of every row.
        """
        value = getattr(self, str(field.attname))
        return force_str(_labels(field).get(value, value), strings_only=True)


@cache
def _labels(field: models.Field[Any, Any]) -> dict[Any, Any]:
    return dict(field.flatchoices)


class LedgerRow(AppendOnlyRow):
    """Base of every customer's ledger. A subclass has a foreign key `customer`."""

    # The columns the hash covers beside the customer, the place and the row before.
    hashed: ClassVar[tuple[str, ...]] = ()
    customer_id: int

    sequence = models.PositiveIntegerField(editable=False)
    previous_hash = models.CharField(max_length=64, editable=False)
    row_hash = models.CharField(max_length=64, editable=False)

    class Meta:
        abstract = True

    def content_hash(self) -> str:
        """Return the hash this row must have: over its content and the row before it."""
        return hash_of(self.customer_id, self.sequence, self.previous_hash, self._values())

    def content(self) -> str:
        """Return what the hash is over, as text: whoever has it can compute the hash anew."""
        return content_of(self.customer_id, self.sequence, self.previous_hash, self._values())

    def _values(self) -> list[Any]:
        return [getattr(self, name) for name in self.hashed]

    @classmethod
    def append(cls, *rows: Self) -> None:
        """Add rows to the chains of their customers, in one transaction with the caller's.

        Whoever appends holds the lock on the customers first (`Customer.objects.locked` of the
        room accounts), so that two writers cannot claim the same place. Should one forget, the
        unique place in the chain refuses the second row.
        """
        if rows:
            with transaction.atomic():
                cls._chain(rows)
                cls._base_manager.bulk_create(rows, batch_size=500)

    @classmethod
    def append_many(cls, each: Sequence[Mapping[str, Any]], shared: Mapping[str, Any]) -> None:
        """Add rows as `append` does, faster where they are many. Their keys are not read back.

        Columns go by the names of their attributes: those of each row, `customer_id` among them,
        and those that all have in common. All that the hash covers are among these.
        """
        if each:
            with transaction.atomic():
                places = cls._places(each, shared)
                columns = {name: [row[name] for row in each] for name in each[0]}
                insert_columns(cls, {**columns, **places}, shared)

    @classmethod
    def _places(
        cls, each: Sequence[Mapping[str, Any]], shared: Mapping[str, Any]
    ) -> dict[str, list[Any]]:
        """The columns that chain these rows, one behind the other, to those that are there."""
        heads = cls._heads({row["customer_id"] for row in each})
        of_all = {name: _spelled(shared[name]) for name in cls.hashed if name in shared}
        sequences, previous_hashes, row_hashes = [], [], []
        for row in each:
            customer_id = row["customer_id"]
            sequence, previous_hash = heads.get(customer_id, (0, FIRST))
            head = (customer_id, sequence + 1, previous_hash)
            values = (of_all.get(name) or _spelled(row[name]) for name in cls.hashed)
            row_hash = _hash(_listed([*map(_spelled, head), *values]))
            heads[customer_id] = (sequence + 1, row_hash)
            sequences.append(sequence + 1)
            previous_hashes.append(previous_hash)
            row_hashes.append(row_hash)
        return {"sequence": sequences, "previous_hash": previous_hashes, "row_hash": row_hashes}

    @classmethod
    def _chain(cls, rows: Sequence[Self]) -> None:
        """Give each row its place behind the last of its customer's chain."""
        heads = cls._heads({row.customer_id for row in rows})
        for row in rows:
            key = row.customer_id
            sequence, row.previous_hash = heads.get(key, (0, FIRST))
            row.sequence = sequence + 1
            row.row_hash = row.content_hash()
            heads[key] = (row.sequence, row.row_hash)

    @classmethod
    def _heads(cls, customers: set[int]) -> dict[int, tuple[int, str]]:
        every: Any = cls._base_manager
        rows = every.filter(customer__among=customers)
        if len(customers) == 1:
            # One step of the index, however long the chain is.
            last = rows.order_by("-sequence").values_list("sequence", "row_hash").first()
            return {customer: last for customer in customers if last}
        later = every.filter(customer=OuterRef("customer"), sequence__gt=OuterRef("sequence"))
        heads = rows.filter(~Exists(later)).values_list("customer", "sequence", "row_hash")
        return {customer: (sequence, row_hash) for customer, sequence, row_hash in heads}


def hash_of(customer_id: int, sequence: int, previous_hash: str, values: Iterable[Any]) -> str:
    """Return the hash of a row with these values in its `hashed` columns."""
    return _hash(content_of(customer_id, sequence, previous_hash, values))


def content_of(customer_id: int, sequence: int, previous_hash: str, values: Iterable[Any]) -> str:
    """Return a row as a list in JSON, which is what its hash is over."""
    return _listed(map(_spelled, (customer_id, sequence, previous_hash, *values)))


def ledger_constraints(name: str) -> list[models.BaseConstraint]:
    """Return the constraints each ledger's Meta lists: one row per place in a chain."""
    return [
        models.UniqueConstraint(fields=["customer", "sequence"], name=f"{name}_place_in_chain"),
        models.CheckConstraint(
            condition=Q(sequence__gte=1) & ~Q(row_hash=F("previous_hash")),
            name=f"{name}_chained",
        ),
    ]


def _listed(spelled: Iterable[str]) -> str:
    return f"[{','.join(spelled)}]"


def _hash(content: str) -> str:
    return hashlib.sha256(content.encode()).hexdigest()


def _spelled(value: Any) -> str:
    """A value in JSON. The encoder would say the same, in three times the time."""
    spell = _SPELLED.get(type(value))
    if spell is None:
        # A member of a list of choices is a text, too.
        spell = next((_SPELLED[kind] for kind in _SPELLED if isinstance(value, kind)), _other)
    return spell(value)


def _other(value: Any) -> str:
    return _quoted(str(value))


@lru_cache(maxsize=64)
def _moment(value: datetime) -> str:
    # Many rows that are added at once share theirs.
    moment = value if value.tzinfo is UTC else value.astimezone(UTC)
    return f'"{moment.isoformat(timespec="microseconds")}"'


_SPELLED: dict[type, Callable[[Any], str]] = {
    str: _quoted,
    int: int.__repr__,
    bool: {False: "false", True: "true"}.__getitem__,
    type(None): lambda _value: "null",
    datetime: _moment,
    bytes: lambda value: f'"{value.hex()}"',
    memoryview: lambda value: f'"{value.hex()}"',
}
