"""Whether a change can bind everyone on its date: what waits, how fast it goes, until when.

Looked at from the first hour on, so that staff learn days before that a date cannot be kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from consent.calendar import policy_zone
from consent.counting import Counts, counts_of, quarter
from consent.deadlines import told_before
from consent.models import PolicyVersion
from notifications.kinds import KindKey
from notifications.models import Campaign, MailTally, OutgoingMail

State = OutgoingMail.State
# The rate is that of the last hour, or since the telling began.
LOOKS_BACK = timedelta(hours=1)
# A telling that has only begun says nothing about its speed yet.
BEGINS_FOR = timedelta(minutes=10)


class Prospect(Enum):
    """How it looks."""

    FINISHED = "finished"
    IN_TIME = "in time"
    TOO_SLOW = "too slow"
    STANDS_STILL = "stands still"
    OUT_OF_REACH = "out of reach of mail"
    MISSED = "missed"


# What staff must do something about.
IN_DANGER = (Prospect.TOO_SLOW, Prospect.STANDS_STILL, Prospect.OUT_OF_REACH, Prospect.MISSED)


@dataclass(frozen=True)
class Forecast:
    """How the telling of a change will go on if it goes on as it does.

    Whoever is told before `tell_by` can be bound on the announced date. `waiting` counts mails
    that are still to be sent, `per_hour` the customers told in an hour.
    """

    now: datetime
    tell_by: datetime
    untold: int
    waiting: int
    per_hour: float
    began_at: datetime | None

    @property
    def done_at(self) -> datetime | None:
        """When the last mail is out at this rate."""
        if not self.waiting or not self.per_hour:
            return None
        # A rate near zero would lead beyond the end of the calendar.
        return self.now + timedelta(hours=min(self.waiting / self.per_hour, 100_000))

    @property
    def prospect(self) -> Prospect:
        if not self.untold:
            return Prospect.FINISHED
        if self.now >= self.tell_by:
            return Prospect.MISSED
        if self.began_at is None or self.now - self.began_at < BEGINS_FOR:
            return Prospect.IN_TIME
        if not self.waiting:
            return Prospect.OUT_OF_REACH
        if self.done_at is None:
            return Prospect.STANDS_STILL
        return Prospect.IN_TIME if self.done_at < self.tell_by else Prospect.TOO_SLOW

    @property
    def is_in_danger(self) -> bool:
        """Whether the date cannot be kept for everyone unless somebody does something."""
        return self.prospect in IN_DANGER

    @property
    def sentence(self) -> str:
        """What staff are told."""
        return {
            Prospect.FINISHED: _("Everyone is told."),
            Prospect.IN_TIME: _("At this rate everyone whom mail reaches is told in time."),
            Prospect.TOO_SLOW: _(
                "At this rate the mails take too long for the announced date: start more workers, "
                "ask whether the mail server holds us back, or choose a later date."
            ),
            Prospect.STANDS_STILL: _(
                "Mails wait, and nobody was told for an hour: look at the workers and the mail "
                "server."
            ),
            Prospect.OUT_OF_REACH: ngettext(
                "No mail reaches %(n)s customer. Write a letter, or the date will not hold for "
                "this customer.",
                "No mail reaches %(n)s customers. Write letters, or the date will not hold for "
                "them.",
                self.untold,
            )
            % {"n": self.untold},
            Prospect.MISSED: _(
                "It is too late for the announced date. Whoever is told now is bound later."
            ),
        }[self.prospect]


def forecast_of(version: PolicyVersion, now: datetime) -> Forecast | None:
    """Return how the telling of a published change goes on; nothing if nobody is to be told."""
    if version.base_id is None or version.effective_at is None:
        return None
    counts = counts_of(version)
    campaigns = Campaign.objects.filter(
        version=version, round=version.round, kind=KindKey.POLICY_NOTICE
    )
    first = campaigns.order_by("created_at").first()
    states = MailTally.objects.filter(campaign__in=campaigns.values("pk")).by_state()
    return Forecast(
        now=now,
        tell_by=told_before(version.effective_at, policy_zone()),
        untold=counts.affected - counts.told_in_all,
        waiting=states[State.QUEUED] + states[State.DEFERRED],
        per_hour=_per_hour(counts, now, first.created_at if first else now),
        began_at=first.created_at if first else None,
    )


def forecast_of_draft(
    version: PolicyVersion, *, affected: int, by_mail: int, now: datetime
) -> Forecast | None:
    """Return how the telling would go if a draft were published now; nothing without a date.

    At the rate of the last telling, in its best quarter of an hour; before the first one at the
    rate that the time for sending (NOTICE_SENDING_HOURS) supposes.
    """
    if version.effective_at is None:
        return None
    return Forecast(
        now=now,
        tell_by=told_before(version.effective_at, policy_zone()),
        untold=affected,
        waiting=by_mail,
        per_hour=_best_rate() or by_mail / settings.NOTICE_SENDING_HOURS,
        began_at=now - BEGINS_FOR,
    )


def _best_rate() -> float:
    """Return the customers told in an hour, as the last telling went when it went best."""
    last = PolicyVersion.objects.changes().order_by("-published_at").first()
    told = counts_of(last).told.values() if last else ()
    return max(told, default=0) * (timedelta(hours=1) / quarter())


def _per_hour(counts: Counts, now: datetime, began_at: datetime) -> float:
    since = now - LOOKS_BACK
    told = sum(people for begins, people in counts.told.items() if since <= begins <= now)
    hours = min(now - began_at, LOOKS_BACK) / timedelta(hours=1)
    return told / max(hours, 1 / 60)
