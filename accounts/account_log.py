"""The account log: everything that happened to a customer's account, from all rooms (DATA-2).

A room enters what it keeps into this register when it starts (`AppConfig.ready`). A source
yields its own entries, the newest first; the log merges them. Pages are found by the place of
their first entry, so a page costs the same number of queries wherever it is and however many
entries there are.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from heapq import merge
from itertools import islice
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import Group
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.actors import ActorKind

if TYPE_CHECKING:
    from accounts.models import Customer

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
READ_AT_ONCE = 1000


class LogKind(models.TextChoices):
    """What sort of thing happened: the word that a line of the log begins with."""

    SIGN_IN = "sign-in", gettext_lazy("Sign-in")
    COLLECTED = "in", gettext_lazy("Collected")
    SHARED = "out", gettext_lazy("Shared")
    STAFF = "staff", gettext_lazy("Staff look-up")
    NOTICE = "notice", gettext_lazy("Notice")
    DECIDED = "you", gettext_lazy("You decided")
    ORDER = "order", gettext_lazy("Order")
    ACCOUNT = "account", gettext_lazy("Account")

    @property
    def icon(self) -> str:
        """The glyph's name; the label says the same in words."""
        return ICONS[self]


ICONS = {
    LogKind.SIGN_IN: "key",
    LogKind.COLLECTED: "arrow-down-left",
    LogKind.SHARED: "arrow-up-right",
    LogKind.STAFF: "eye",
    LogKind.NOTICE: "envelope",
    LogKind.DECIDED: "hand-raised",
    LogKind.ORDER: "shopping-bag",
    LogKind.ACCOUNT: "user-circle",
}


@dataclass(frozen=True)
class LogEntry:
    """A line of the log, as a source gives it. `row` is the primary key of its row."""

    kind: LogKind
    at: datetime
    row: int
    text: str
    actor_kind: str = ActorKind.SYSTEM
    actor_user_id: int | None = None
    # Given by the register: which source it is from, and the role of the member of staff.
    source: str = ""
    role: str = ""

    @property
    def label(self) -> str:
        return str(self.kind.label)

    @property
    def icon(self) -> str:
        return self.kind.icon

    @property
    def who(self) -> str:
        """Who did it. Staff are named by their role."""
        return named(self.actor_kind, self.role)

    @property
    def place(self) -> Place:
        return Place(self.at, self.source, self.row)


@dataclass(frozen=True, order=True)
class Place:
    """Where an entry stands in the log. Entries of one instant are told apart by the rest."""

    at: datetime
    source: str = ""
    row: int = 0

    def __str__(self) -> str:
        """How it is written in the address of a page."""
        return f"{(self.at - EPOCH) // MICROSECOND}.{self.source}.{self.row}"

    @classmethod
    def read(cls, written: str) -> Place | None:
        """Return the place that was written so, or nothing for any other text."""
        try:
            moment, source, row = written.split(".")
            place = cls(EPOCH + int(moment) * MICROSECOND, source, int(row))
        except (ValueError, OverflowError):
            return None
        return place if str(place) == written and place.row < 2**63 else None


@dataclass(frozen=True)
class Before:
    """Which entries are wanted from a source: those before a place, of some kinds, since a time.

    A source that gives one kind alone need not look at `kinds`: it is asked only for what it
    gives.
    """

    place: Place | None = None
    since: datetime | None = None
    kinds: frozenset[LogKind] = frozenset()
    source: str = ""

    def newest(
        self, rows: models.QuerySet[Any], number: int, *, at: str = "recorded_at"
    ) -> models.QuerySet[Any]:
        """Return the newest `number` of these rows that are wanted, `at` being their time."""
        if self.since:
            rows = rows.filter(**{f"{at}__gte": self.since})
        if self.place:
            same_instant = self.source <= self.place.source
            rows = rows.filter(**{f"{at}__{'lte' if same_instant else 'lt'}": self.place.at})
            if self.source == self.place.source:
                rows = rows.exclude(Q(**{at: self.place.at}, pk__gte=self.place.row))
        return rows.order_by(f"-{at}", "-pk")[:number]

    def wants(self, kind: LogKind) -> bool:
        return not self.kinds or kind in self.kinds


