"""Proofs of being told: what makes one, what takes it back, and what it keeps of a person."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from time_machine import Traveller

from accounts.actors import SYSTEM, Actor
from accounts.digests import address_digest
from accounts.models import Customer
from bizsecure.core.verifying import broken_rows
from consent.audience import told_of, untold, with_told_at
from consent.models import Notice, PolicyVersion
from consent.services.publishing import save_draft
from consent.services.telling import (
    AcceptedMail,
    record_shown,
    record_told_by_mail,
    retract_proof,
)
from tests.builders import (
    DAY,
    INSTANT,
    RUN_ACCOUNT,
    TODAY,
    UPTIME_WATCH,
    a_draft,
    joined,
    tell,
)


def accepted(customer: Customer, message_id: str = "<m1@bizsecure.com>") -> AcceptedMail:
    return AcceptedMail(customer.pk, customer.email, message_id, TODAY)


def told_at(customer: Customer, version: PolicyVersion) -> datetime | None:
    annotated: Any = with_told_at(Customer.objects.filter(pk=customer.pk), version).get()
    told: datetime | None = annotated.told_at
    return told


def show(customer: Customer, version: PolicyVersion) -> None:
    record_shown(version=version, customer=customer, actor=Actor.customer(customer.user))


def test_nobody_is_told_by_publishing(
    alice: Customer, bob: Customer, change: PolicyVersion
) -> None:
    assert set(untold(change)) == {alice, bob}
    assert not told_of(change).exists()


def test_an_accepted_mail_proves_when_and_by_which_message(
    alice: Customer, change: PolicyVersion, clock: Traveller
) -> None:
    clock.shift(DAY)
    mail = accepted(alice)
    record_told_by_mail(version=change, in_round=1, mails=[mail])
    proof = Notice.objects.get()
    assert (proof.customer, proof.version, proof.round) == (alice, change, 1)
    assert (proof.channel, proof.message_id) == ("mail", mail.message_id)
    assert (proof.told_at, proof.recorded_at) == (TODAY, TODAY + DAY)
    assert list(told_of(change)) == [alice]


def test_a_proof_keeps_no_address_but_can_be_compared_with_one(
    alice: Customer, change: PolicyVersion
) -> None:
    tell(alice, change)
    proof = Notice.objects.get()
    assert proof.address_digest == address_digest("ALICE@example.com")
    assert proof.address_digest != address_digest("bob@example.com")
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM consent_notice")
        assert "alice" not in str(cursor.fetchall()).lower()


def test_a_mail_that_is_reported_twice_proves_once(alice: Customer, change: PolicyVersion) -> None:
    mail = accepted(alice)
    for reported in ([mail], [mail, mail], [mail._replace(at=TODAY - DAY)]):
        record_told_by_mail(version=change, in_round=1, mails=reported)
    assert Notice.objects.count() == 1
    assert told_at(alice, change) == TODAY


def test_the_database_itself_takes_a_message_only_once(
    alice: Customer, change: PolicyVersion
) -> None:
    tell(alice, change)
    first = Notice.objects.get()
    again = Notice(
        **{field.attname: getattr(first, field.attname) for field in Notice._meta.fields[1:]}
    )
    again.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        Notice.append(again)


def test_a_batch_of_accepted_mails_proves_for_each_customer(
    alice: Customer, bob: Customer, change: PolicyVersion
) -> None:
    mails = [accepted(alice, "<a@bizsecure.com>"), accepted(bob, "<b@bizsecure.com>")]
    record_told_by_mail(version=change, in_round=1, mails=mails)
    dave = joined("Dave Doe")
    mails.append(accepted(dave, "<d@bizsecure.com>"))
    record_told_by_mail(version=change, in_round=1, mails=mails)
    assert set(told_of(change)) == {alice, bob, dave}
    assert not list(broken_rows(Notice))


def test_no_mail_at_all_is_no_proof(alice: Customer, change: PolicyVersion) -> None:
    record_told_by_mail(version=change, in_round=1, mails=[])
    assert not Notice.objects.exists()


def test_the_days_count_from_the_first_standing_proof(
    alice: Customer, change: PolicyVersion, clock: Traveller
) -> None:
    clock.shift(5 * DAY)
    first = tell(alice, change)
    clock.shift(DAY)
    show(alice, change)
    assert told_at(alice, change) == TODAY + 5 * DAY
    retract_proof(message_id=first)
    assert told_at(alice, change) == TODAY + 6 * DAY


def test_a_bounce_takes_the_proof_back_by_one_more_row(
    alice: Customer, change: PolicyVersion
) -> None:
    message_id = tell(alice, change)
    assert retract_proof(message_id=message_id)
    assert list(untold(change)) == [alice]
    proof, retraction = Notice.objects.order_by("sequence")
    assert retraction.retracts == proof
    assert (retraction.round, retraction.channel) == (proof.round, proof.channel)
    assert not list(broken_rows(Notice))


def test_bouncing_twice_takes_back_once(alice: Customer, change: PolicyVersion) -> None:
    message_id = tell(alice, change)
    assert retract_proof(message_id=message_id)
    assert not retract_proof(message_id=message_id)
    assert Notice.objects.count() == 2


def test_a_mail_that_bounced_does_not_prove_again_when_it_is_reported_again(
    alice: Customer, change: PolicyVersion
) -> None:
    mail = accepted(alice)
    record_told_by_mail(version=change, in_round=1, mails=[mail])
    retract_proof(message_id=mail.message_id)
    record_told_by_mail(version=change, in_round=1, mails=[mail])
    assert list(untold(change)) == [alice]


def test_another_mail_proves_after_a_bounce(alice: Customer, change: PolicyVersion) -> None:
    retract_proof(message_id=tell(alice, change))
    tell(alice, change)
    assert list(told_of(change)) == [alice]


@pytest.mark.parametrize("message_id", ["", "<unknown@bizsecure.com>", "' OR 1=1 --"])
def test_a_bounce_of_a_mail_that_was_never_sent_takes_nothing_back(
    alice: Customer, change: PolicyVersion, message_id: str
) -> None:
    show(alice, change)
    assert not retract_proof(message_id=message_id)
    assert list(told_of(change)) == [alice]


def test_a_bounce_leaves_what_was_shown_on_the_site(alice: Customer, change: PolicyVersion) -> None:
    show(alice, change)
    retract_proof(message_id=tell(alice, change))
    assert list(told_of(change)) == [alice]


def test_a_bounce_of_one_customer_leaves_the_others_told(
    alice: Customer, bob: Customer, change: PolicyVersion
) -> None:
    tell(bob, change)
    retract_proof(message_id=tell(alice, change))
    assert list(told_of(change)) == [bob]


def test_what_is_shown_is_recorded_once_a_round(alice: Customer, change: PolicyVersion) -> None:
    show(alice, change)
    show(alice, change)
    proof = Notice.objects.get()
    assert (proof.channel, proof.actor_user, proof.address_digest) == ("shown", alice.user, "")


def test_nobody_can_be_told_of_a_draft(alice: Customer, policy: PolicyVersion) -> None:
    draft = save_draft(draft=a_draft(2, RUN_ACCOUNT, UPTIME_WATCH), actor=SYSTEM)
    with pytest.raises(DatabaseError, match="nobody is told of a draft"), transaction.atomic():
        show(alice, draft)
    with pytest.raises(DatabaseError, match="nobody is told of a draft"), transaction.atomic():
        tell(alice, draft)


def test_nobody_was_told_before_the_change_was_published(
    alice: Customer, change: PolicyVersion
) -> None:
    # As a worker whose clock is a day behind would report it.
    tell(alice, change, at=TODAY - DAY)
    assert told_at(alice, change) == TODAY


def test_a_proof_from_a_clock_that_is_ahead_never_counts_from_earlier(
    alice: Customer, change: PolicyVersion
) -> None:
    mail = accepted(alice)._replace(at=TODAY + DAY)
    record_told_by_mail(version=change, in_round=1, mails=[mail])
    assert told_at(alice, change) == TODAY + DAY


def test_the_database_itself_refuses_a_proof_from_the_future(
    alice: Customer, change: PolicyVersion
) -> None:
    future = Notice(
        customer=alice,
        version=change,
        round=1,
        channel="mail",
        told_at=TODAY + INSTANT,
        recorded_at=TODAY,
        actor_kind="system",
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        Notice.append(future)


def test_a_closed_account_is_neither_told_nor_untold(
    alice: Customer, bob: Customer, change: PolicyVersion
) -> None:
    tell(bob, change)
    Customer.objects.update(status=Customer.Status.CLOSED)
    assert not untold(change).exists()
    assert not told_of(change).exists()
