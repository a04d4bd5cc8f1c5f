"""How the mail is doing, in numbers that Prometheus reads. No line of it is about a person."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, Min, Q

from consent.models import PolicyVersion
from notifications.forecast import Prospect, forecast_of
from notifications.models import Campaign, InboundMail, MailBatch, MailTally, OutgoingMail
from notifications.reporting import notice_report
from notifications.services.announcing import has_unannounced_changes

State = OutgoingMail.State
# How long after its date a change is still reported.
LOOKS_BACK = timedelta(days=60)
ENDED = (State.ACCEPTED, *OutgoingMail.RETURNED, State.DROPPED)

Labels = Mapping[str, object]


@dataclass(frozen=True)
class Metric:
    """A name with its meaning, and its values, told apart by labels."""

    name: str
    kind: str
    meaning: str
    values: Iterable[tuple[Labels, float]]


def exposition(now: datetime) -> str:
    """Return all metrics in the text format of Prometheus."""
    return "".join(line for metric in metrics(now) for line in _lines(metric))


def metrics(now: datetime) -> Iterator[Metric]:
    """Yield the metrics as they are now, in a few queries however much mail there is."""
    yield Metric(
        "bizsecure_release",
        "gauge",
        "Which release this is; always 1.",
        [({"version": settings.RELEASE}, 1)],
    )
    by_kind = _by_kind()
    yield Metric(
        "bizsecure_mails_waiting",
        "gauge",
        "Mails that are still to be handed over.",
        [
            ({"kind": kind, "state": state.value}, states.get(state, 0))
            for kind, states in by_kind.items()
            for state in OutgoingMail.LIVE
        ],
    )
    yield Metric(
        "bizsecure_mails_total",
        "counter",
        "Mails by what became of them.",
        [
            ({"kind": kind, "outcome": state.value}, states.get(state, 0))
            for kind, states in by_kind.items()
            for state in ENDED
        ],
    )
    yield from _queue(now)
    yield Metric(
        "bizsecure_changes_unannounced",
        "gauge",
        "Whether a change was published or moved and no pass has queued its mails yet.",
        [({}, has_unannounced_changes())],
    )
    yield from _came_in(now)
    yield from _changes(now)


def _by_kind() -> dict[str, dict[str, int]]:
    kinds = dict(Campaign.objects.values_list("pk", "kind"))
    found: dict[str, dict[str, int]] = {"single": {}}
    for campaign, state, number in MailTally.objects.values_list("campaign", "state", "number"):
        states = found.setdefault(kinds.get(campaign, "single"), {})
        states[state] = states.get(state, 0) + number
    return found


def _queue(now: datetime) -> Iterator[Metric]:
    running = Q(campaign__isnull=True) | Q(campaign__paused_at__isnull=True)
    due = MailBatch.objects.filter(running, due_at__lte=now)
    free = due.filter(Q(lease_until__isnull=True) | Q(lease_until__lt=now))
    yield Metric(
        "bizsecure_queue_age_seconds",
        "gauge",
        "How long the oldest batch that is due waits for a worker.",
        [({}, MailBatch.objects.age(now).total_seconds())],
    )
    held = due.filter(lease_until__gte=now).count()
    yield Metric(
        "bizsecure_batches",
        "gauge",
        "Batches of mails that are due: free, or held by a worker.",
        [({"state": "free"}, free.count()), ({"state": "held"}, held)],
    )


def _came_in(now: datetime) -> Iterator[Metric]:
    oldest, *numbers = (
        InboundMail.objects.waiting()
        .aggregate(
            oldest=Min("due_at", filter=Q(due_at__lte=now)),
            waiting=Count("pk", filter=Q(due_at__isnull=False, attempts=0)),
            failing=Count("pk", filter=Q(due_at__isnull=False, attempts__gt=0)),
            stuck=Count("pk", filter=Q(due_at__isnull=True)),
        )
        .values()
    )
    yield Metric(
        "bizsecure_inbound_mails",
        "gauge",
        "Mails that came in and are not handled: new, failed and to be tried again, or given up.",
        list(
            zip(({"state": each} for each in ("waiting", "failing", "stuck")), numbers, strict=True)
        ),
    )
    yield Metric(
        "bizsecure_inbound_age_seconds",
        "gauge",
        "How long the oldest mail that came in and is due has waited for a worker.",
        [({}, (now - oldest).total_seconds() if oldest else 0)],
    )


def _changes(now: datetime) -> Iterator[Metric]:
    recent = PolicyVersion.objects.changes().filter(effective_at__gt=now - LOOKS_BACK)
    figures: dict[str, list[tuple[Labels, float]]] = {name: [] for name in MEANINGS}
    for version in recent:
        report, forecast = notice_report(version), forecast_of(version, now)
        if forecast is None:
            continue
        labels = {"policy": version.slug, "version": version.number}
        values = {
            "affected": report.affected,
            "told": report.told,
            "untold": report.untold,
            "bounced": report.bounced,
            "held": report.held,
            "told_per_hour": forecast.per_hour,
            "tell_by_timestamp_seconds": forecast.tell_by.timestamp(),
            "done_timestamp_seconds": forecast.done_at.timestamp() if forecast.done_at else 0,
            "in_danger": forecast.is_in_danger,
            "missed": forecast.prospect == Prospect.MISSED,
        }
        for name, value in values.items():
            figures[name].append((labels, value))
    for name, meaning in MEANINGS.items():
        yield Metric(f"bizsecure_change_{name}", "gauge", meaning, figures[name])


MEANINGS = {
    "affected": "Customers whom a change concerns.",
    "told": "Of these, customers with proof of being told in the current round.",
    "untold": "Of these, customers without.",
    "bounced": "Untold customers whose mail no server takes.",
    "held": "Customers whom the change cannot bind on its date.",
    "told_per_hour": "Customers told in the last hour.",
    "tell_by_timestamp_seconds": "Until when somebody must be told to be bound on the date.",
    "done_timestamp_seconds": "When the last mail is out at this rate; 0 if that cannot be said.",
    "in_danger": "Whether the date cannot be kept for everyone unless somebody acts.",
    "missed": "Whether it is too late for the date and somebody is untold.",
}


def _lines(metric: Metric) -> Iterator[str]:
    yield f"# HELP {metric.name} {metric.meaning}\n# TYPE {metric.name} {metric.kind}\n"
    for labels, value in metric.values:
        # Kinds, states and slugs: no letter of theirs needs to be escaped.
        pairs = ",".join(f'{name}="{text}"' for name, text in labels.items())
        yield f"{metric.name}{f'{{{pairs}}}' if pairs else ''} {float(value):.15g}\n"
