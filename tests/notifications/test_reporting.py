"""The numbers that staff and scripts read tell the truth."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from accounts.actors import SYSTEM
from accounts.models import Customer
from consent.calendar import policy_zone
from consent.deadlines import earliest_effective, told_before
from consent.models import PolicyVersion
from consent.services.publishing import notice_period_ends, reschedule, withdraw
from consent.services.telling import record_shown, retract_proof
from notifications.models import OutgoingMail
from notifications.reporting import Answers, notice_report
from notifications.services.announcing import announce_changes
from tests.builders import (
    DAY,
    INSTANT,
    PRODUCT_NEWS,
    RUN_ACCOUNT,
    TODAY,
    UPTIME_WATCH,
    a_draft,
    a_use,
    date_of,
    during,
    joined,
    published,
    say_no,
    say_yes,
    tell,
)
from tests.notifications.outbox import a_crowd, deliver, mail_to
from tests.notifications.smtp_sink import Act, Sink, Stage

SURVEYS = a_use("surveys")


def test_before_anybody_is_told_the_report_says_so(
    change: PolicyVersion, alice: Customer, bob: Customer
) -> None:
    report = notice_report(change)

    assert (report.version, report.status, report.effective_at) == (2, "published", date_of(change))
    assert (report.affected, report.told, report.untold, report.percent_told) == (2, 0, 2, 0)
    assert (report.bounced, report.held) == (0, 2)
    assert (report.yes, report.no, report.silent) == (0, 0, 2)
    assert report.earliest_lawful_date == date_of(change)


def test_told_is_counted_by_each_channel_and_once_a_customer(
    change: PolicyVersion, alice: Customer, bob: Customer, sink: Sink
) -> None:
    announce_changes()
    deliver()
    record_shown(version=change, customer=alice, actor=SYSTEM)
    joined("Dora Dean", seen=[change])

    report = notice_report(change)

    assert (report.affected, report.told, report.untold, report.percent_told) == (3, 3, 0, 100)
    assert report.held == 0


def test_a_hundred_percent_means_everyone(change: PolicyVersion) -> None:
    a_crowd(200)
    for customer in Customer.objects.order_by("pk")[:199]:
        tell(customer, change)

    assert notice_report(change).percent_told == 99


def test_the_closed_are_not_affected_and_the_suspended_are(
    change: PolicyVersion, alice: Customer, bob: Customer
) -> None:
    Customer.objects.filter(pk=alice.pk).update(status="closed")
    Customer.objects.filter(pk=bob.pk).update(status="suspended")

    assert notice_report(change).affected == 1


def test_bounced_are_the_untold_whose_mail_was_refused_or_came_back(
    change: PolicyVersion, alice: Customer, bob: Customer, sink: Sink
) -> None:
    a_crowd(2)
    failed, queued = Customer.objects.exclude(pk__in=[alice.pk, bob.pk])
    announce_changes()
    OutgoingMail.objects.filter(customer=queued).update(due_at=TODAY + DAY / 12)
    sink.plan({bob.email: Act.reply(Stage.END, 550)})
    deliver()
    retract_proof(message_id=mail_to(alice).message_id)
    retract_proof(message_id=mail_to(failed).message_id)
    assert notice_report(change).bounced == 3

    record_shown(version=change, customer=alice, actor=SYSTEM)

    report = notice_report(change)
    assert (report.told, report.untold, report.bounced) == (1, 3, 2)


def test_a_bounce_of_an_earlier_round_is_no_bounce_of_this_one(
    policy: PolicyVersion, alice: Customer
) -> None:
    later = notice_period_ends(TODAY) + 60 * DAY
    change = published(a_draft(2, RUN_ACCOUNT, UPTIME_WATCH, effective_at=later))
    retract_proof(message_id=tell(alice, change))
    assert notice_report(change).bounced == 1

    change = reschedule(version=change, effective_at=later - DAY, actor=SYSTEM)

    assert notice_report(change).bounced == 0


def test_held_are_those_whom_the_change_cannot_bind_on_its_date(
    change: PolicyVersion, alice: Customer, bob: Customer
) -> None:
    a_crowd(1)
    tell(alice, change)
    tell(bob, change, at=told_before(date_of(change), policy_zone()) - INSTANT)
    assert notice_report(change).held == 1

    with during(date_of(change) + DAY):
        assert notice_report(change).held == 1


def test_who_is_told_late_is_held_until_their_own_thirty_days_are_over(
    change: PolicyVersion, alice: Customer, bob: Customer
) -> None:
    tell(alice, change)
    late = date_of(change) + 5 * DAY
    with during(late):
        tell(bob, change)
    free = earliest_effective(late, policy_zone())

    held = []
    for moment in (late, free - INSTANT, free):
        with during(moment):
            held.append(notice_report(change).held)
    assert held == [1, 1, 0]


def test_the_earliest_lawful_date_is_thirty_days_after_the_last_one_told(
    change: PolicyVersion, alice: Customer, bob: Customer
) -> None:
    tell(alice, change)
    late = date_of(change) + 5 * DAY
    with during(late):
        assert notice_report(change).earliest_lawful_date == earliest_effective(late, policy_zone())
        tell(bob, change)
    with during(late + 10 * DAY):
        # Everyone is told, so time does not move it any more.
        assert notice_report(change).earliest_lawful_date == earliest_effective(late, policy_zone())


def test_with_nobody_affected_the_announced_date_is_lawful(change: PolicyVersion) -> None:
    report = notice_report(change)

    assert (report.affected, report.percent_told, report.held) == (0, 100, 0)
    assert report.earliest_lawful_date == date_of(change)


def test_answers_are_counted_for_each_new_use_and_the_last_one_counts(
    policy: PolicyVersion, alice: Customer, bob: Customer
) -> None:
    change = published(a_draft(2, RUN_ACCOUNT, PRODUCT_NEWS, UPTIME_WATCH, SURVEYS))
    a_crowd(1)
    say_yes(alice, change, "uptime-watch", "surveys")
    say_no(alice, change, "surveys")
    say_no(bob, change, "uptime-watch", "product-news")

    report = notice_report(change)

    assert report.uses == {"uptime-watch": Answers(1, 1, 1), "surveys": Answers(0, 1, 2)}
    assert (report.yes, report.no, report.silent) == (1, 2, 3)


def test_an_answer_to_an_older_announcement_of_a_use_is_none_to_this_one(
    change: PolicyVersion, alice: Customer
) -> None:
    say_yes(alice, change, "uptime-watch")
    with during(date_of(change)):
        without = published(a_draft(3, RUN_ACCOUNT, PRODUCT_NEWS))
        again = published(a_draft(4, RUN_ACCOUNT, PRODUCT_NEWS, UPTIME_WATCH))

        assert notice_report(without).uses == {}
        assert notice_report(again).uses == {"uptime-watch": Answers(0, 0, 1)}


def test_counting_takes_the_same_statements_for_few_and_for_many(
    change: PolicyVersion, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for more in (1, 50):
        a_crowd(more)
        with django_assert_num_queries(7):
            notice_report(change)


@dataclass(frozen=True)
class Fate:
    """What became of a customer before the day on which the report is made.

    Days are counted from the announcement.
    """

    joined: int
    told: int | None
    proof: str
    answer: str
    status: str


fates = st.builds(
    Fate,
    joined=st.sampled_from([-500, 1, 60]),
    told=st.one_of(st.none(), st.integers(1, 60)),
    proof=st.sampled_from(["stands", "bounced", "of another round"]),
    answer=st.sampled_from(["", "yes", "no", "yes no", "no yes"]),
    status=st.sampled_from(["active", "suspended", "closed"]),
)


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(world=st.lists(fates, max_size=6))
def test_the_numbers_are_those_of_the_customers_in_any_world(
    change: PolicyVersion, world: list[Fate]
) -> None:
    effective_at = date_of(change)
    with transaction.atomic(), during(TODAY + 61 * DAY):
        for number, fate in enumerate(world):
            _live(fate, change, number)
        report = notice_report(change)
        transaction.set_rollback(True)

    served = [fate for fate in world if fate.status != "closed"]
    affected = [fate for fate in served if TODAY + fate.joined * DAY < effective_at]
    told = [fate for fate in affected if fate.told and fate.proof == "stands"]
    bound = [fate for fate in told if _binds_from(fate) <= TODAY + 61 * DAY]
    answers = Counter(fate.answer.rpartition(" ")[2] for fate in affected)
    assert report.affected == len(affected) == report.told + report.untold
    assert report.told == len(told)
    assert report.bounced == len([f for f in affected if f.told and f.proof == "bounced"])
    assert report.held == len(affected) - len(bound)
    assert report.uses == {"uptime-watch": Answers(answers["yes"], answers["no"], answers[""])}
    assert report.yes + report.no + report.silent == report.affected


def _live(fate: Fate, change: PolicyVersion, number: int) -> None:
    customer = joined(f"Customer{number}", at=TODAY + fate.joined * DAY)
    if fate.told:
        in_round = change.round + (fate.proof == "of another round")
        message_id = tell(customer, change, at=TODAY + fate.told * DAY, in_round=in_round)
        if fate.proof == "bounced":
            retract_proof(message_id=message_id)
    for answer in fate.answer.split():
        {"yes": say_yes, "no": say_no}[answer](customer, change, "uptime-watch")
    Customer.objects.filter(pk=customer.pk).update(status=fate.status)


def _binds_from(fate: Fate) -> datetime:
    assert fate.told is not None
    return earliest_effective(TODAY + fate.told * DAY, policy_zone())


def test_the_commands_print_json_that_scripts_can_read(
    change: PolicyVersion, alice: Customer, bob: Customer, sink: Sink
) -> None:
    sink.plan({bob.email: Act.reply(Stage.END, 550)})

    assert _printed("send_notices") == {
        "campaigns": 1,
        "queued": 2,
        "dropped": 0,
        "accepted": 1,
        "refused": 1,
        "deferred": 0,
        "unconfirmed": 0,
    }
    report = _printed("notice_report", "2")

    assert report == {
        "version": 2,
        "status": "published",
        "effective_at": date_of(change).isoformat(),
        "affected": 2,
        "told": 1,
        "untold": 1,
        "bounced": 1,
        "held": 1,
        "yes": 0,
        "no": 0,
        "silent": 2,
        "earliest_lawful_date": date_of(change).isoformat(),
        "uses": {"uptime-watch": {"yes": 0, "no": 0, "silent": 2}},
    }


def test_a_pass_may_leave_delivery_to_the_workers(
    change: PolicyVersion, alice: Customer, sink: Sink
) -> None:
    assert _printed("send_notices", "--queue-only")["accepted"] == 0
    assert sink.accepted == []


def test_a_withdrawn_change_can_still_be_reported(change: PolicyVersion, alice: Customer) -> None:
    tell(alice, change)
    withdraw(version=change, actor=SYSTEM)

    report = _printed("notice_report", "2")

    assert (report["status"], report["told"]) == ("withdrawn", 1)


@pytest.mark.parametrize("number", ["2", "9"])
def test_there_is_no_report_of_what_was_never_published(policy: PolicyVersion, number: str) -> None:
    with pytest.raises(CommandError, match=f"No version {number}"):
        call_command("notice_report", number)


def _printed(*command: str) -> Any:
    output = StringIO()
    call_command(*command, stdout=output)
    return json.loads(output.getvalue())
