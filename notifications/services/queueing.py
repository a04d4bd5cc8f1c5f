"""Putting the mails of a campaign into the outbox, set-based: no customer is loaded into memory."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import connection, transaction
from django.db.models import DateTimeField, Exists, F, IntegerField, OuterRef, Value
from django.db.models.fields import CharField

from accounts.models import CustomerQuerySet
from notifications.models import Campaign, MailBatch, OutgoingMail

State = OutgoingMail.State
# PostgreSQL plans by its statistics, which know nothing of a large insert until told.
ROWS_THAT_NEED_ANALYZE = 10_000


@transaction.atomic
def queue(*, campaign: Campaign, customers: CustomerQuerySet, now: datetime) -> int:
    """Queue a mail for each of these customers who has none of this campaign yet.

    For those alone who proved an address. Returns how many were queued.
    """
    # Held until the rows are cut into batches: two passes at once would cut the same rows.
    Campaign.objects.select_for_update().get(pk=campaign.pk)
    queued = _insert_mails(campaign, customers, now)
    if queued:
        _cut_batches(campaign, now)
        if queued >= ROWS_THAT_NEED_ANALYZE and connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(f"ANALYZE {OutgoingMail._meta.db_table}")
    return queued


def without_mail(*, campaign: Campaign, customers: CustomerQuerySet) -> CustomerQuerySet:
    """Those among these who proved an address and have no mail of this campaign at it."""
    being_told = OutgoingMail.objects.filter(
        campaign=campaign, customer=OuterRef("pk"), address=OuterRef("email")
    ).exclude(state=State.DROPPED)
    return customers.reachable_by_mail().filter(~Exists(being_told))


def _insert_mails(campaign: Campaign, customers: CustomerQuerySet, now: datetime) -> int:
    """INSERT ... SELECT of everyone among these who has no mail at this address yet."""
    moment = Value(now, output_field=DateTimeField())
    rows = (
        without_mail(campaign=campaign, customers=customers)
        .order_by("pk")
        .annotate(
            campaign=Value(campaign.pk, output_field=IntegerField()),
            state=Value(str(State.QUEUED), output_field=CharField()),
            attempts=Value(0, output_field=IntegerField()),
            moment=moment,
        )
        .values_list(
            *("campaign", "pk", "email", "language", "state", "attempts", "moment"), F("moment")
        )
    )
    select, parameters = rows.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {OutgoingMail._meta.db_table} "
            "(campaign_id, customer_id, address, language, state, attempts, queued_at, due_at) "
            f"{select} ON CONFLICT DO NOTHING",
            parameters,
        )
        return int(cursor.rowcount)


def _cut_batches(campaign: Campaign, now: datetime) -> None:
    """Cut the mails that are in no batch yet into ranges for the workers."""
    mails, batches = OutgoingMail._meta.db_table, MailBatch._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            # Names of our own tables and nothing else are put into the text.
            f"INSERT INTO {batches} (campaign_id, first_id, last_id, epoch, due_at) "  # noqa: S608
            "SELECT %s, MIN(id), MAX(id), 0, %s FROM ("
            f"SELECT id, (ROW_NUMBER() OVER (ORDER BY id) - 1) / %s AS part FROM {mails} "
            "WHERE campaign_id = %s AND id > "
            f"(SELECT COALESCE(MAX(last_id), 0) FROM {batches} WHERE campaign_id = %s)"
            ") AS numbered GROUP BY part",
            [
                campaign.pk,
                connection.ops.adapt_datetimefield_value(now),
                settings.NOTICE_BATCH_SIZE,
                campaign.pk,
                campaign.pk,
            ],
        )
