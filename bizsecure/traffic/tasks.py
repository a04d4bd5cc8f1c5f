"""What the beat starts here."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from bizsecure.traffic.buffer import forget_old


@shared_task
def forget_old_counts() -> None:
    """Delete the counts that are kept long enough."""
    forget_old(now=timezone.now())
