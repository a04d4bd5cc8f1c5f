"""CHANGE-2: a new manner of using personal information is announced 30 days before it begins.

By e-mail or by a prominent notice; for nobody who has not had 30 full days does it begin.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from time_machine import Traveller

from accounts.actors import SYSTEM
from accounts.models import Customer
from bizsecure.core.errors import Refused
from consent.audience import told_of, untold
from consent.gate import Ground, may_use
from consent.models import Notice, PolicyVersion
from consent.reasons import Reason
from consent.services.publishing import notice_period_ends, publish, save_draft
from consent.services.telling import retract_proof
from notifications.models import OutgoingMail
from notifications.services.announcing import announce_changes
from notifications.services.delivering import deliver_due
from notifications.tasks import announce_changes as announcing_job
from tests.builders import (
    DAY,
    INSTANT,
    NEW_YORK,
    RUN_ACCOUNT,
    TODAY,
    UPTIME_WATCH,
    a_draft,
    date_of,
    joined,
    prove_address,
    say_yes,
    tell,
)
from tests.notifications.smtp_sink import Sink
from tests.pages.browsing import signed_in

# Both ends of a day, both changes of the clocks in New York, and a leap day.
MOMENTS = [
    datetime(2027, 5, 4, 0, 0, tzinfo=NEW_YORK),
    datetime(2027, 5, 4, 23, 59, 59, 999999, tzinfo=NEW_YORK),
    datetime(2027, 2, 20, 10, 0, tzinfo=NEW_YORK),
    datetime(2027, 10, 20, 10, 0, tzinfo=NEW_YORK),
    datetime(2028, 2, 1, 10, 0, tzinfo=NEW_YORK),
]


def thirty_full_days_have_passed(told_at: datetime, now: datetime) -> bool:
    zone = ZoneInfo(settings.POLICY_TIME_ZONE)
    days_between = (now.astimezone(zone).date() - told_at.astimezone(zone).date()).days - 1
    return days_between >= 30 and now - told_at >= timedelta(hours=720)


def test_a_scheduled_job_looks_every_hour_for_whom_to_tell() -> None:
    entries: list[Any] = list(settings.CELERY_BEAT_SCHEDULE.values())
    (schedule,) = (row["schedule"] for row in entries if row["task"] == announcing_job.name)
    assert len(schedule.hour) == 24


def test_every_affected_customer_is_told_by_mail_and_once(
    alice: Customer, bob: Customer, change: PolicyVersion, sink: Sink
) -> None:
    erin = prove_address(joined("Erin Evans", at=TODAY))
    for _pass in range(2):
        announce_changes()
        deliver_due(seconds=60)
    took = sorted(mail.recipients for mail in sink.accepted)
    assert took == [("alice@example.com",), ("bob@example.com",), ("erin@example.com",)]
    assert set(told_of(change)) == {alice, bob, erin}


def test_a_mail_that_only_waits_to_be_sent_tells_nobody(
    alice: Customer, change: PolicyVersion
) -> None:
    announce_changes()
    assert OutgoingMail.objects.filter(customer=alice).exists()
    assert list(untold(change)) == [alice]


def test_the_notice_stands_on_every_page_of_the_account_until_it_is_read(
    alice: Customer, change: PolicyVersion
) -> None:
    browser = signed_in(alice)
    for address in ("/account/", "/account/personal/", "/account/privacy/"):
        assert "/account/notices/2/" in browser.get(address).text
    assert not Notice.objects.exists()
    browser.post("/account/notices/2/", {"put_aside": "1"})
    assert Notice.objects.get().customer == alice
    assert "What version 2 says." not in browser.get("/account/").text


def test_no_version_can_be_published_with_less_than_the_notice_period(
    policy: PolicyVersion,
) -> None:
    earliest = notice_period_ends(TODAY)
    told_last = TODAY + timedelta(hours=settings.NOTICE_SENDING_HOURS)
    assert thirty_full_days_have_passed(told_last, earliest)
    too_early = a_draft(2, RUN_ACCOUNT, UPTIME_WATCH, effective_at=earliest - INSTANT)
    with pytest.raises(Refused) as refusal:
        publish(version=save_draft(draft=too_early, actor=SYSTEM), actor=SYSTEM)
    assert refusal.value.reason is Reason.TOO_EARLY
    assert refusal.value.facts == {"earliest": earliest}


@pytest.mark.parametrize("told_at", MOMENTS, ids=str)
def test_a_new_use_begins_after_thirty_full_days_of_ones_own_and_not_an_instant_before(
    alice: Customer, change: PolicyVersion, clock: Traveller, told_at: datetime
) -> None:
    clock.move_to(told_at)
    tell(alice, change)
    say_yes(alice, change, "uptime-watch")
    begins = may_use(alice, "uptime-watch").binds_from
    assert begins is not None
    assert thirty_full_days_have_passed(told_at, begins)
    assert not thirty_full_days_have_passed(told_at, begins - INSTANT)
    clock.move_to(begins - INSTANT)
    assert may_use(alice, "uptime-watch").ground is Ground.WAITING
    clock.move_to(begins)
    assert may_use(alice, "uptime-watch").allowed


def test_whoever_was_never_told_is_never_bound(
    alice: Customer, bob: Customer, change: PolicyVersion, clock: Traveller
) -> None:
    retract_proof(message_id=tell(bob, change))
    for customer in (alice, bob):
        say_yes(customer, change, "uptime-watch")
    clock.move_to(date_of(change) + 3650 * DAY)
    for customer in (alice, bob):
        assert may_use(customer, "uptime-watch").ground is Ground.NOT_TOLD


def test_a_scheduler_that_was_off_past_the_date_shortens_nobodys_thirty_days(
    alice: Customer, change: PolicyVersion, clock: Traveller, sink: Sink
) -> None:
    say_yes(alice, change, "uptime-watch")
    clock.move_to(date_of(change) + 3 * DAY)
    announce_changes()
    deliver_due(seconds=60)
    assert list(told_of(change)) == [alice]
    clock.shift(30 * DAY)
    assert may_use(alice, "uptime-watch").ground is Ground.WAITING
    clock.shift(2 * DAY)
    assert may_use(alice, "uptime-watch").allowed
