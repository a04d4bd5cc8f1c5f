"""How telling goes: the outbox by the hour, opt-outs by way and day, each change's funnel."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

from django.db.models import Count
from django.db.models.functions import TruncDate
from django.utils import timezone
from django.utils.translation import gettext as _

from bizsecure.core.charts import Chart, Line, chart, lines
from consent.calendar import policy_zone
from consent.models import Choice, Notice, PolicyVersion
from notifications.kinds import what_can_be_stopped
from notifications.models import MailBatch, MailTally, OutgoingMail, QueueSample
from notifications.reporting import NoticeReport

HOURS = 24
DAYS = 30
HOUR = timedelta(hours=1)
State = OutgoingMail.State


@dataclass(frozen=True)
class Queue:
    """The outbox now, and how it went in the last day, by the hour."""

    waiting: int
    age: timedelta
    per_hour: int
    failures: int
    accepted: Chart
    returned: Chart
    waited: Chart


@dataclass(frozen=True)
class OptOuts:
    """How often customers said no to news and offers in the last days, by way and by day."""

    number: int
    by_way: list[Line]
    by_day: Chart


def queue_health(now: datetime) -> Queue:
    """Return how the outbox does, in four queries however much mail there is."""
    states = MailTally.objects.by_state()
    samples = list(QueueSample.objects.filter(quarter__gt=now - (HOURS + 1) * HOUR).order_by("pk"))
    accepted = _by_hour(now, _steps(samples, "accepted"))
    returned = _by_hour(now, _steps(samples, "returned"))
    waiting: Counter[datetime] = Counter()
    for sample in samples:
        waiting[_hour(sample.quarter)] = max(waiting[_hour(sample.quarter)], sample.waiting)
    return Queue(
        waiting=sum(states[state] for state in OutgoingMail.LIVE),
        age=MailBatch.objects.age(now),
        per_hour=accepted[-2][1],
        failures=sum(number for _label, number in returned),
        accepted=chart(accepted, label_every=3),
        returned=chart(returned, label_every=3),
        waited=chart(_by_hour(now, waiting), label_every=3),
    )


def opt_outs(now: datetime) -> OptOuts:
    """Return the refusals of what can be refused, by the way in which they were said."""
    today = now.astimezone(policy_zone()).date()
    days = [today - timedelta(days=back) for back in reversed(range(DAYS))]
    since = timezone.make_aware(datetime.combine(days[0], datetime.min.time()), policy_zone())
    refused = Choice.objects.filter(
        decision=Choice.Decision.REFUSED,
        recorded_at__gte=since,
        use__key__in=list(what_can_be_stopped()),
    )
    day = TruncDate("recorded_at", tzinfo=policy_zone())
    rows = refused.annotate(day=day).order_by().values_list("day", "method")
    by_day: Counter[date] = Counter()
    by_way: Counter[str] = Counter()
    for when, method, number in rows.annotate(number=Count("pk")):
        by_day[when] += number
        by_way[method] += number
    ways = [(way.label, by_way[way.value]) for way in Choice.Method]
    number = by_way.total()
    counted = [(f"{each:%d %b}", by_day[each]) for each in days]
    return OptOuts(number, lines(ways, of=number), chart(counted, label_every=5))


def funnel(version: PolicyVersion, report: NoticeReport) -> list[Line]:
    """Return how far a change has come: told, seen here, yes, no, silent.

    Told and seen are of the affected; answers are per new use, and so is their whole.
    """
    asked = report.affected * max(len(report.uses), 1)
    people = lines(
        [
            (_("Affected"), report.affected),
            (_("Told"), report.told),
            (_("Confirmed here that they read it"), seen(version)),
        ],
        of=report.affected,
    )
    answers = [(_("Said yes"), report.yes), (_("Said no"), report.no)]
    return people + lines([*answers, (_("Silent so far"), report.silent)], of=asked)


def seen(version: PolicyVersion) -> int:
    """How many pressed a button below the notice while signed in."""
    pressed = Notice.objects.acknowledged().filter(version=version, round=version.round)
    return pressed.aggregate(people=Count("customer", distinct=True))["people"] or 0


def _steps(samples: Sequence[QueueSample], name: str) -> Counter[datetime]:
    """How much a running total grew in each hour. A mail that comes back is taken off again."""
    grown: Counter[datetime] = Counter()
    for before, after in pairwise(samples):
        step = getattr(after, name) - getattr(before, name)
        grown[_hour(before.quarter)] += max(step, 0)
    return grown


def _by_hour(now: datetime, numbers: Counter[datetime]) -> list[tuple[Any, int]]:
    return [
        (f"{timezone.localtime(hour, policy_zone()):%H:%M}", numbers[hour])
        for hour in _last_hours(now)
    ]


def _last_hours(now: datetime) -> Iterator[datetime]:
    this = _hour(now)
    yield from (this - back * HOUR for back in reversed(range(HOURS)))


def _hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)
