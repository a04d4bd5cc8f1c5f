"""How mail and answers go: the outbox by the hour, opt-outs by way, and a change's funnel."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from time_machine import Traveller

from accounts.actors import SYSTEM, Actor
from accounts.models import Customer
from accounts.roles import Role
from bizsecure.core.charts import chart, lines
from consent.models import Choice, Notice, PolicyVersion
from consent.services.opting_out import opt_out
from notifications.health import funnel, opt_outs, queue_health, seen
from notifications.models import OutgoingMail, QueueSample
from notifications.reporting import notice_report
from notifications.services.announcing import announce_changes
from notifications.services.sampling import sample_queue
from tests.builders import DAY, TODAY, joined, member, say_yes, tell
from tests.pages.browsing import signed_in, signed_in_as, text

PAGE = "/admin/notifications/campaign/health/"
QUARTER = timedelta(minutes=15)


def test_the_outbox_is_noted_once_a_quarter_of_an_hour(
    alice: Customer, change: PolicyVersion, clock: Traveller
) -> None:
    announce_changes()
    first, second = sample_queue(), sample_queue()
    assert first == second
    assert (first.waiting, first.accepted, first.returned) == (1, 0, 0)
    clock.shift(QUARTER)
    OutgoingMail.objects.update(state="refused")
    later = sample_queue()
    assert (later.waiting, later.returned) == (0, 1)
    assert later.age_seconds == QUARTER.total_seconds()


def test_notes_are_forgotten_after_two_weeks(db: None, clock: Traveller) -> None:
    sample_queue()
    clock.shift(15 * DAY)
    sample_queue()
    assert QueueSample.objects.count() == 1


def test_hours_are_the_differences_of_running_totals(db: None, clock: Traveller) -> None:
    for quarter, accepted in ((0, 100), (1, 400), (4, 1000), (5, 990)):
        QueueSample.objects.create(
            quarter=TODAY - 2 * timedelta(hours=1) + quarter * QUARTER,
            waiting=1000 - accepted,
            age_seconds=0,
            accepted=accepted,
            returned=0,
        )
    health = queue_health(TODAY)
    by_hour = [bar.number for bar in health.accepted.bars[-3:]]
    # A mail that comes back later is no mail less in an hour.
    assert by_hour == [900, 0, 0]
    assert [bar.number for bar in health.waited.bars[-3:]] == [900, 10, 0]


def test_opt_outs_are_counted_by_the_way_in_which_they_were_said(
    policy: PolicyVersion, clock: Traveller
) -> None:
    for number, way in enumerate(["one_click", "one_click", "complaint", "browser"]):
        customer = joined(f"Customer{number} Doe")
        method = Choice.Method(way)
        opt_out(customer=customer, uses=["product-news"], method=method, actor=SYSTEM)
    counted = opt_outs(TODAY)
    ways = {line.label: line.number for line in counted.by_way if line.number}
    assert counted.number == 4
    assert ways == {
        Choice.Method.ONE_CLICK.label: 2,
        Choice.Method.COMPLAINT.label: 1,
        Choice.Method.BROWSER.label: 1,
    }
    assert [bar.number for bar in counted.by_day.bars][-1] == 4
    clock.shift(40 * DAY)
    assert opt_outs(TODAY + 40 * DAY).number == 0


def test_the_funnel_goes_from_affected_to_silent(
    alice: Customer, bob: Customer, change: PolicyVersion
) -> None:
    tell(alice, change)
    signed_in(alice).post("/account/notices/2/", {"put_aside": "1"})
    say_yes(alice, change, "uptime-watch")
    steps = [line.number for line in funnel(change, notice_report(change))]
    assert steps == [2, 1, 1, 1, 0, 1]
    assert seen(change) == 1


def test_the_page_shows_each_picture_with_its_table(
    alice: Customer, change: PolicyVersion, clock: Traveller
) -> None:
    sample_queue()
    actor = Actor.customer(alice.user)
    method = Choice.Method.PANEL
    opt_out(customer=alice, uses=["product-news"], method=method, actor=actor)
    client = signed_in_as(member(Role.PRIVACY))
    answer = client.get(PAGE)
    shown = text(answer)
    for said in ("Mails accepted, by the hour", "One opt-out in thirty days", "Opt-outs by day"):
        assert said in shown
    assert answer.text.count("<svg") <= answer.text.count("<table") + len(Choice.Method.choices)
    with CaptureQueriesContext(connection) as asked:
        client.get(PAGE)
    assert len(asked) <= 20


def test_bars_stand_on_their_line_and_none_is_higher_than_the_picture() -> None:
    drawn = chart([("a", 0), ("b", 5), ("c", 10)], label_every=2)
    assert [bar.height for bar in drawn.bars] == [0, 80, 160]
    assert {bar.y + bar.height for bar in drawn.bars} == {drawn.base}
    assert [bar.is_labelled for bar in drawn.bars] == [True, False, True]
    assert max(bar.x + drawn.bar for bar in drawn.bars) <= drawn.width
    assert chart([]).most == 0
    assert [line.percent for line in lines([("a", 3), ("b", 9)], of=6)] == [50, 100]


@pytest.mark.parametrize(
    ("page", "query"),
    [
        ("notifications_outgoingmail", {"state__exact": "failed"}),
        ("notifications_outgoingmail", {"state__exact": "queued"}),
        ("consent_notice", {"channel__exact": "shown"}),
    ],
)
def test_a_list_of_the_few_among_many_reads_no_table_whole(
    alice: Customer, change: PolicyVersion, page: str, query: dict[str, str]
) -> None:
    announce_changes()
    signed_in(alice).post("/account/notices/2/", {"put_aside": "1"})
    if connection.vendor == "postgresql":
        pytest.skip("PostgreSQL plans by its statistics, and these tables are small.")
    client = signed_in_as(member(Role.PRIVACY))
    with CaptureQueriesContext(connection) as asked:
        answer = client.get(reverse(f"admin:{page}_changelist"), query)
    assert answer.status_code == 200
    table = {"consent_notice": Notice, "notifications_outgoingmail": OutgoingMail}[page]
    name = table._meta.db_table
    lists = [each["sql"] for each in asked if f'FROM "{name}"' in each["sql"]]
    assert lists
    with connection.cursor() as cursor:
        for sql in lists:
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
            assert not [row[3] for row in cursor.fetchall() if row[3] == f"SCAN {name}"], sql
