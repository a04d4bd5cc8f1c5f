"""How the outbox of the demonstration stood in the last day, a row each quarter of an hour."""

from __future__ import annotations

import random
from datetime import datetime

from notifications.models import QueueSample
from notifications.services.sampling import EPOCH, QUARTER

QUARTERS = 25 * 4
# A mailing went out then, so many quarters ago, and took a while.
MAILING, LASTED, PER_QUARTER = 40, 9, 260


def have_sent(*, now: datetime) -> None:
    """Note a quiet day with one mailing in it, up to the quarter of an hour before this one."""
    chance = random.Random(2012)  # noqa: S311  invented data need no cryptographic chance
    this = EPOCH + (now - EPOCH) // QUARTER * QUARTER
    accepted = returned = 0
    samples = []
    for back in range(QUARTERS, 0, -1):
        left = max(0, min(LASTED, LASTED - (MAILING - back)) if back <= MAILING else 0)
        accepted += chance.randrange(3, 15) + (PER_QUARTER if left else 0)
        returned += chance.random() < 0.06 + 0.5 * bool(left)
        samples.append(
            QueueSample(
                quarter=this - back * QUARTER,
                waiting=left * PER_QUARTER + chance.randrange(4),
                age_seconds=int(QUARTER.total_seconds()) * (LASTED - left + 1) if left else 2,
                accepted=accepted,
                returned=returned,
            )
        )
    QueueSample.objects.bulk_create(samples)
