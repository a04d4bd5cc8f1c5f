"""Values that can be destroyed although their rows can not: each person has a key of their own.

Rows of a ledger are never changed and never deleted, and what was personal in them must be
erasable all the same. So such a value is sealed under the key of the person it is about; that
key rests in a table that is not append-only, itself sealed under the key ring. The hash of the
row covers the sealed bytes. Three things follow:

- Erasing is destroying one key. Nobody can read the values then, in no copy of the rows.
- The chain is verified without any key, before and after.
- A rotation of the ring seals the persons' keys anew (`sealing.reseal`), and no ledger.

A copy of the database from before still holds the key: erasing is complete when the last such
copy is gone.
"""

from __future__ import annotations

import base64
import os
import uuid
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Q

from bizsecure.core.keyring import KeyRing
from bizsecure.core.sealing import SealedCharField

KEY_BYTES = 32


class DestroyableKey(models.Model):
    """Base of the table of persons' keys. A subclass says whose key it is.

    Once destroyed a key stays so: its migration lays `kept_destroyed`.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    key = SealedCharField(max_length=64, null=True)
    destroyed_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        abstract = True

    @classmethod
    def fresh(cls, **whose: Any) -> Any:
        """Return a new key, not saved yet, for the person that the columns name."""
        return cls(key=base64.b64encode(os.urandom(KEY_BYTES)).decode(), **whose)

    def seal(self, text: str, place: str) -> bytes | None:
        """Return `text` sealed for a place, such as a table and a column.

        Nothing once the key is destroyed: what cannot be read again is not kept.
        """
        ring = self._ring()
        return ring.seal(text.encode(), place.encode()) if ring else None

    def open(self, sealed: bytes | memoryview | None, place: str) -> str | None:
        """Return what was sealed for this place, or nothing if nobody can read it any more.

        Raises Tampered for anything that was altered or sealed for another place.
        """
        ring = self._ring()
        if ring is None or sealed is None:
            return None
        return ring.open(bytes(sealed), place.encode()).decode()

    def forget(self, now: datetime) -> list[str]:
        """Drop the key and return the columns to save."""
        self.key, self.destroyed_at = None, now
        return ["key", "destroyed_at"]

    def _ring(self) -> KeyRing | None:
        return None if self.key is None else KeyRing([base64.b64decode(self.key)])


def destroyable_key_constraints(name: str) -> list[models.BaseConstraint]:
    """Return the constraints each such table's Meta lists: a key is there or was destroyed."""
    return [
        models.CheckConstraint(
            condition=Q(key__isnull=True, destroyed_at__isnull=False)
            | Q(key__isnull=False, destroyed_at__isnull=True),
            name=f"{name}_there_or_destroyed",
        ),
    ]
