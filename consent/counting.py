"""How many are affected by a change, told of it, and said yes: sums of what the database counts.

`counts_of` reads the tallies, in a few queries however many customers there are. `recounted`
counts the customers themselves, as audience.py defines them; the two are always equal.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Sum

from accounts.models import Customer
from consent.audience import affected_by, told_of, with_told_at
from consent.models import Choice, DeclaredUse, PolicyVersion, Tally
from consent.tallying import DAY, QUARTER

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
What, Decision = Tally.What, Choice.Decision


@dataclass(frozen=True)
class Counts:
    """The figures of a change in its current round.

    `told` says how many were first told in which quarter of an hour, in the order of time.
    `answers` has yes and no to each new use, by the use's key.
    """

    affected: int
    told: dict[datetime, int]
    answers: dict[str, tuple[int, int]]

    @property
    def told_in_all(self) -> int:
        return sum(self.told.values())

    @property
    def last_told(self) -> datetime | None:
        """The beginning of the quarter of an hour in which the last one was first told."""
        return max(self.told, default=None)

    def told_before(self, moment: datetime) -> int:
        """How many were first told in a quarter of an hour that was over by then."""
        return sum(n for begins, n in self.told.items() if begins + quarter() <= moment)


def quarter() -> timedelta:
    """How exactly it is counted when somebody was told."""
    return timedelta(seconds=QUARTER)


def counts_of(version: PolicyVersion) -> Counts:
    """Return the figures of a published change, as the database has kept them."""
    if version.base_id is None or version.effective_at is None:
        return Counts(0, {}, {row.use.key: (0, 0) for row in version.new_uses()})
    told = Tally.objects.filter(what=What.TOLD, version=version.pk, round=version.round)
    return Counts(_served_before(version.effective_at), _by_bucket(told), _answers(version))


def recounted(version: PolicyVersion) -> Counts:
    """Return the same figures, counted customer by customer."""
    told: dict[datetime, int] = {}
    customers: Any = with_told_at(told_of(version), version)
    for told_at in customers.values_list("told_at", flat=True).order_by("told_at").iterator():
        begins = EPOCH + (told_at - EPOCH) // quarter() * quarter()
        told[begins] = told.get(begins, 0) + 1
    answers = {row.use.key: _answers_to(version, row) for row in version.new_uses()}
    return Counts(affected_by(version).count(), told, answers)


def differences() -> Iterator[tuple[PolicyVersion, Counts, Counts]]:
    """Yield each change whose figures are not what they should be: as kept, and as counted."""
    for version in PolicyVersion.objects.posted().order_by("slug", "number"):
        kept, counted = counts_of(version), recounted(version)
        if kept != counted:
            yield version, kept, counted


def _served_before(moment: datetime) -> int:
    """Customers who are served and joined before then: whole days, and the rest of the last one."""
    day = (moment - EPOCH) // timedelta(seconds=DAY)
    whole = Tally.objects.filter(what=What.SERVED, version=0, round=0, use=0, bucket__lt=day)
    since = EPOCH + timedelta(seconds=day * DAY)
    rest = Customer.objects.served().filter(joined_at__gte=since, joined_at__lt=moment)
    return _sum(whole) + rest.count()


def _by_bucket(rows: QuerySet[Tally]) -> dict[datetime, int]:
    sums = rows.values("bucket").annotate(people=Sum("number")).order_by("bucket")
    return {EPOCH + row["bucket"] * quarter(): row["people"] for row in sums if row["people"]}


def _answers(version: PolicyVersion) -> dict[str, tuple[int, int]]:
    rows = Tally.objects.filter(
        what__in=[What.GRANTED, What.REFUSED], version=version.pk, round=0, bucket=0
    )
    sums = rows.values_list("use", "what").annotate(people=Sum("number"))
    given = {(use, what): people for use, what, people in sums}
    return {
        row.use.key: (
            given.get((row.use_id, What.GRANTED), 0),
            given.get((row.use_id, What.REFUSED), 0),
        )
        for row in version.new_uses()
    }


def _answers_to(version: PolicyVersion, declared: DeclaredUse) -> tuple[int, int]:
    latest = Choice.objects.filter(
        use=declared.use_id, customer=OuterRef("pk"), version__number__gte=version.number
    ).order_by("-sequence")
    decided = affected_by(version).annotate(decision=Subquery(latest.values("decision")[:1]))
    counts = decided.aggregate(
        yes=Count("pk", filter=Q(decision=Decision.GRANTED)),
        no=Count("pk", filter=Q(decision=Decision.REFUSED)),
    )
    return counts["yes"], counts["no"]


def _sum(rows: QuerySet[Tally]) -> int:
    return rows.aggregate(people=Sum("number"))["people"] or 0
