"""Whether the signed heads are as they were signed, and the rows as they were when they were."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bizsecure.core.ledger import FIRST
from bizsecure.core.verifying import ALTERED, INSERTED, NOBODY, REMOVED, Finding
from bizsecure.proofs import merkle
from bizsecure.proofs.models import Head, Part, hash_of_body
from bizsecure.proofs.services.heading import covered_tables, parts_of
from bizsecure.proofs.signing import is_signed

NOT_AS_SIGNED = "not as signed"
HEADS, PARTS = Head._meta.db_table, Part._meta.db_table


def wrong_heads() -> Iterator[Finding]:
    """Yield every head that is gone or was altered, and every table that is not as one says.

    Rows at the end of a chain that somebody removed, or a chain that was written anew, show here
    as *not as signed* once a head covers them; `place` is the number of that head.
    """
    number, previous = 0, FIRST
    for head in Head.objects.order_by("number").iterator(chunk_size=100):
        if head.number > number + 1:
            yield Finding(HEADS, NOBODY, number + 1, None, REMOVED, head.number - number - 1)
            previous = head.contents["previous"]
        if not _is_sound(head, previous):
            yield Finding(HEADS, NOBODY, head.number, head.pk, ALTERED)
        else:
            yield from _wrong_below(head)
        number, previous = head.number, head.head_hash


def _is_sound(head: Head, previous: str) -> bool:
    said = head.contents
    return (
        head.head_hash == hash_of_body(head.body)
        and (said["number"], said["previous"]) == (head.number, previous)
        and is_signed(head.body.encode(), head.signature, head.public_key)
    )


def _wrong_below(head: Head) -> Iterator[Finding]:
    models = {model._meta.db_table: model for model in covered_tables()}
    for table, signed in head.contents["ledgers"].items():
        if table in models and signed["upto"] > signed["after"]:
            yield from _wrong_table(head, models[table], signed)


def _wrong_table(head: Head, model: Any, signed: dict[str, Any]) -> Iterator[Finding]:
    table = model._meta.db_table
    parts = list(parts_of(model=model, after=signed["after"], upto=signed["upto"]))
    root = merkle.root([bytes.fromhex(part.root) for part, _rows in parts]).hex()
    if (sum(rows for _part, rows in parts), root) != (signed["rows"], signed["root"]):
        yield Finding(table, NOBODY, head.number, None, NOT_AS_SIGNED)
        return
    kept = {part.index: part for part in head.parts.filter(ledger=table)}
    for part, _rows in parts:
        mine = kept.pop(part.index, None)
        if mine is None:
            yield Finding(PARTS, NOBODY, head.number, None, REMOVED)
        elif (mine.root, mine.first_row) != (part.root, part.first_row):
            yield Finding(PARTS, NOBODY, head.number, mine.pk, ALTERED)
    for extra in kept.values():
        yield Finding(PARTS, NOBODY, head.number, extra.pk, INSERTED)
