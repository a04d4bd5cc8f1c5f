"""A worker that is killed loses nobody, and repeats at most what was under way."""

from __future__ import annotations

import random
import signal

from notifications.models import OutgoingMail
from notifications.services.announcing import announce_changes
from tests.faults.works import (
    COMMIT_EVERY,
    CONNECTIONS,
    CUSTOMERS,
    Works,
    a_change,
    check_that_everyone_was_told,
    kill,
    let_leases_end,
)
from tests.notifications.smtp_sink import Act

KILLS = 3
# A mail server that takes its time, so that there is a middle in which to be killed.
UNHURRIED = Act.wait(0.005)


def test_a_worker_that_is_killed_again_and_again_tells_everyone_in_the_end(works: Works) -> None:
    a_change()
    works.sink.plan(otherwise=UNHURRIED)
    works.beat()
    chance = random.Random(20070127)
    for _kill in range(KILLS):
        worker = works.worker()
        works.wait_until_accepted(len(works.sink.accepted) + chance.randint(1, 30))
        kill(worker)
        let_leases_end()

    works.worker()

    check_that_everyone_was_told(works, repeated=KILLS * CONNECTIONS)


def test_the_batch_of_a_killed_worker_is_taken_over_when_its_lease_ends(works: Works) -> None:
    works.environment["NOTICE_LEASE_SECONDS"] = "4"
    a_change()
    works.sink.plan(otherwise=UNHURRIED)
    works.beat()
    worker = works.worker()
    works.wait_until_accepted(5)
    kill(worker)

    works.worker()

    check_that_everyone_was_told(works, repeated=CONNECTIONS)


def test_a_pass_that_is_interrupted_by_hand_records_what_it_knows(works: Works) -> None:
    a_change()
    works.sink.plan(otherwise=UNHURRIED)
    by_hand = works.send_notices()
    works.wait_until_accepted(COMMIT_EVERY + 5)

    by_hand.send_signal(signal.SIGINT)
    by_hand.communicate()

    assert by_hand.returncode == -signal.SIGINT
    recorded = OutgoingMail.objects.filter(state="accepted").count()
    assert COMMIT_EVERY < recorded == len(works.sink.accepted) < CUSTOMERS
    works.counts(works.send_notices())
    check_that_everyone_was_told(works)


def test_a_worker_that_was_asleep_past_its_lease_writes_nothing(works: Works) -> None:
    a_change()
    announce_changes()
    # After its first commit every connection waits: it does not fall asleep inside a transaction,
    # where it would hold SQLite's only lock.
    works.sink.plan(nth={number: Act.wait(3) for number in range(COMMIT_EVERY + 5, CUSTOMERS)})
    sleeper = works.send_notices()
    accepted = OutgoingMail.objects.filter(state="accepted")
    works.wait_until(lambda: accepted.count() == COMMIT_EVERY)
    sleeper.send_signal(signal.SIGSTOP)
    works.sink.forgive()
    let_leases_end()

    works.counts(works.send_notices())
    sleeper.send_signal(signal.SIGCONT)
    slept = works.counts(sleeper)

    assert slept["accepted"] == COMMIT_EVERY
    check_that_everyone_was_told(works, repeated=CONNECTIONS)
