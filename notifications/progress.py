"""How far a message to many has come, in numbers. A partner gets these and nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Count, Q, Sum
from django.db.models.functions import Coalesce

from notifications.models import Announcement, MailTally, OutgoingMail, Telling, TellingTally

State = OutgoingMail.State


@dataclass(frozen=True)
class Progress:
    """Numbers of mails by state, and of addressees told in each way."""

    mails: int
    waiting: int
    accepted: int
    returned: int
    not_sent: int
    addressed: int
    told: int
    read_here: int
    letters: int

    @property
    def is_finished(self) -> bool:
        return self.waiting == 0

    @property
    def percent(self) -> int:
        """How many are out, rounded down, so that 100 means all."""
        return 100 * (self.mails - self.waiting) // self.mails if self.mails else 100

    @property
    def untold(self) -> int:
        return self.addressed - self.told


@dataclass(frozen=True)
class Miscounted:
    """That a count of mails in a state, or of those who are told, is not what it should be."""

    campaign: int
    state: str
    kept: int
    counted: int


def miscounted_mails() -> Iterator[Miscounted]:
    """Yield each count of mails that is wrong. What was forgotten or erased stays counted."""
    campaign = Coalesce("campaign", 0)
    counted = OutgoingMail.objects.order_by().values_list(campaign, "state").annotate(Count("pk"))
    there = {(key, state): number for key, state, number in counted}
    sums = MailTally.objects.order_by().values_list("campaign", "state").annotate(Sum("number"))
    kept = {(key, state): number for key, state, number in sums}
    for key, state in sorted(there.keys() | kept.keys()):
        is_number, should_be = kept.get((key, state), 0), there.get((key, state), 0)
        is_wrong = is_number != should_be if state in OutgoingMail.LIVE else is_number < should_be
        if is_wrong:
            yield Miscounted(key, state, is_number, should_be)


def miscounted_tellings() -> Iterator[Miscounted]:
    """Yield each count of addressees and of those told of an announcement that is wrong."""
    for announcement in Announcement.objects.filter(campaign__isnull=False).order_by("pk"):
        kept, counted = TellingTally.objects.of(announcement), _recounted(announcement)
        for what in sorted(kept.keys() | counted.keys()):
            if kept[what] != counted[what]:
                yield Miscounted(announcement.campaign_id, what, kept[what], counted[what])


def _recounted(announcement: Announcement) -> Counter[str]:
    channel = Telling.Channel
    told = Telling.objects.standing().filter(announcement=announcement)
    found = told.aggregate(
        told=Count("customer", distinct=True),
        shown=Count("customer", distinct=True, filter=Q(channel=channel.SHOWN)),
        letter=Count("customer", distinct=True, filter=Q(channel=channel.LETTER)),
    )
    return Counter({**found, "addressed": announcement.addressees.count()})


def progress_of(announcement: Announcement) -> Progress | None:
    """Return the numbers of a message as they are now; nothing while it is not on its way.

    From counts that the database keeps: no million rows are read.
    """
    if announcement.campaign is None:
        return None
    states = MailTally.objects.of(announcement.campaign).by_state()
    mails = {
        "mails": states.total(),
        "waiting": sum(states[state] for state in OutgoingMail.LIVE),
        "accepted": states[State.ACCEPTED],
        "returned": sum(states[state] for state in OutgoingMail.RETURNED),
        "not_sent": states[State.DROPPED],
    }
    told = TellingTally.objects.of(announcement)
    return Progress(
        **mails,
        addressed=told["addressed"],
        told=told["told"],
        read_here=told["shown"],
        letters=told["letter"],
    )
