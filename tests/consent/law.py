"""The promises of change, written down a second time: slowly, in plain Python, over plain lists.

Nothing here knows how the gate does it. The property test lets both judge the same history.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

THIRTY_DAYS_IN_HOURS = timedelta(hours=720)


@dataclass
class Version:
    """A version that was published, with the basis of each use it declares."""

    number: int
    uses: Mapping[str, str]
    effective_at: datetime
    rounds: int = 1
    withdrawn: bool = False


@dataclass(frozen=True)
class Person:
    """A customer."""

    name: str
    joined_at: datetime
    status: str = "active"


@dataclass
class Told:
    """That somebody was told of a version in one of its rounds, unless it was taken back."""

    person: Person
    version: Version
    in_round: int
    at: datetime
    taken_back: bool = False


@dataclass(frozen=True)
class Said:
    """That somebody said yes or no to a use, reading the words of a version."""

    person: Person
    use: str
    under: Version
    yes: bool


@dataclass
class History:
    """All that happened, in the order in which it happened."""

    zone: ZoneInfo
    versions: list[Version] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)

    def permits(self, person: Person, use: str, now: datetime) -> bool:
        """Return whether we may use this person's information so, by the words of the promises."""
        policy = self._policy_in_force(now)
        if person.status == "closed" or policy is None or use not in policy.uses:
            return False
        if policy.uses[use] == "essential":
            return True
        if person.status == "closing":
            return False
        answers = self.answers(person, use)
        if policy.uses[use] == "opt-out":
            return not answers or answers[-1].yes
        announcement = self._announcement(policy, use)
        return self._said_yes_since(announcement, answers) and self._is_bound(
            person, announcement, now
        )

    def answers(self, person: Person, use: str) -> list[Said]:
        """Return what this person said to this use, the last word last."""
        return [said for said in self.said if said.person is person and said.use == use]

    def published(self) -> list[Version]:
        """Return the versions that were not withdrawn, the newest last."""
        return [version for version in self.versions if not version.withdrawn]

    def _policy_in_force(self, now: datetime) -> Version | None:
        effective = [version for version in self.published() if version.effective_at <= now]
        return effective[-1] if effective else None

    def _announcement(self, policy: Version, use: str) -> Version:
        """The version since which the use has been declared without a gap."""
        versions = self.published()
        place = versions.index(policy)
        while place and use in versions[place - 1].uses:
            place -= 1
        return versions[place]

    def _said_yes_since(self, announcement: Version, answers: list[Said]) -> bool:
        """Whether, after the last no, there is a yes to this announcement or a later one."""
        valid = False
        for answer in answers:
            if not answer.yes:
                valid = False
            elif answer.under.number >= announcement.number:
                valid = True
        return valid

    def _is_bound(self, person: Person, announcement: Version, now: datetime) -> bool:
        is_first = announcement is self.published()[0]
        if is_first or person.joined_at >= announcement.effective_at:
            return True
        standing = [
            told.at
            for told in self.told
            if told.person is person
            and told.version is announcement
            and told.in_round == announcement.rounds
            and not told.taken_back
        ]
        return bool(standing) and self._had_thirty_full_days(min(standing), now)

    def _had_thirty_full_days(self, told_at: datetime, now: datetime) -> bool:
        day_of_notice = told_at.astimezone(self.zone).date()
        today = now.astimezone(self.zone).date()
        days_between = (today - day_of_notice).days - 1
        return days_between >= 30 and now - told_at >= THIRTY_DAYS_IN_HOURS
