"""Whatever runs twice at once tells everyone once."""

from __future__ import annotations

from threading import Thread

from django.db import transaction
from django.utils import timezone

from notifications.models import MailBatch, OutgoingMail
from notifications.services.announcing import announce_changes
from notifications.services.leasing import Claim, claim_batch
from tests.faults.works import (
    CUSTOMERS,
    Works,
    a_change,
    check_that_everyone_was_told,
    looking_into,
)


def test_passes_at_the_same_time_queue_everyone_once(works: Works) -> None:
    a_change()

    passes = [works.send_notices("--queue-only") for _pass in range(3)]
    counts = [works.counts(each) for each in passes]

    assert sum(count["queued"] for count in counts) == CUSTOMERS
    assert sum(count["campaigns"] for count in counts) == 1
    assert OutgoingMail.objects.count() == CUSTOMERS
    assert sum(batch.mails().count() for batch in MailBatch.objects.all()) == CUSTOMERS


def test_two_beats_two_deliveries_and_two_passes_by_hand_tell_everyone_once(works: Works) -> None:
    a_change()

    works.beat()
    works.beat()
    works.worker(at_once=2)
    by_hand = [works.send_notices(), works.send_notices()]

    check_that_everyone_was_told(works)
    for each in by_hand:
        works.counts(each)
    check_that_everyone_was_told(works)


def test_a_claim_that_waited_for_another_finds_the_batch_taken(
    works: Works, database_url: str
) -> None:
    a_change(customers=1)
    announce_changes()
    second: list[Claim | None] = []

    def claim() -> None:
        with looking_into(database_url):
            second.append(claim_batch(now=timezone.now()))

    rival = Thread(target=claim)
    with transaction.atomic():
        first = claim_batch(now=timezone.now())
        rival.start()
        # Long enough for the rival to read the batch, which it cannot change yet.
        rival.join(0.3)
    rival.join()

    assert first is not None
    assert second == [None]
