"""Recording a few proofs costs the same, however many customers were told before (CHANGE-2)."""

from __future__ import annotations

import pytest
from django.db import connection

from accounts.models import Customer
from consent.models import PolicyVersion
from consent.services.telling import AcceptedMail, record_told_by_mail
from tests.builders import TODAY
from tests.notifications.outbox import a_crowd

FEW, MANY = 20, 400
# Each new proof is looked for in its chain, by its message, and by the counts, before and after.
READ_FOR_A_PROOF = 10

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(
        connection.vendor != "postgresql", reason="SQLite does not say how many rows it read."
    ),
]


def record(change: PolicyVersion, customers: list[Customer]) -> int:
    """Record that they were told; return how many proofs the database read for it."""
    before = _proofs_read()
    record_told_by_mail(
        version=change,
        in_round=change.round,
        mails=[
            AcceptedMail(each.pk, each.email, f"<{change.pk}.{each.pk}@bizsecure.com>", TODAY)
            for each in customers
        ],
    )
    return _proofs_read() - before


def _proofs_read() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables"
            " WHERE relname = 'consent_notice'"
        )
        found = cursor.fetchone()
    return int(found[0]) if found else 0


def test_no_plan_reads_the_proofs_of_others(change: PolicyVersion) -> None:
    a_crowd(MANY + 2 * FEW)
    crowd = list(Customer.objects.filter(email__startswith="customer").order_by("pk"))
    # The plan of a trigger is made when it runs first, which is when the table is empty.
    record(change, crowd[:FEW])
    record(change, crowd[FEW:-FEW])
    with connection.cursor() as cursor:
        # Of a table as small as this one PostgreSQL would rather read all.
        cursor.execute("SET LOCAL enable_seqscan = off")

    assert record(change, crowd[-FEW:]) <= FEW * READ_FOR_A_PROOF
