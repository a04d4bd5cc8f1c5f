"""Campaigns go no faster than the settings say, and slower where servers want it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import time_machine
from pytest_django import Settings

from consent.models import PolicyVersion
from notifications.due import DueMail
from notifications.models import MailBatch, OutgoingMail, Pace
from notifications.services.announcing import announce_changes
from notifications.services.pacing import (
    AT_ONCE,
    LOOKED_AT_AGAIN,
    SERVER,
    allowed,
    forget_old_paces,
    learn,
    rest,
)
from notifications.transport import Delivery, Outcome
from tests.builders import DAY, TODAY
from tests.notifications.outbox import a_crowd, deliver, mails
from tests.notifications.smtp_sink import Act, Sink, Stage

pytestmark = pytest.mark.usefixtures("db")

HOUR, MINUTE, SECOND = timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)
TAKEN, LATER = Delivery(Outcome.ACCEPTED, 250), Delivery(Outcome.DEFERRED, 451)
DISMISSED = Delivery(Outcome.DEFERRED, 421)


def mails_to(*domains: str) -> list[DueMail]:
    return [
        DueMail(number, 1, number, f"customer{number}@{domain}", 0)
        for number, domain in enumerate(domains, start=1)
    ]


def say(delivery: Delivery, *domains: str, at: datetime, seconds: float = 60) -> None:
    learn(results=[(mail, delivery) for mail in mails_to(*domains)], seconds=seconds, now=at)


def speed(domain: str) -> float | None:
    row = Pace.objects.filter(domain=domain).first()
    return row.per_minute if row else None


def test_without_limits_everything_goes_at_once_and_nothing_is_written_down() -> None:
    crowd = mails_to(*["a.example"] * 500)
    assert allowed(mails=crowd, now=TODAY).now == crowd
    assert not Pace.objects.exists()


def test_the_server_is_given_so_many_a_minute_by_all_workers_together(settings: Settings) -> None:
    settings.MAIL_PER_MINUTE = 60
    crowd = mails_to(*["a.example"] * 100)

    first = allowed(mails=crowd, now=TODAY)
    other_worker = allowed(mails=crowd, now=TODAY)

    # As many as fit into what is sent at once, the first among them.
    assert len(first.now) == AT_ONCE / SECOND + 1
    assert (other_worker.now, other_worker.later) == ([], {})
    assert other_worker.server_free_at == TODAY + AT_ONCE + SECOND
    meanwhile = [allowed(mails=crowd, now=TODAY + n * SECOND).now for n in range(4, 181, 4)]
    assert sum(map(len, meanwhile)) == 180


def test_a_domain_is_given_so_many_a_minute_and_the_others_do_not_wait(settings: Settings) -> None:
    settings.MAIL_DOMAIN_PER_MINUTE = {"slow.example": 60}
    crowd = mails_to(*["slow.example", "fast.example"] * 50)

    found = allowed(mails=crowd, now=TODAY)

    assert sum(mail.address.endswith("@fast.example") for mail in found.now) == 50
    assert sum(mail.address.endswith("@slow.example") for mail in found.now) == 6
    assert found.server_free_at is None
    # Behind one another, so that they do not all come back at once.
    waits = sorted(found.later.values())
    assert len(set(waits)) == len(waits) == 44
    assert TODAY + AT_ONCE < waits[0] <= waits[-1] <= TODAY + LOOKED_AT_AGAIN


def test_what_counts_for_every_domain_counts_for_each_by_itself(settings: Settings) -> None:
    settings.MAIL_DOMAIN_PER_MINUTE = {"*": 60, "a.example": 120}
    crowd = mails_to(*["a.example"] * 20, *["b.example"] * 20, *["C.example"] * 20)
    gone = [mail.address.rpartition("@")[2] for mail in allowed(mails=crowd, now=TODAY).now]
    assert [gone.count(domain) for domain in ("a.example", "b.example", "C.example")] == [11, 6, 6]


def test_many_who_are_wanted_later_make_it_slower_and_slowly_faster_again() -> None:
    say(LATER, *["a.example"] * 200, at=TODAY)
    assert speed("a.example") == 100
    say(LATER, *["a.example"] * 200, at=TODAY)
    # Half as fast again, and no slower than one a second.
    assert speed("a.example") == 60

    say(TAKEN, "a.example", at=TODAY + SECOND)
    assert speed("a.example") == 60
    say(TAKEN, "a.example", at=TODAY + MINUTE)
    say(TAKEN, "a.example", at=TODAY + MINUTE)
    assert speed("a.example") == 75
    for minute in range(2, 60):
        say(TAKEN, "a.example", at=TODAY + minute * MINUTE)
    assert speed("a.example") is None


def test_never_faster_than_the_settings_say(settings: Settings) -> None:
    settings.MAIL_DOMAIN_PER_MINUTE = {"a.example": 80}
    say(LATER, *["a.example"] * 1000, at=TODAY)
    assert speed("a.example") == 60
    for minute in range(1, 10):
        say(TAKEN, "a.example", at=TODAY + minute * MINUTE)
    found = allowed(mails=mails_to(*["a.example"] * 100), now=TODAY + HOUR)
    assert len(found.now) == 7


def test_a_full_mailbox_slows_nobody_down() -> None:
    say(LATER, "a.example", "b.example", at=TODAY)
    assert not Pace.objects.exists()


def test_one_domain_in_trouble_does_not_slow_the_server() -> None:
    say(LATER, *["a.example"] * 50, at=TODAY)
    assert [row.domain for row in Pace.objects.all()] == ["a.example"]


@pytest.mark.parametrize(
    "said", [(LATER, "a.example", "b.example"), (DISMISSED, "a.example")], ids=["4xx", "421"]
)
def test_a_server_that_wants_everything_later_is_slowed_as_a_whole(
    said: tuple[Delivery, str],
) -> None:
    say(said[0], *said[1:] * 5, at=TODAY)
    assert speed(SERVER) == 60


def test_a_clock_that_was_wrong_holds_nothing_up() -> None:
    Pace.objects.create(domain=SERVER, free_at=TODAY + 365 * DAY, changed_at=TODAY)
    crowd = mails_to("a.example")
    assert allowed(mails=crowd, now=TODAY).now == crowd


def test_what_is_known_of_domains_is_forgotten() -> None:
    say(LATER, *["a.example"] * 50, at=TODAY)
    assert forget_old_paces(now=TODAY + HOUR) == 0
    assert forget_old_paces(now=TODAY + 2 * DAY) == 1


@pytest.fixture
def queued_crowd(change: PolicyVersion, sink: Sink) -> int:
    a_crowd(20)
    return announce_changes().queued


def test_mails_that_wait_for_their_domain_are_due_later_and_cost_no_try(
    queued_crowd: int, settings: Settings, sink: Sink
) -> None:
    settings.MAIL_DOMAIN_PER_MINUTE = {"example.com": 6}

    assert deliver() == {"accepted": 1}

    waiting = OutgoingMail.objects.live()
    assert waiting.count() == queued_crowd - 1
    assert not waiting.exclude(state="queued", attempts=0).exists()
    assert MailBatch.objects.get().due_at == min(waiting.values_list("due_at", flat=True))


def test_a_worker_goes_on_when_the_next_may_go_soon(
    queued_crowd: int, settings: Settings, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.MAIL_PER_MINUTE = 60 * 200
    monkeypatch.setattr("notifications.services.pacing.AT_ONCE", timedelta(milliseconds=20))
    with time_machine.travel(TODAY, tick=True):
        assert deliver() == {"accepted": queued_crowd}


def test_after_a_421_no_campaign_is_offered_for_a_while_by_any_worker(
    queued_crowd: int, sink: Sink, settings: Settings
) -> None:
    rest(now=TODAY)
    # The clock of the tests stands at the same moment.
    assert deliver() == {}
    assert sink.offered == 0
    assert len(mails()) == queued_crowd


def test_a_421_of_one_worker_lets_the_others_rest(queued_crowd: int, sink: Sink) -> None:
    sink.plan(otherwise=Act.reply(Stage.RECIPIENT, 421))
    deliver()
    MailBatch.objects.update(due_at=TODAY)
    sink.plan()
    assert deliver() == {}
    assert sink.offered == 0
