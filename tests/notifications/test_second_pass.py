"""A pass asks of few whom it must tell, and overlooks nobody (CHANGE-2)."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from time_machine import Traveller

from accounts.actors import SYSTEM
from accounts.models import Customer
from bizsecure.core.errors import Refused
from consent.models import Notice, PolicyVersion
from consent.services.publishing import notice_period_ends, reschedule, withdraw
from consent.services.telling import record_shown, retract_proof
from notifications.models import Campaign, OutgoingMail, Revisit
from notifications.services.announcing import (
    LOOKS_THROUGH_EVERY,
    announce_changes,
    look_through_again,
    overlooked,
)
from tests.builders import (
    DAY,
    LONG_AGO,
    PRODUCT_NEWS,
    UPTIME_WATCH,
    a_draft,
    date_of,
    first_policy,
    joined,
    prove_address,
    published,
    tell,
)
from tests.notifications.outbox import a_crowd, mails

Happening = Callable[[], None]


def anybody() -> Customer:
    """Return one of the customers, another one after each change."""
    return Customer.objects.order_by("revision", "pk")[0]


def change_of(customer: Customer, **columns: object) -> None:
    Customer.objects.filter(pk=customer.pk).update(**columns, revision=customer.revision + 1)


def a_change_of_policy() -> PolicyVersion:
    version: PolicyVersion = PolicyVersion.objects.changes().order_by("-number")[0]
    return version


def many_come() -> None:
    a_crowd(2)


def somebody_joins_and_proves_the_address() -> None:
    prove_address(joined(f"Joiner{Customer.objects.count()}"))


def an_address_changes() -> None:
    somebody = anybody()
    change_of(somebody, email=f"moved-{somebody.revision}-{somebody.pk}@example.com")


def an_address_changes_back() -> None:
    somebody = anybody()
    change_of(somebody, email=f"customer{somebody.pk}@example.com")


def an_address_is_unproven() -> None:
    change_of(anybody(), email_verified_at=None)


def an_address_is_proven() -> None:
    change_of(anybody(), email_verified_at=LONG_AGO)


def an_account_is_closed() -> None:
    change_of(anybody(), status="closed")


def an_account_is_opened_again() -> None:
    change_of(anybody(), status="active")


def somebody_is_told() -> None:
    tell(anybody(), a_change_of_policy())


def somebody_reads_the_page() -> None:
    record_shown(version=a_change_of_policy(), customer=anybody(), actor=SYSTEM)


def a_mail_comes_back() -> None:
    proof = Notice.objects.standing().exclude(message_id="").first()
    if proof:
        retract_proof(message_id=proof.message_id)


def a_mail_is_not_sent() -> None:
    first = OutgoingMail.objects.live().order_by("pk")[:1]
    OutgoingMail.objects.filter(pk__in=first.values("pk")).update(state="dropped")


def a_mail_is_deleted() -> None:
    first = list(OutgoingMail.objects.values_list("pk", flat=True)[:1])
    OutgoingMail.objects.filter(pk__in=first).delete()


def the_date_is_moved() -> None:
    version = a_change_of_policy()
    with suppress(Refused):
        reschedule(version=version, effective_at=date_of(version) + DAY, actor=SYSTEM)


def a_new_round_begins() -> None:
    with suppress(Refused):
        earliest = notice_period_ends(timezone.now())
        reschedule(version=a_change_of_policy(), effective_at=earliest, actor=SYSTEM)


def another_change_is_published() -> None:
    with suppress(Refused):
        number = PolicyVersion.objects.count() + 1
        published(a_draft(number, PRODUCT_NEWS, UPTIME_WATCH))


def a_change_is_withdrawn() -> None:
    if PolicyVersion.objects.changes().count() > 1:
        withdraw(version=a_change_of_policy(), actor=SYSTEM)


def a_pass_is_made() -> None:
    announce_changes()


HAPPENINGS = (
    many_come,
    somebody_joins_and_proves_the_address,
    an_address_changes,
    an_address_changes_back,
    an_address_is_unproven,
    an_address_is_proven,
    an_account_is_closed,
    an_account_is_opened_again,
    somebody_is_told,
    somebody_reads_the_page,
    a_mail_comes_back,
    a_mail_is_not_sent,
    a_mail_is_deleted,
    the_date_is_moved,
    a_new_round_begins,
    another_change_is_published,
    a_change_is_withdrawn,
    a_pass_is_made,
)


def check_that_nobody_is_overlooked() -> None:
    """What a pass finds that asks of few is what one finds that asks of all."""
    assert list(overlooked()) == []
    announce_changes()
    look_through_again()
    assert announce_changes().queued == 0


@pytest.mark.usefixtures("db")
@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(story=st.lists(st.sampled_from(HAPPENINGS), min_size=4, max_size=12))
def test_no_order_of_events_hides_anybody_from_the_next_pass(story: list[Happening]) -> None:
    with transaction.atomic():
        first_policy(PRODUCT_NEWS)
        a_crowd(3)
        published(a_draft(2, PRODUCT_NEWS, UPTIME_WATCH))
        announce_changes()
        for happening in story:
            happening()
            assert list(overlooked()) == [], happening.__name__
        check_that_nobody_is_overlooked()
        transaction.set_rollback(True)


@pytest.mark.parametrize(
    "happening",
    [many_come, an_address_changes, a_mail_is_not_sent, a_mail_is_deleted],
    ids=lambda happening: happening.__name__,
)
def test_the_next_pass_writes_to_whoever_has_to_be_told_since(
    happening: Happening, change: PolicyVersion
) -> None:
    a_crowd(3)
    announce_changes()

    happening()

    assert announce_changes().queued == (2 if happening is many_come else 1)
    check_that_nobody_is_overlooked()


def test_whose_mail_came_back_is_written_to_at_the_new_address(
    change: PolicyVersion, alice: Customer
) -> None:
    announce_changes()
    message_id = tell(alice, change)
    change_of(alice, email="alice-moved@example.com")
    assert announce_changes().queued == 0

    retract_proof(message_id=message_id)

    assert announce_changes().queued == 1
    assert "alice-moved@example.com" in mails()


def test_a_pass_with_nothing_to_do_asks_of_no_customer(change: PolicyVersion) -> None:
    a_crowd(3)
    announce_changes()
    announce_changes()

    with CaptureQueriesContext(connection) as asked:
        assert announce_changes().queued == 0

    assert [query["sql"] for query in asked if "accounts_customer" in query["sql"]] == []
    assert not Revisit.objects.exists()


def test_who_was_loaded_past_the_triggers_is_found_within_a_day(
    change: PolicyVersion, clock: Traveller
) -> None:
    announce_changes()
    a_crowd(1)
    Revisit.objects.all().delete()
    assert announce_changes().queued == 0

    clock.shift(LOOKS_THROUGH_EVERY)

    assert announce_changes().queued == 1


def test_a_look_at_a_time_to_come_does_not_count(change: PolicyVersion) -> None:
    announce_changes()
    Campaign.objects.update(looked_through_at=timezone.now() + timedelta(hours=50))
    a_crowd(1)
    Revisit.objects.all().delete()

    assert announce_changes().queued == 1


def test_the_check_of_counts_finds_whom_a_pass_would_overlook(change: PolicyVersion) -> None:
    announce_changes()
    a_crowd(2)
    Revisit.objects.all().delete()
    printed = StringIO()

    with pytest.raises(SystemExit):
        call_command("check_counts", stdout=printed)

    campaign = Campaign.objects.get()
    assert json.loads(printed.getvalue())["differences"] == [
        {"campaign": campaign.pk, "overlooked": 2}
    ]
    call_command("check_counts", "--repair", stdout=StringIO())
    assert announce_changes().queued == 2
