"""What becomes of a mail when the server takes it, refuses it, hangs or dies."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes
from email.policy import default as modern

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings
from time_machine import Traveller

from accounts.actors import SYSTEM
from accounts.digests import address_digest
from accounts.models import Customer
from consent.models import Notice, PolicyVersion
from consent.services.publishing import reschedule, withdraw
from notifications.models import Campaign, MailBatch, OutgoingMail
from notifications.services import delivering
from notifications.services.announcing import announce_changes
from notifications.services.delivering import deliver_due
from notifications.services.leasing import Claim, LostLease, claim_batch, due_batches, release_batch
from notifications.services.settling import record_results
from notifications.transport import Delivery, Outcome
from tests.builders import DAY, TODAY, date_of, during
from tests.notifications.outbox import (
    WITHDRAWN,
    a_crowd,
    deliver,
    mail_to,
    mails,
    move_to,
    told,
)
from tests.notifications.smtp_sink import Act, Sink, Stage

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
# Longer than the tests let a delivery wait.
SLOW = 30
ACCEPTED = Delivery(Outcome.ACCEPTED, 250)


@pytest.fixture
def queued(change: PolicyVersion, alice: Customer, bob: Customer) -> PolicyVersion:
    """Give a change with a mail queued to alice and one to bob."""
    announce_changes()
    return change


def test_an_accepted_mail_is_recorded_with_the_proof_of_being_told(
    queued: PolicyVersion, alice: Customer, sink: Sink
) -> None:
    with during(TODAY + MINUTE):
        assert deliver() == {"accepted": 2}

    mail = mail_to(alice)
    assert (mail.state, mail.accepted_at, mail.attempts) == ("accepted", TODAY + MINUTE, 1)
    proof = Notice.objects.get(customer=alice)
    assert (proof.version, proof.round, proof.channel) == (queued, 1, "mail")
    assert proof.told_at == TODAY + MINUTE
    assert proof.address_digest == address_digest(alice.email)
    assert proof.message_id == mail.message_id == sink.accepted[0].message_id
    assert told(queued) == ["alice@example.com", "bob@example.com"]


def test_queued_is_not_told(queued: PolicyVersion) -> None:
    assert told(queued) == []


def test_a_delivered_batch_is_not_due_again(queued: PolicyVersion, sink: Sink) -> None:
    assert due_batches() == 1

    deliver()

    assert due_batches() == 0
    assert deliver() == {}
    assert MailBatch.objects.get().due_at is None
    assert len(sink.accepted) == 2


def test_the_mail_goes_to_its_customer_alone_with_their_own_link(
    queued: PolicyVersion, alice: Customer, bob: Customer, sink: Sink
) -> None:
    deliver()

    links = set()
    for mail, customer in zip(sink.accepted, (alice, bob), strict=True):
        message = message_from_bytes(mail.message, policy=modern)
        assert mail.recipients == (message["To"],) == (customer.email,)
        assert mail.sender.startswith("bounce+")
        text = message.get_body(("plain",))
        assert text is not None
        assert f"Hello {customer.name}," in text.get_content()
        links |= {word for word in text.get_content().split() if "/choose/" in word}
    assert len(links) == len({mail.sender for mail in sink.accepted}) == 2


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("Zoë Ångström 王小明 🙂", id="beyond ASCII"),
        pytest.param('O\'Brien & <Sons> "Ltd"', id="markup"),
        pytest.param("a\r\nBcc: everyone@example.com\r\n\r\n.\r\n", id="commands"),
        pytest.param("[[link]] [[other]]", id="placeholders"),
        pytest.param("\x01\x7f", id="controls"),
        pytest.param("x" * 200, id="long"),
        pytest.param("", id="none"),
    ],
)
def test_a_strange_name_neither_breaks_the_mail_nor_holds_it_up(
    change: PolicyVersion, bob: Customer, sink: Sink, name: str
) -> None:
    Customer.objects.filter(pk=bob.pk).update(name=name)
    announce_changes()

    assert deliver() == {"accepted": 1}

    message = message_from_bytes(sink.accepted[0].message, policy=modern)
    assert message["To"] == bob.email
    assert message["Bcc"] is None
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]


def test_an_unusable_address_is_refused_and_holds_up_nobody(
    queued: PolicyVersion, alice: Customer, bob: Customer, sink: Sink
) -> None:
    Customer.objects.filter(pk=alice.pk).update(email="alice@@example")
    OutgoingMail.objects.filter(customer=alice).update(address="alice@@example")

    assert deliver() == {"accepted": 1, "refused": 1}

    mail = mail_to(alice)
    assert (mail.state, mail.attempts, mail.reply_code) == ("refused", 1, None)
    assert told(queued) == [bob.email]
    assert due_batches() == 0


def test_words_that_make_no_mail_are_our_fault_and_refuse_nobody(
    queued: PolicyVersion, alice: Customer, bob: Customer, sink: Sink
) -> None:
    Campaign.objects.update(text="Hello [[stranger]]")

    with pytest.raises(ValueError, match="Every field"):
        deliver_due(seconds=60)

    assert mails(state="queued") == [alice.email, bob.email]
    assert sink.accepted == []


@pytest.mark.parametrize("stage", [Stage.RECIPIENT, Stage.DATA, Stage.END])
def test_a_refused_mail_is_not_tried_again(
    queued: PolicyVersion, alice: Customer, bob: Customer, sink: Sink, stage: Stage
) -> None:
    sink.plan({alice.email: Act.reply(stage, 550)})

    assert deliver() == {"accepted": 1, "refused": 1}

    mail = mail_to(alice)
    assert (mail.state, mail.attempts, mail.reply_code) == ("refused", 1, 550)
    assert told(queued) == [bob.email]
    with during(TODAY + 100 * DAY):
        assert due_batches() == 0
        assert announce_changes().queued == 0


@pytest.mark.parametrize("stage", [Stage.RECIPIENT, Stage.DATA, Stage.END])
def test_a_deferred_mail_waits_and_its_batch_is_due_when_it_is(
    queued: PolicyVersion, alice: Customer, sink: Sink, settings: Settings, stage: Stage
) -> None:
    settings.NOTICE_RETRY_SECONDS = 300
    sink.plan({alice.email: Act.reply(stage, 451)})

    assert deliver() == {"accepted": 1, "deferred": 1}

    mail = mail_to(alice)
    assert (mail.state, mail.attempts, mail.reply_code) == ("deferred", 1, 451)
    assert mail.due_at == MailBatch.objects.get().due_at == TODAY + 5 * MINUTE
    sink.plan()
    with during(TODAY + 5 * MINUTE - SECOND):
        assert deliver() == {}
    with during(TODAY + 5 * MINUTE):
        assert deliver() == {"accepted": 1}
    assert mail_to(alice).attempts == 2
    assert Notice.objects.get(customer=alice).told_at == TODAY + 5 * MINUTE


def test_the_wait_doubles_up_to_four_hours_and_ends_after_three_days(
    queued: PolicyVersion, alice: Customer, bob: Customer, sink: Sink, clock: Traveller
) -> None:
    sink.plan({alice.email: Act.reply(Stage.END, 451)})

    waits = list(_tries_of(alice, clock))

    assert waits[:8] == [MINUTE * n for n in (5, 10, 20, 40, 80, 160, 240, 240)]
    assert max(waits) == 4 * HOUR
    mail = mail_to(alice)
    assert (mail.state, mail.reply_code) == ("failed", 451)
    assert 72 * HOUR <= timezone.now() - TODAY < 77 * HOUR
    assert told(queued) == [bob.email]
    assert due_batches() == 0


def test_a_mail_whose_fate_stays_unknown_is_not_repeated_for_ever(
    queued: PolicyVersion, alice: Customer, sink: Sink, clock: Traveller
) -> None:
    sink.plan({alice.email: Act.hang_up(Stage.END, keeps=True)})

    tries = len(list(_tries_of(alice, clock))) + 1

    hers = [mail for mail in sink.accepted if mail.recipients == (alice.email,)]
    assert len(hers) == tries < 30
    assert {mail.message_id for mail in hers} == {mail_to(alice).message_id}
    assert mail_to(alice).state == "failed"


def test_time_in_which_we_were_away_is_not_time_of_trying(
    queued: PolicyVersion, alice: Customer, bob: Customer, sink: Sink
) -> None:
    sink.plan({alice.email: Act.reply(Stage.END, 451)})
    with during(TODAY + 10 * DAY):
        assert deliver() == {"accepted": 1, "deferred": 1}
    assert mail_to(alice).state == "deferred"


def test_a_server_that_is_away_costs_no_try_and_no_mail(
    queued: PolicyVersion, alice: Customer, settings: Settings
) -> None:
    settings.EMAIL_URL = "smtp://127.0.0.1:1?timeout=1"
    for days in range(5):
        with during(TODAY + days * DAY):
            assert due_batches() == 1
            assert deliver() == {}
            assert due_batches() == 0

    mail = mail_to(alice)
    assert (mail.state, mail.attempts, mail.reply_code) == ("queued", 0, None)
    with Sink() as server, during(TODAY + 5 * DAY):
        settings.EMAIL_URL = server.url
        assert deliver() == {"accepted": 2}


def test_a_server_that_wants_no_more_mail_gets_it_later(
    queued: PolicyVersion, alice: Customer, bob: Customer, sink: Sink
) -> None:
    sink.plan({alice.email: Act.reply(Stage.RECIPIENT, 421)})

    assert deliver() == {"deferred": 1}

    assert (mail_to(alice).attempts, mail_to(alice).reply_code) == (1, 421)
    assert (mail_to(bob).attempts, mail_to(bob).reply_code) == (0, None)
    sink.plan()
    with during(TODAY + HOUR):
        assert deliver() == {"accepted": 2}


def test_a_server_that_dies_after_taking_a_mail_gets_it_again_under_the_same_id(
    queued: PolicyVersion, alice: Customer, sink: Sink
) -> None:
    sink.plan({alice.email: Act.hang_up(Stage.END, keeps=True)})
    assert deliver() == {"accepted": 1, "unconfirmed": 1}
    mail = mail_to(alice)
    assert (mail.state, mail.attempts, mail.reply_code) == ("deferred", 1, None)
    assert told(queued) == ["bob@example.com"]
    kept = [mail.message_id for mail in sink.accepted if mail.recipients == (alice.email,)]

    sink.plan()
    with during(TODAY + HOUR):
        assert deliver() == {"accepted": 1}

    assert [mail.message_id for mail in sink.accepted] == kept == [mail.message_id]
    assert Notice.objects.filter(customer=alice).count() == 1


def test_a_server_that_hangs_is_not_waited_for_too_long(
    queued: PolicyVersion, alice: Customer, bob: Customer, sink: Sink
) -> None:
    sink.plan({alice.email: Act.wait(SLOW)})

    assert deliver() == {"accepted": 1, "unconfirmed": 1}

    assert told(queued) == [bob.email]
    assert mail_to(alice).state == "deferred"


def test_what_a_slow_server_took_is_recorded_long_before_the_lease_ends(
    change: PolicyVersion, sink: Sink, settings: Settings
) -> None:
    settings.NOTICE_LEASE_SECONDS = 1
    a_crowd(6)
    announce_changes()
    sink.plan(otherwise=Act.wait(0.3))

    with CaptureQueriesContext(connection) as captured:
        assert deliver() == {"accepted": 6}

    assert _commits(captured) >= 3


def test_an_address_that_changed_while_queued_gets_nothing(
    queued: PolicyVersion, alice: Customer, bob: Customer, sink: Sink
) -> None:
    move_to(alice, "alice@example.org")

    assert deliver() == {"accepted": 1}

    assert mails(state="dropped") == ["alice@example.com"]
    assert [mail.recipients for mail in sink.accepted] == [(bob.email,)]


def test_an_account_that_was_closed_while_queued_gets_nothing(
    queued: PolicyVersion, alice: Customer, bob: Customer, sink: Sink
) -> None:
    Customer.objects.filter(pk=alice.pk).update(status="closed")

    assert deliver() == {"accepted": 1}

    assert mails(state="dropped") == [alice.email]
    assert due_batches() == 0


def test_a_change_that_was_withdrawn_while_queued_is_not_sent(
    queued: PolicyVersion, alice: Customer, sink: Sink
) -> None:
    withdraw(version=queued, actor=SYSTEM)

    assert deliver() == {}

    assert sink.accepted == []
    assert due_batches() == 0


def test_a_withdrawal_between_two_commits_stops_the_second(
    queued: PolicyVersion, alice: Customer, sink: Sink, settings: Settings
) -> None:
    settings.NOTICE_COMMIT_EVERY = 1
    claim = _claimed()
    [mail] = delivering._next_mails(claim)
    record_results(claim=claim, results=[(mail, ACCEPTED)])

    withdraw(version=queued, actor=SYSTEM)

    assert delivering._next_mails(claim) == []
    assert mails(state="accepted") == [alice.email]
    assert announce_changes().queued == 1


def test_a_mail_that_was_accepted_after_the_withdrawal_still_counts_as_told(
    queued: PolicyVersion, alice: Customer, bob: Customer
) -> None:
    claim = _claimed()
    under_way = delivering._next_mails(claim)
    withdraw(version=queued, actor=SYSTEM)
    announce_changes()

    record_results(claim=claim, results=[(mail, ACCEPTED) for mail in under_way])

    assert announce_changes().queued == 2
    assert mails(WITHDRAWN) == [alice.email, bob.email]


def test_a_worker_that_lost_its_lease_writes_nothing(
    queued: PolicyVersion, alice: Customer, sink: Sink, settings: Settings
) -> None:
    stalled = _claimed()
    under_way = delivering._next_mails(stalled)
    with during(TODAY + (settings.NOTICE_LEASE_SECONDS + 1) * SECOND):
        successor = _claimed()

        with pytest.raises(LostLease):
            record_results(claim=stalled, results=[(mail, ACCEPTED) for mail in under_way])
        with pytest.raises(LostLease):
            release_batch(claim=stalled)

        assert Notice.objects.count() == 0
        assert len(mails()) == 2
        record_results(claim=successor, results=[(mail, ACCEPTED) for mail in under_way])
    assert told(queued) == ["alice@example.com", "bob@example.com"]


def test_nobody_else_gets_a_batch_while_its_lease_lasts(
    queued: PolicyVersion, settings: Settings
) -> None:
    _claimed()

    assert claim_batch(now=TODAY) is None
    with during(TODAY + settings.NOTICE_LEASE_SECONDS * SECOND):
        assert due_batches() == 0
    with during(TODAY + (settings.NOTICE_LEASE_SECONDS + 1) * SECOND):
        assert due_batches() == 1


def test_the_proof_is_recorded_once_however_often_a_mail_is_accepted(
    queued: PolicyVersion, alice: Customer
) -> None:
    claim = _claimed()
    under_way = delivering._next_mails(claim)

    for _time in range(2):
        record_results(claim=claim, results=[(mail, ACCEPTED) for mail in under_way])

    assert Notice.objects.filter(customer=alice).count() == 1


def test_a_worker_whose_clock_is_behind_records_proofs_nevertheless(
    change: PolicyVersion, alice: Customer, sink: Sink
) -> None:
    with during(TODAY - MINUTE):
        announce_changes()
        assert deliver() == {"accepted": 1}

    # By its clock the change was not even posted.
    assert Notice.objects.get(customer=alice).told_at == change.published_at == TODAY


def test_a_correction_proves_nothing(
    queued: PolicyVersion, alice: Customer, bob: Customer, sink: Sink
) -> None:
    deliver()
    reschedule(version=queued, effective_at=date_of(queued) + DAY, actor=SYSTEM)
    with during(TODAY + HOUR):
        announce_changes()
        assert deliver() == {"accepted": 2}

    assert Notice.objects.count() == 2
    assert Notice.objects.filter(told_at=TODAY).count() == 2


@pytest.mark.parametrize("act", [Act(), Act.reply(Stage.END, 451), Act.reply(Stage.END, 550)])
def test_a_commit_takes_the_same_statements_for_few_and_for_many(
    change: PolicyVersion, alice: Customer, sink: Sink, act: Act
) -> None:
    statements = []
    for customers in (2, 60):
        a_crowd(customers)
        announce_changes()
        sink.plan(otherwise=act)
        with CaptureQueriesContext(connection) as captured:
            deliver()
        statements.append(len(captured))

    # A domain that wants many later is slowed down, which takes a few statements more.
    assert statements[1] <= statements[0] + 6 <= 44


def test_mails_beyond_one_commit_are_committed_apart(
    change: PolicyVersion, sink: Sink, settings: Settings
) -> None:
    settings.NOTICE_COMMIT_EVERY = 10
    a_crowd(35)
    announce_changes()

    with CaptureQueriesContext(connection) as captured:
        assert deliver() == {"accepted": 35}

    assert _commits(captured) == 4
    assert sink.connections <= 4


def _tries_of(customer: Customer, clock: Traveller) -> Iterator[timedelta]:
    """Deliver whenever the customer's mail is due, and yield how long it then waits."""
    deliver()
    while (mail := mail_to(customer)).state == "deferred":
        yield mail.due_at - timezone.now()
        clock.move_to(mail.due_at)
        deliver()


def _claimed() -> Claim:
    claim = claim_batch(now=timezone.now())
    assert claim is not None
    return claim


def _commits(captured: CaptureQueriesContext) -> int:
    """How many times proofs were recorded."""
    into = [f'{verb} "{Notice._meta.db_table}"' for verb in ("INSERT INTO", "COPY")]
    return sum(any(each in query["sql"] for each in into) for query in captured.captured_queries)
