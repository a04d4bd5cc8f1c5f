"""Who holds a batch: claims by compare-and-set, leases that end by themselves.

A worker counts its claim in the batch's `epoch`. Whoever finds another epoch there has lost the
batch to somebody else and writes nothing more about it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Min
from django.utils import timezone

from notifications.models import MailBatch, OutgoingMail

CANDIDATES = 8


class LostLease(Exception):
    """Another worker holds the batch now."""


@dataclass(frozen=True)
class Claim:
    """A batch held by this worker, as long as nobody counts a further epoch."""

    batch: MailBatch
    epoch: int


def due_batches() -> int:
    """Return how many batches wait for a worker."""
    return int(MailBatch.objects.claimable(timezone.now()).count())


def claim_batch(*, now: datetime, single_only: bool = False) -> Claim | None:
    """Take the oldest batch that is due and free, by compare-and-set on its epoch."""
    claimable = MailBatch.objects.claimable(now).select_related("campaign")
    for batch in (claimable.single() if single_only else claimable)[:CANDIDATES]:
        claim = Claim(batch, batch.epoch + 1)
        # Every claim counts the epoch, so that it alone tells whether the batch is still as it
        # was read. By columns of this one row: PostgreSQL, when it has waited for another's
        # claim, looks at the row anew, but not at what a subquery read before.
        mine = MailBatch.objects.filter(pk=batch.pk, epoch=batch.epoch)
        if mine.update(epoch=claim.epoch, lease_until=_lease_end(now)):
            return claim
    return None


def renew_lease(*, claim: Claim, now: datetime) -> None:
    """Hold the batch for another lease from `now`. Raises LostLease when it is not ours."""
    mine = MailBatch.objects.filter(pk=claim.batch.pk, epoch=claim.epoch)
    if not mine.update(lease_until=_lease_end(now)):
        raise LostLease


@transaction.atomic
def put_off(*, claim: Claim, until: Mapping[int, datetime]) -> None:
    """Let these mails wait for their domain until then: no try of theirs. Raises LostLease."""
    renew_lease(claim=claim, now=timezone.now())
    rows = claim.batch.mails().live().filter(pk__in=list(until))
    moved = [OutgoingMail(pk=key, due_at=until[key]) for key in rows.values_list("pk", flat=True)]
    OutgoingMail.objects.bulk_update(moved, ["due_at"])


@transaction.atomic
def release_batch(
    *, claim: Claim, rests: bool = False, rests_until: datetime | None = None
) -> None:
    """Give the batch back, due again when its next mail is. Raises LostLease.

    A batch that `rests`, because the mail server is away or wants no more, is not due before
    the first wait is over; one that waits for its turn not before `rests_until`.
    """
    now = timezone.now()
    renew_lease(claim=claim, now=now)
    due_at = claim.batch.mails().live().aggregate(first=Min("due_at"))["first"]
    if rests and due_at is not None:
        due_at = max(due_at, now + timedelta(seconds=settings.NOTICE_RETRY_SECONDS))
    if rests_until is not None and due_at is not None:
        due_at = max(due_at, rests_until)
    MailBatch.objects.filter(pk=claim.batch.pk).update(lease_until=None, due_at=due_at)


def _lease_end(now: datetime) -> datetime:
    return now + timedelta(seconds=settings.NOTICE_LEASE_SECONDS)
