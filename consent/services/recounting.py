"""Keeping the counts of the database few, and making them anew should they ever be wrong."""

from __future__ import annotations

from django.db import connection, transaction

from accounts.models import Customer
from bizsecure.core.counting import fill, merge
from consent.models import Choice, Notice, Tally
from consent.tallying import KEY, TALLY, everything


def merge_tallies() -> int:
    """Make one row of the many of a figure; return how many rows there were too many.

    Safe at any time and twice at once.
    """
    return merge(TALLY, KEY, connection)


@transaction.atomic
def recount() -> None:
    """Count everything anew. Nobody joins, is told or answers for as long as that takes."""
    if connection.vendor == "postgresql":
        tables = ", ".join(model._meta.db_table for model in (Customer, Notice, Choice, Tally))
        with connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {tables} IN SHARE ROW EXCLUSIVE MODE")
    Tally.objects.all().delete()
    fill(everything, connection)
