"""Heads: what all ledgers held on a day, in one signed line each."""

from __future__ import annotations

import hashlib
import json
from typing import Any, ClassVar, cast

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from bizsecure.core.ledger import AppendOnlyRow
from bizsecure.core.streams import StreamLink


class Head(AppendOnlyRow):
    """The roots of the trees over the rows that the ledgers gained since the head before.

    `body` is what is signed, in JSON: number, time, the hash of the head before, and for each
    ledger which rows by their keys, how many, and the root over their hashes.
    """

    is_its_own_chain: ClassVar[bool] = True

    number = models.PositiveIntegerField(_("number"), unique=True)
    made_at = models.DateTimeField(_("made"))
    body = models.TextField()
    head_hash = models.CharField(max_length=64)
    signature = models.CharField(max_length=128)
    public_key = models.CharField(max_length=64)
    # The last key of each ledger when this head was made. The next head ends there: by then,
    # whatever was being written at that moment is written, or never will be.
    seen = models.JSONField(default=dict)

    class Meta:
        ordering = ("-number",)
        verbose_name = _("signed head")
        verbose_name_plural = _("signed heads")
        constraints = [
            models.CheckConstraint(condition=Q(number__gte=1), name="head_counted_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.head_hash[:12]}"

    def get_absolute_url(self) -> str:
        return reverse("head", args=[self.number])

    @property
    def contents(self) -> dict[str, Any]:
        """The body, read."""
        return cast("dict[str, Any]", json.loads(self.body))

    @property
    def rows(self) -> int:
        """How many rows it covers."""
        return sum(ledger["rows"] for ledger in self.contents["ledgers"].values())


class Part(AppendOnlyRow):
    """The root over up to 1024 rows of a ledger that a head covers, so that a receipt is quick.

    The signed body has the root over the roots of a ledger's parts.
    """

    is_its_own_chain: ClassVar[bool] = True

    head = models.ForeignKey(Head, on_delete=models.PROTECT, related_name="parts", db_index=False)
    ledger = models.CharField(max_length=64)
    index = models.PositiveIntegerField()
    first_row = models.BigIntegerField()
    root = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ledger", "first_row"], name="part_begins_once"),
            models.UniqueConstraint(fields=["head", "ledger", "index"], name="part_of_a_head_once"),
        ]

    def __str__(self) -> str:
        return f"{self.ledger} {self.index}"


class Link(StreamLink):
    """The place of a row in the stream of its table, where no customer's chain holds it."""


def hash_of_body(body: str) -> str:
    """Return the hash by which the next head names this one."""
    return hashlib.sha256(body.encode()).hexdigest()