@dataclass(frozen=True)
class LogSource:
    """What one ledger gives to the log.

    `entries(customer, before, number)` yields at most `number` entries, the newest first, in a
    number of queries that does not depend on theirs; `before.newest` picks the rows.
    """

    key: str
    kinds: frozenset[LogKind]
    entries: Callable[[Customer, Before, int], Iterable[LogEntry]]


@dataclass(frozen=True)
class LogPage:
    """Some entries of the log, and the place before which the older ones begin."""

    entries: list[LogEntry] = field(default_factory=list)
    older: Place | None = None


class RegisteredTwice(Exception):
    """A key that another source has already."""


_sources: dict[str, LogSource] = {}


def register(source: LogSource) -> None:
    """Enter a source into the log; called while the rooms start."""
    if source.key in _sources:
        raise RegisteredTwice(source.key)
    if not source.key.replace("-", "").isalnum():
        raise ValueError(source.key)
    _sources[source.key] = source


def sources() -> tuple[LogSource, ...]:
    """Return all sources, in the order in which the rooms entered them."""
    return tuple(_sources.values())


def kinds_given() -> list[LogKind]:
    """Return the kinds that any source gives, in the order of the vocabulary."""
    given = frozenset().union(*(source.kinds for source in sources()))
    return [kind for kind in LogKind if kind in given]


def entries_of(
    customer: Customer,
    *,
    number: int,
    kinds: Collection[LogKind] = (),
    before: Place | None = None,
    since: datetime | None = None,
) -> LogPage:
    """Return the newest entries of this customer's log before a place, of all kinds or some."""
    wanted = Before(place=before, since=since, kinds=frozenset(kinds))
    lists = [
        _of_source(source, customer, replace(wanted, source=source.key), number + 1)
        for source in sources()
        if not wanted.kinds or wanted.kinds & source.kinds
    ]
    newest = merge(*lists, key=lambda entry: entry.place, reverse=True)
    entries = list(islice(newest, number + 1))
    older = entries[number - 1].place if len(entries) > number else None
    return LogPage(_with_roles(entries[:number]), older)


def every_entry(
    customer: Customer,
    *,
    kinds: Collection[LogKind] = (),
    before: Place | None = None,
    since: datetime | None = None,
) -> Iterator[LogEntry]:
    """Yield the log, the newest entry first, without ever holding more than a part of it."""
    while True:
        page = entries_of(customer, number=READ_AT_ONCE, kinds=kinds, before=before, since=since)
        yield from page.entries
        if page.older is None:
            return
        before = page.older


def _of_source(
    source: LogSource, customer: Customer, wanted: Before, number: int
) -> list[LogEntry]:
    return [replace(entry, source=source.key) for entry in source.entries(customer, wanted, number)]


def named(actor_kind: str, role: str) -> str:
    """Return how a reader is told who did something. Staff are named by their role."""
    if actor_kind == ActorKind.STAFF and role:
        return _("our staff (%s)") % role
    return str(ActorKind(actor_kind).label)


def roles_of(staff: Collection[int | None]) -> dict[int | None, str]:
    """Return the role of each of these members of staff."""
    if not staff:
        return {}
    groups = Group.objects.filter(user__in=staff).order_by("-name").values_list("user", "name")
    return dict(groups)


def _with_roles(entries: list[LogEntry]) -> list[LogEntry]:
    roles = roles_of({each.actor_user_id for each in entries if each.actor_kind == ActorKind.STAFF})
    return [replace(entry, role=roles.get(entry.actor_user_id, "")) for entry in entries]
