"""Who gets a mail about a change, and who gets none (CHANGE-2)."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from email import message_from_bytes

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.actors import SYSTEM
from accounts.models import Customer
from accounts.services.opening import open_account
from consent.models import Notice, PolicyVersion
from consent.services.publishing import notice_period_ends, reschedule, withdraw
from consent.services.telling import record_shown, retract_proof
from notifications.models import Campaign, MailBatch, OutgoingMail
from notifications.services.announcing import (
    Announced,
    announce_changes,
    has_unannounced_changes,
)
from tests.builders import (
    DAY,
    LONG_AGO,
    RUN_ACCOUNT,
    TODAY,
    UPTIME_WATCH,
    a_draft,
    date_of,
    during,
    joined,
    prove_address,
    published,
    tell,
)
from tests.notifications.outbox import (
    NOTICE,
    POSTPONED,
    WITHDRAWN,
    a_crowd,
    deliver,
    mail_to,
    mails,
    move_to,
    told,
)
from tests.notifications.smtp_sink import Sink

MINUTE = timedelta(minutes=1)
SITE = re.compile(r"https?://[^/\s\"']+")
# The name of a language, which no reader fetches.
XHTML = "http://www.w3.org/1999/xhtml"


def test_whoever_is_affected_untold_and_reachable_gets_one_mail(
    change: PolicyVersion, alice: Customer, bob: Customer
) -> None:
    tell(bob, change)

    assert announce_changes() == Announced(campaigns=1, queued=1, dropped=0)

    mail = mail_to(alice)
    assert (mail.address, mail.state, mail.attempts) == (alice.email, "queued", 0)
    assert mail.queued_at == mail.due_at == TODAY
    [batch] = MailBatch.objects.all()
    assert (batch.first_id, batch.last_id, batch.due_at) == (mail.pk, mail.pk, TODAY)


def test_the_first_policy_and_drafts_are_announced_to_nobody(
    policy: PolicyVersion, alice: Customer
) -> None:
    assert announce_changes() == Announced()
    assert not has_unannounced_changes()


def test_a_change_is_unannounced_until_its_pass(change: PolicyVersion, alice: Customer) -> None:
    assert has_unannounced_changes()
    announce_changes()
    assert not has_unannounced_changes()

    reschedule(version=change, effective_at=date_of(change) + DAY, actor=SYSTEM)

    assert has_unannounced_changes()


def test_who_saw_the_change_at_sign_up_gets_no_mail(change: PolicyVersion) -> None:
    prove_address(joined("Dora Dean", seen=[change]))

    assert announce_changes().queued == 0
    assert told(change) == ["dora@example.com"]


def test_who_joins_inside_the_window_unaware_of_the_change_gets_a_mail(
    change: PolicyVersion, alice: Customer
) -> None:
    announce_changes()
    prove_address(joined("Dora Dean"))

    assert announce_changes().queued == 1
    assert mails() == [alice.email, "dora@example.com"]


def test_who_joins_when_the_change_is_in_force_gets_no_mail(change: PolicyVersion) -> None:
    prove_address(joined("Dora Dean", at=date_of(change)))

    assert announce_changes().queued == 0


def test_who_was_shown_the_change_gets_no_mail(change: PolicyVersion, alice: Customer) -> None:
    record_shown(version=change, customer=alice, actor=SYSTEM)

    assert announce_changes().queued == 0


def test_the_mail_waits_until_the_address_is_proven(change: PolicyVersion) -> None:
    dora = joined("Dora Dean", at=LONG_AGO)
    assert announce_changes().queued == 0

    prove_address(dora)

    assert announce_changes().queued == 1


@pytest.mark.parametrize(("status", "queued"), [("active", 1), ("suspended", 1), ("closed", 0)])
def test_the_suspended_are_told_like_others_and_the_closed_are_not(
    change: PolicyVersion, alice: Customer, status: str, queued: int
) -> None:
    Customer.objects.filter(pk=alice.pk).update(status=status)

    assert announce_changes().queued == queued


def test_a_customer_without_a_sign_in_gets_a_mail(change: PolicyVersion) -> None:
    dora = open_account(user=None, name="Dora Dean", email="dora@example.com", now=LONG_AGO)
    Customer.objects.filter(pk=dora.pk).update(email_verified_at=LONG_AGO)

    assert announce_changes().queued == 1


def test_two_customers_with_one_address_get_a_mail_each(
    change: PolicyVersion, alice: Customer
) -> None:
    dora = open_account(user=None, name="Dora Dean", email=alice.email, now=LONG_AGO)
    Customer.objects.filter(pk=dora.pk).update(email_verified_at=LONG_AGO)

    assert announce_changes().queued == 2


def test_a_second_pass_queues_nothing(
    change: PolicyVersion, alice: Customer, bob: Customer, sink: Sink
) -> None:
    announce_changes()
    assert announce_changes() == Announced()

    deliver()

    assert announce_changes() == Announced()
    assert len(sink.accepted) == 2


def test_after_a_long_silence_a_pass_finds_everyone(
    change: PolicyVersion, alice: Customer, bob: Customer
) -> None:
    with during(date_of(change) + 100 * DAY):
        assert announce_changes().queued == 2


def test_a_bounce_is_not_mailed_again_until_the_address_changes(
    change: PolicyVersion, alice: Customer, sink: Sink
) -> None:
    announce_changes()
    deliver()
    retract_proof(message_id=mail_to(alice).message_id)
    assert announce_changes().queued == 0

    move_to(alice, "alice@example.org")

    assert announce_changes().queued == 1
    assert mails() == ["alice@example.org"]


def test_a_changed_address_is_queued_again_and_the_old_mail_dropped(
    change: PolicyVersion, alice: Customer, sink: Sink
) -> None:
    announce_changes()
    move_to(alice, "alice@example.org")
    assert announce_changes().queued == 1

    deliver()

    assert mails(state="dropped") == ["alice@example.com"]
    assert mails(state="accepted") == ["alice@example.org"]
    assert [mail.recipients for mail in sink.accepted] == [("alice@example.org",)]
    assert announce_changes().queued == 0


def test_who_goes_back_to_the_first_address_is_told_there_once(
    change: PolicyVersion, alice: Customer, sink: Sink
) -> None:
    announce_changes()
    move_to(alice, "alice@example.org")
    deliver()
    announce_changes()
    move_to(alice, "alice@example.com")
    deliver()
    assert mails(state="dropped") == ["alice@example.com", "alice@example.org"]

    assert announce_changes().queued == 1
    deliver()

    assert mails(state="accepted") == ["alice@example.com"]
    assert [mail.recipients for mail in sink.accepted] == [("alice@example.com",)]
    assert announce_changes().queued == 0


def test_who_goes_back_before_any_worker_came_is_told_once(
    change: PolicyVersion, alice: Customer, sink: Sink
) -> None:
    for address in ("alice@example.com", "alice@example.org", "alice@example.com"):
        move_to(alice, address)
        announce_changes()

    deliver()

    assert [mail.recipients for mail in sink.accepted] == [("alice@example.com",)]
    assert mails(state="dropped") == ["alice@example.org"]


def test_a_withdrawn_change_is_dropped_and_the_told_are_told_so_once(
    change: PolicyVersion, alice: Customer, bob: Customer, sink: Sink
) -> None:
    announce_changes()
    tell(alice, change)
    withdraw(version=change, actor=SYSTEM)

    assert announce_changes() == Announced(campaigns=1, queued=1, dropped=2)
    assert mails(WITHDRAWN) == [alice.email]
    deliver()
    assert announce_changes() == Announced()

    assert mails(state="dropped") == [alice.email, bob.email]
    assert [mail.recipients for mail in sink.accepted] == [(alice.email,)]
    assert Notice.objects.filter(customer=alice).count() == 1


def test_who_was_told_in_an_earlier_round_is_told_of_the_withdrawal(
    policy: PolicyVersion, alice: Customer
) -> None:
    change = _far_change()
    tell(alice, change)
    change = reschedule(version=change, effective_at=_earliest(), actor=SYSTEM)
    withdraw(version=change, actor=SYSTEM)

    announce_changes()

    assert mails(WITHDRAWN) == [alice.email]


def test_who_was_told_but_bounced_is_not_told_of_the_withdrawal(
    change: PolicyVersion, alice: Customer
) -> None:
    retract_proof(message_id=tell(alice, change))
    withdraw(version=change, actor=SYSTEM)

    assert announce_changes().queued == 0


def test_a_later_date_goes_to_the_untold_and_as_a_correction_to_the_told(
    change: PolicyVersion, alice: Customer, bob: Customer, sink: Sink
) -> None:
    announce_changes()
    tell(alice, change)
    with during(TODAY + MINUTE):
        reschedule(version=change, effective_at=date_of(change) + 10 * DAY, actor=SYSTEM)

        assert announce_changes() == Announced(campaigns=2, queued=2, dropped=2)

        assert mails(NOTICE) == [bob.email]
        assert mails(POSTPONED) == [alice.email]
        assert Campaign.objects.get(kind=POSTPONED).effective_at == date_of(change)
        deliver()
        assert announce_changes() == Announced()
    assert told(change) == [alice.email, bob.email]
    assert Notice.objects.filter(customer=alice).count() == 1


def test_a_date_moved_twice_is_corrected_once_for_each_move_that_was_told(
    change: PolicyVersion, alice: Customer, sink: Sink
) -> None:
    announce_changes()
    deliver()
    for minutes in (1, 2):
        with during(TODAY + minutes * MINUTE):
            reschedule(version=change, effective_at=date_of(change) + DAY, actor=SYSTEM)
            announce_changes()

    assert mails(POSTPONED, state="dropped") == [alice.email]
    assert mails(POSTPONED) == [alice.email]
    assert mails(NOTICE) == []


def test_who_joined_knowing_the_later_date_needs_no_correction(
    change: PolicyVersion, alice: Customer
) -> None:
    announce_changes()
    with during(TODAY + MINUTE):
        reschedule(version=change, effective_at=date_of(change) + DAY, actor=SYSTEM)
        announce_changes()
    with during(TODAY + 2 * MINUTE):
        change.refresh_from_db()
        prove_address(joined("Dora Dean", seen=[change]))

        assert announce_changes().queued == 0


def test_a_mail_that_was_under_way_when_the_date_moved_is_corrected(
    change: PolicyVersion, alice: Customer
) -> None:
    announce_changes()
    with during(TODAY + 2 * MINUTE):
        reschedule(version=change, effective_at=date_of(change) + DAY, actor=SYSTEM)
        OutgoingMail.objects.update(state="accepted", accepted_at=timezone.now())
        tell(alice, change)

    # The pass began before the worker recorded what the mail server said.
    with during(TODAY + MINUTE):
        announce_changes()

    assert mails(POSTPONED) == [alice.email]


def test_an_earlier_date_is_a_new_round_and_everyone_is_told_again(
    policy: PolicyVersion, alice: Customer, bob: Customer, sink: Sink
) -> None:
    change = _far_change()
    announce_changes()
    tell(alice, change)
    reschedule(version=change, effective_at=_earliest(), actor=SYSTEM)

    assert announce_changes() == Announced(campaigns=1, queued=2, dropped=2)
    assert told(change) == []
    deliver()

    assert told(change) == [alice.email, bob.email]
    assert set(Campaign.objects.values_list("kind", "round")) == {(NOTICE, 1), (NOTICE, 2)}
    assert announce_changes() == Announced()


def test_two_changes_at_once_are_announced_each(
    change: PolicyVersion, alice: Customer, sink: Sink
) -> None:
    published(a_draft(3, RUN_ACCOUNT, UPTIME_WATCH))

    assert announce_changes() == Announced(campaigns=2, queued=2, dropped=0)
    deliver()

    assert len({mail.message_id for mail in sink.accepted}) == 2


def test_a_large_audience_is_cut_into_batches_without_gaps(
    change: PolicyVersion, settings: Settings
) -> None:
    settings.NOTICE_BATCH_SIZE = 7
    a_crowd(20)
    announce_changes()
    a_crowd(4)
    announce_changes()

    sizes = [batch.mails().count() for batch in MailBatch.objects.order_by("first_id")]
    assert sizes == [7, 7, 6, 4]


@pytest.mark.parametrize("customers", [1, 100])
def test_a_pass_takes_the_same_statements_for_few_and_for_many(
    change: PolicyVersion, django_assert_num_queries: DjangoAssertNumQueries, customers: int
) -> None:
    a_crowd(customers)

    with django_assert_num_queries(30):
        assert announce_changes().queued == customers
    with django_assert_num_queries(10):
        announce_changes()


def test_the_mail_loads_nothing_from_elsewhere_and_has_no_way_out_of_it(
    change: PolicyVersion, alice: Customer, sink: Sink, settings: Settings
) -> None:
    announce_changes()
    campaign = Campaign.objects.get()
    for words in (campaign.subject, campaign.text, campaign.html.replace(XHTML, "")):
        assert set(SITE.findall(words)) <= {settings.SITE_URL}
    assert not re.search(r"<link|<img|<script|@import|@font-face|url\(|src=", campaign.html)

    deliver()

    message = message_from_bytes(sink.accepted[0].message)
    assert not [name for name in message if name.lower().startswith("list-")]


def _far_change() -> PolicyVersion:
    return published(a_draft(2, RUN_ACCOUNT, UPTIME_WATCH, effective_at=_earliest() + 60 * DAY))


def _earliest() -> datetime:
    return notice_period_ends(timezone.now())
