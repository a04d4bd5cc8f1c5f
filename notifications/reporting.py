"""How far the telling of a change has come, in numbers that staff and scripts read."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Max
from django.utils import timezone

from accounts.models import CustomerQuerySet
from consent.audience import affected_by, untold, with_told_at
from consent.calendar import policy_zone
from consent.counting import Counts, counts_of, quarter
from consent.deadlines import CLOCK_TICK, earliest_effective, told_before
from consent.models import Notice, PolicyVersion
from notifications.models import OutgoingMail


@dataclass(frozen=True)
class Answers:
    """Yes, no and silence of the affected customers."""

    yes: int
    no: int
    silent: int


@dataclass(frozen=True)
class NoticeReport:
    """The state of a change.

    `bounced` are untold customers whose mail was refused or came back. `held` are customers
    whom the change cannot bind on its date (or now, once the date has passed), because they
    are not told or were told less than thirty days before. `earliest_lawful_date` is when it
    could bind everyone, if those still untold were told now. `yes`, `no` and `silent` count
    answers to all new uses; `uses` has them for each.
    """

    version: int
    status: str
    effective_at: datetime | None
    affected: int
    told: int
    untold: int
    bounced: int
    held: int
    yes: int
    no: int
    silent: int
    earliest_lawful_date: datetime | None
    uses: dict[str, Answers] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return the report with times in ISO 8601."""
        values = asdict(self)
        for name in ("effective_at", "earliest_lawful_date"):
            values[name] = values[name].isoformat() if values[name] else None
        return values

    @property
    def is_finished(self) -> bool:
        """Whether everyone affected is told."""
        return self.untold == 0

    @property
    def percent_told(self) -> int:
        """Rounded down, so that 100 means everyone."""
        return 100 * self.told // self.affected if self.affected else 100


def notice_report(version: PolicyVersion) -> NoticeReport:
    """Return the numbers of a published change as they are now.

    From counts that the database keeps (consent/counting.py): no million rows are read.
    """
    now = timezone.now()
    counts = counts_of(version)
    told = counts.told_in_all
    uses = {
        key: Answers(yes, no, counts.affected - yes - no)
        for key, (yes, no) in counts.answers.items()
    }
    return NoticeReport(
        version=version.number,
        status=version.status,
        effective_at=version.effective_at,
        affected=counts.affected,
        told=told,
        untold=counts.affected - told,
        bounced=bounced_of(version).count(),
        held=_held(version, counts, now),
        yes=sum(answers.yes for answers in uses.values()),
        no=sum(answers.no for answers in uses.values()),
        silent=sum(answers.silent for answers in uses.values()),
        earliest_lawful_date=_earliest_lawful_date(version, counts, now),
        uses=uses,
    )


def bounced_of(version: PolicyVersion) -> CustomerQuerySet:
    """Untold customers whose mail of the current round was refused, given up, or came back."""
    mails = OutgoingMail.objects.returned().filter(
        campaign__version=version, campaign__round=version.round
    )
    retracted = Notice.objects.filter(version=version, round=version.round, retracts__isnull=False)
    # Found from the few that came back, each through an index, and not from all customers.
    came_back = mails.values("customer").union(retracted.values("customer"))
    return untold(version).filter(pk__in=came_back)


def _held(version: PolicyVersion, counts: Counts, now: datetime) -> int:
    if version.effective_at is None:
        return 0
    in_time = told_before(max(now, version.effective_at), policy_zone())
    bound = counts.told_before(in_time)
    begins = max((each for each in counts.told if each < in_time), default=in_time)
    if begins + quarter() > in_time:
        # Around a change of the clocks the instant may lie within a quarter that is counted.
        told: Any = with_told_at(affected_by(version), version)
        bound += told.filter(told_at__gte=begins, told_at__lt=in_time).count()
    return counts.affected - bound


def _earliest_lawful_date(version: PolicyVersion, counts: Counts, now: datetime) -> datetime | None:
    if version.effective_at is None:
        return None
    zone = policy_zone()
    if counts.told_in_all < counts.affected:
        return max(version.effective_at, earliest_effective(now, zone))
    if counts.last_told is None:
        return version.effective_at
    free = earliest_effective(counts.last_told, zone)
    if free != earliest_effective(counts.last_told + quarter() - CLOCK_TICK, zone):
        # Around a change of the clocks it depends on the minute.
        first_proofs = with_told_at(affected_by(version), version)
        free = earliest_effective(first_proofs.aggregate(last=Max("told_at"))["last"], zone)
    return max(version.effective_at, free)
