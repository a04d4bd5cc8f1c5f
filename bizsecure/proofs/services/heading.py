"""Making the head of a day over all ledgers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max

from bizsecure.core.ledger import FIRST
from bizsecure.core.security_log import Event, note
from bizsecure.core.verifying import ledgers
from bizsecure.proofs import merkle
from bizsecure.proofs.models import Head, Link, Part, hash_of_body
from bizsecure.proofs.signing import sign

AT_LEAST = timedelta(hours=20)
"""A second beat on the same day makes no second head."""


def make_head(*, now: datetime, at_least: timedelta = AT_LEAST) -> Head | None:
    """Sign what the ledgers gained up to the head before; return None when it is not time.

    A head covers the rows that were there when the head before was made, so that a transaction
    which was still open then cannot slip in behind it. Run twice at once, one of the two wins.
    """
    latest = Head.objects.first()
    if latest is not None and now - latest.made_at < at_least:
        return None
    number = latest.number + 1 if latest else 1
    seen = {model._meta.db_table: _last_key(model) for model in covered_tables()}
    covered, parts = _trees(latest)
    body = json.dumps(
        {
            "number": number,
            "made_at": now.isoformat(timespec="seconds"),
            "previous": latest.head_hash if latest else FIRST,
            "ledgers": covered,
        },
        sort_keys=True,
    )
    signature, public_key = sign(body.encode())
    note(Event.KEY_USED, purpose="signing the head of a day", head=number)
    head = Head(
        number=number,
        made_at=now,
        body=body,
        head_hash=hash_of_body(body),
        signature=signature,
        public_key=public_key,
        seen=seen,
    )
    try:
        with transaction.atomic():
            head.save(force_insert=True)
            for part in parts:
                part.head = head
            Part.objects.bulk_create(parts, batch_size=1000)
    except IntegrityError:
        return None
    return head


def covered_tables() -> list[Any]:
    """Return whose rows a head covers: all ledgers, and the links of all other tables."""
    return [*ledgers(), Link]


def _trees(latest: Head | None) -> tuple[dict[str, dict[str, Any]], list[Part]]:
    """Return for each ledger what the new head covers, and the parts of all trees."""
    covered, parts = {}, list[Part]()
    before = latest.contents["ledgers"] if latest else {}
    for model in covered_tables():
        table = model._meta.db_table
        after = before[table]["upto"] if table in before else 0
        upto = latest.seen.get(table, 0) if latest else 0
        mine = list(parts_of(model=model, after=after, upto=upto))
        rows = sum(number for _part, number in mine)
        roots = [bytes.fromhex(part.root) for part, _number in mine]
        root = merkle.root(roots).hex()
        covered[table] = {"after": after, "upto": max(after, upto), "rows": rows, "root": root}
        parts += [part for part, _number in mine]
    return covered, parts


def parts_of(*, model: Any, after: int, upto: int) -> Iterator[tuple[Part, int]]:
    """Yield the parts over the rows with keys after one and up to another, and their sizes."""
    every: Any = model._base_manager
    table = model._meta.db_table
    rows = every.filter(pk__gt=after, pk__lte=upto).order_by("pk").values_list("pk", "row_hash")
    stream = iter(rows.iterator(chunk_size=merkle.PART))
    index = 0
    while part := list(islice(stream, merkle.PART)):
        leaves = [merkle.leaf_of_row(table, row_hash) for _key, row_hash in part]
        root = merkle.root(leaves).hex()
        yield Part(ledger=table, index=index, first_row=part[0][0], root=root), len(part)
        index += 1


def _last_key(model: Any) -> int:
    every: Any = model._base_manager
    return every.aggregate(last=Max("pk"))["last"] or 0
