"""Changes that wait for a customer to read or decide: the banner, and the page behind it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.urls import reverse

from accounts.models import Customer
from consent.calendar import policy_day, policy_zone
from consent.deadlines import earliest_effective
from consent.models import Choice, DeclaredUse, PolicyVersion
from consent.position import Position
from consent.posted import Standing


@dataclass(frozen=True)
class Change:
    """A change as it stands for one customer.

    `binds_from` is when it may bind this customer: the announced date, or later when the
    thirty days since `told_at` end later. None while the customer is not told.
    """

    version: PolicyVersion
    told_at: datetime | None
    acknowledged: bool
    uses: tuple[DeclaredUse, ...]
    answers: dict[int, Choice]
    looked_at: datetime

    @property
    def binds_from(self) -> datetime | None:
        if self.told_at is None or self.version.effective_at is None:
            return None
        return max(self.version.effective_at, earliest_effective(self.told_at, policy_zone()))

    @property
    def effective_at(self) -> datetime | None:
        """When it may bind this customer; the announced date while the customer is not told."""
        return self.binds_from or self.version.effective_at

    @property
    def effective_on(self) -> date | None:
        """The day of that, in the policy's own calendar."""
        return policy_day(self.effective_at) if self.effective_at else None

    @property
    def days_left(self) -> int:
        """Days until then in the policy's own calendar, as the ruler counts; 0 once it has come."""
        if self.effective_on is None:
            return 0
        return max((self.effective_on - policy_day(self.looked_at)).days, 0)

    @property
    def headline(self) -> str:
        """What changes, in the first sentence of the summary."""
        return next(iter(self.version.words.summary_lines), self.version.words.title)

    @property
    def asks(self) -> bool:
        """Whether there is something to decide."""
        return bool(self.uses)

    @property
    def url(self) -> str:
        return reverse("notice", args=[self.version.number])

    @property
    def is_open(self) -> bool:
        """Whether the customer has neither answered nor put the notice aside.

        An answer is not enough while nothing proves that the customer was told: a mail that
        bounced leaves this page as the way to tell.
        """
        answered = bool(self.uses) and all(use.use_id in self.answers for use in self.uses)
        return not self.acknowledged and not (answered and self.told_at is not None)


def changes_for(customer: Customer) -> list[Change]:
    """Return every published change that concerns this customer, the oldest first.

    Two queries, however many changes there are.
    """
    return changes_at(Position(customer))


def changes_at(position: Position) -> list[Change]:
    """Return the same of a customer whose position is at hand."""
    return [
        _change(position, each)
        for each in position.posted.standing.values()
        if each.version.status == PolicyVersion.Status.PUBLISHED
        and each.version.base_id is not None
        and each.version.effective_at is not None
        and each.version.effective_at > position.customer.joined_at
    ]


def open_changes(customer: Customer) -> list[Change]:
    """Return the changes that the banner shows: neither answered nor put aside."""
    return [change for change in changes_for(customer) if change.is_open]


def _change(position: Position, standing: Standing) -> Change:
    version, latest = standing.version, position.choices
    uses = tuple(position.posted.uses_of(version, new=True))
    # An answer to an older announcement of the same use is no answer to this one.
    answers = {
        row.use_id: latest[row.use_id]
        for row in uses
        if row.use_id in latest and latest[row.use_id].version.number >= version.number
    }
    acknowledged = standing.shown_at is not None
    return Change(version, standing.told_at, acknowledged, uses, answers, position.now)
