"""What the beat starts here."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from bizsecure.core.streams import link_new
from bizsecure.proofs.services.heading import make_head


@shared_task
def sign_the_day() -> None:
    """Sign what the ledgers gained, once a day."""
    make_head(now=timezone.now())


@shared_task
def link_streams() -> None:
    """Give what was written since a place in the stream of its table."""
    link_new(now=timezone.now())
