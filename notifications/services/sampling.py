"""Noting how the outbox stands, every quarter of an hour."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from notifications.models import MailBatch, MailTally, OutgoingMail, QueueSample

QUARTER = timedelta(minutes=15)
KEPT = timedelta(days=14)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
State = OutgoingMail.State


@transaction.atomic
def sample_queue() -> QueueSample:
    """Note how the outbox stands now, once a quarter of an hour, and forget what is two weeks old.

    From the counts that the database keeps: no mail is read.
    """
    now = timezone.now()
    quarter = EPOCH + (now - EPOCH) // QUARTER * QUARTER
    states = MailTally.objects.by_state()
    sample, _is_new = QueueSample.objects.get_or_create(
        quarter=quarter,
        defaults={
            "waiting": sum(states[state] for state in OutgoingMail.LIVE),
            "age_seconds": int(MailBatch.objects.age(now).total_seconds()),
            "accepted": states[State.ACCEPTED],
            "returned": sum(states[state] for state in OutgoingMail.RETURNED),
        },
    )
    QueueSample.objects.filter(quarter__lt=quarter - KEPT).delete()
    return sample
