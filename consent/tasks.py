"""What the beat starts in this room. What is to be done stands in the rows."""

from __future__ import annotations

from celery import shared_task

from consent.services.recounting import merge_tallies as merge
from consent.services.telling_of_disclosures import tell_what_may_be_told


@shared_task
def tell_of_disclosures() -> None:
    """Tell customers of what staff gave away, once they may know."""
    tell_what_may_be_told()


@shared_task
def merge_tallies() -> None:
    """Keep the counts that reports are made of few."""
    merge()
