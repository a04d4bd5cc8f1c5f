"""What a killed worker noted is recorded by the next owner of its batch, and by nobody else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from consent.models import Notice
from notifications.journal import KEPT_SECONDS, Journal, forget_old_notes
from notifications.models import Campaign, MailBatch, OutgoingMail
from notifications.services.announcing import announce_changes
from notifications.services.delivering import deliver_due
from notifications.services.leasing import claim_batch
from tests.builders import (
    DAY,
    PRODUCT_NEWS,
    RUN_ACCOUNT,
    UPTIME_WATCH,
    a_draft,
    first_policy,
    published,
)
from tests.notifications.outbox import a_crowd, deliver
from tests.notifications.smtp_sink import Sink


@pytest.fixture
def journal(settings: Settings, tmp_path: Path) -> Path:
    settings.NOTICE_JOURNAL = str(tmp_path / "journal")
    return tmp_path / "journal"


@pytest.fixture
def change(db: None) -> None:
    first_policy(RUN_ACCOUNT, PRODUCT_NEWS)
    a_crowd(5)
    published(a_draft(2, RUN_ACCOUNT, PRODUCT_NEWS, UPTIME_WATCH))
    announce_changes()


def killed_after(*noted: OutgoingMail, half_a_note: bytes = b"") -> None:
    """Be a worker that was killed after it had noted these mails."""
    claim = claim_batch(now=timezone.now())
    assert claim is not None
    journal = Journal(claim.batch, claim.epoch)
    journal.start()
    for mail in noted:
        journal.note(mail.pk)
    [path] = Path(journal._folder or "").iterdir()
    path.write_bytes(path.read_bytes() + half_a_note)
    MailBatch.objects.update(lease_until=timezone.now() - DAY)


def test_what_was_noted_is_recorded_and_not_sent_again(
    change: None, journal: Path, sink: Sink
) -> None:
    first, second, *others = OutgoingMail.objects.order_by("pk")
    killed_after(first, second, half_a_note=b"\0\0\1")

    deliver()

    assert {mail.recipients[0] for mail in sink.accepted} == {mail.address for mail in others}
    assert Notice.objects.count() == 5
    assert not list(journal.iterdir())


def test_what_was_called_back_after_it_was_sent_counts_as_sent(
    change: None, journal: Path, sink: Sink
) -> None:
    first = OutgoingMail.objects.earliest("pk")
    killed_after(first)
    OutgoingMail.objects.update(state=OutgoingMail.State.DROPPED)

    deliver()

    assert not sink.accepted
    assert Notice.objects.get().customer_id == first.customer_id


def test_notes_of_a_batch_of_another_database_are_not_believed(
    change: None, journal: Path, sink: Sink
) -> None:
    killed_after(OutgoingMail.objects.earliest("pk"))
    Campaign.objects.update(created_at=timezone.now() - DAY)

    assert deliver()["accepted"] == 5


def test_a_folder_that_nobody_can_write_to_costs_no_mail(
    change: None, journal: Path, sink: Sink
) -> None:
    journal.write_text("a file where the folder should be")

    assert deliver()["accepted"] == 5


def test_nothing_stays_behind(change: None, journal: Path, sink: Sink, settings: Settings) -> None:
    settings.NOTICE_COMMIT_EVERY = 2

    assert deliver_due(seconds=60)["accepted"] == 5

    assert not list(journal.iterdir())


def test_old_notes_are_forgotten(change: None, journal: Path) -> None:
    killed_after(OutgoingMail.objects.earliest("pk"))
    [path] = journal.iterdir()
    forget_old_notes()
    assert path.exists()

    os.utime(path, (0, path.stat().st_mtime - KEPT_SECONDS - 60))
    forget_old_notes()

    assert not path.exists()
