"""A clock that was wrong and is put right holds up no mail: odd times count as past."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from notifications.models import MailBatch, OutgoingMail
from notifications.models.outbox import LONGEST_WAIT
from notifications.services.announcing import announce_changes
from notifications.services.leasing import claim_batch
from tests.builders import (
    DAY,
    PRODUCT_NEWS,
    RUN_ACCOUNT,
    TODAY,
    UPTIME_WATCH,
    a_draft,
    during,
    first_policy,
    published,
)
from tests.notifications.outbox import a_crowd, deliver
from tests.notifications.smtp_sink import Sink

HOUR = timedelta(hours=1)


@pytest.fixture
def queued(db: None) -> None:
    first_policy(RUN_ACCOUNT, PRODUCT_NEWS)
    a_crowd(3)
    published(a_draft(2, RUN_ACCOUNT, PRODUCT_NEWS, UPTIME_WATCH))
    announce_changes()


def test_a_lease_from_a_clock_that_was_ahead_holds_nothing(queued: None) -> None:
    with during(timezone.now() + 30 * DAY):
        ahead = claim_batch(now=timezone.now())
    assert ahead is not None

    claim = claim_batch(now=timezone.now())

    assert claim is not None
    assert claim.epoch == ahead.epoch + 1


def test_a_lease_from_a_clock_that_is_a_little_ahead_holds(
    queued: None, settings: Settings
) -> None:
    now = timezone.now()
    assert claim_batch(now=now + timedelta(seconds=settings.NOTICE_LEASE_SECONDS / 2))

    assert claim_batch(now=now) is None


@pytest.mark.parametrize(("ahead", "sent"), [(LONGEST_WAIT - HOUR, 0), (LONGEST_WAIT + HOUR, 3)])
def test_mail_that_was_put_off_by_a_clock_that_was_ahead_is_due(
    queued: None, sink: Sink, ahead: timedelta, sent: int
) -> None:
    moment = timezone.now() + ahead
    OutgoingMail.objects.update(due_at=moment)
    MailBatch.objects.update(due_at=moment)

    assert deliver()["accepted"] == len(sink.accepted) == sent


def test_mail_that_was_queued_by_a_clock_that_was_behind_is_due(sink: Sink, db: None) -> None:
    first_policy(RUN_ACCOUNT, PRODUCT_NEWS)
    a_crowd(3)
    with during(TODAY - DAY):
        published(a_draft(2, RUN_ACCOUNT, PRODUCT_NEWS, UPTIME_WATCH))
        announce_changes()

    with during(TODAY):
        assert deliver()["accepted"] == 3
