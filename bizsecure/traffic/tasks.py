"""What the beat starts here."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from bizsecure.traffic.buffer import forget_old
from bizsecure.traffic.days import end_days


@shared_task
def forget_old_counts() -> None:
    """Delete the counts that are kept long enough."""
    forget_old(now=timezone.now())


@shared_task
def forget_yesterdays_key() -> None:
    """Destroy the key and the hashes of each day that is over; its number stays."""
    end_days(now=timezone.now())
