"""What `make bench-verify` measures. Imported once Django is set up."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from accounts.models import AccountEvent
from benchmarks.database import new_database, peak_mb, timed
from benchmarks.loading import analyze, load_customers, load_sound_events, publish_first
from bizsecure.core.ledger import FIRST, hash_of
from bizsecure.core.streams import link_new
from bizsecure.core.verifying import findings
from bizsecure.proofs.checking import wrong_heads
from bizsecure.proofs.services.heading import make_head
from bizsecure.store.models import GatewayCall

CHAIN, OF_A_STREAM = 10, 20
DAY = timedelta(days=1)


def measure(*, rows: int) -> dict[str, Any]:
    """Return the figures of one run on a new database that is thrown away."""
    with new_database():
        publish_first()
        load_customers(rows // CHAIN)
        load_sound_events(rows // CHAIN, CHAIN)
        _load_stream(rows // OF_A_STREAM)
        analyze()
        now = timezone.now()
        linked, link_seconds = timed(lambda: link_new(now=now))
        make_head(now=now - DAY)
        make_head(now=now)
        _found, ledger_seconds = timed(lambda: list(findings(AccountEvent)))
        _found, heads_seconds = timed(lambda: list(wrong_heads()))
        answer, verify_seconds = timed(_verify)
        if not answer["intact"]:
            raise SystemExit(f"A ledger is not sound: {answer['findings'][0]}.")
        _hash, hash_seconds = timed(lambda: _hash_rows(rows))
        return {
            "database": connection.vendor,
            "rows": rows,
            "linked": linked,
            "link_seconds": link_seconds,
            "ledger_seconds": ledger_seconds,
            "heads_seconds": heads_seconds,
            "verify_seconds": verify_seconds,
            "hash_seconds": hash_seconds,
            "peak_mb": peak_mb(),
        }


def _load_stream(rows: int) -> None:
    now = timezone.now()
    GatewayCall.objects.bulk_create(
        (
            GatewayCall(gateway="sandbox", event=f"event-{each}", kind="paid", heard_at=now)
            for each in range(rows)
        ),
        batch_size=1000,
    )


def _verify() -> dict[str, Any]:
    printed = StringIO()
    call_command("verify_ledger", stdout=printed)
    answer: dict[str, Any] = json.loads(printed.getvalue())
    return answer


def _hash_rows(rows: int) -> None:
    moment = datetime(2024, 1, 1, tzinfo=UTC)
    values = ["signed_in", "", "", "", None, "customer", None, moment]
    for each in range(rows):
        hash_of(each, 1, FIRST, values)
