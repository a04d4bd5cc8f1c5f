"""The account log: everything that happened to a customer's account, from all rooms (DATA-2).

A room enters what it keeps into this register when it starts (`AppConfig.ready`). A source
says which rows of its tables are entries, and makes entries of rows. One query finds the places of
the newest rows of all sources, and only those that have any among them are asked for entries. Pages
are found by the place of their first entry, so a page costs the same number of queries wherever it
is and however many entries there are. The statements are written once a process
(bizsecure.core.prepared), for a customer who stands for all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, cast

from django.contrib.auth.models import Group
from django.db import connection, models
from django.db.models import Q, Value
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.actors import ActorKind
from accounts.asked_often import MOST_STATEMENTS, SOMEBODY
from accounts.roles import Role
from bizsecure.core.prepared import A_KEY, SOME_KEYS, Statement, fetch

if TYPE_CHECKING:
    from accounts.models import Customer

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
READ_AT_ONCE = 1000
MOMENT = Value(None, output_field=models.DateTimeField())


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
    gives. `as_of` is what the source said of this moment.
    """

    place: Place | None = None
    since: datetime | None = None
    kinds: frozenset[LogKind] = frozenset()
    source: str = ""
    as_of: Hashable = None

    def newest(self, rows: models.QuerySet[Any], number: int) -> models.QuerySet[Any]:
        """Return the newest `number` of these rows that are wanted."""
        if self.since:
            rows = rows.filter(recorded_at__gte=self.since)
        if self.place:
            same_instant = self.source <= self.place.source
            rows = rows.filter(**{f"recorded_at__{'lte' if same_instant else 'lt'}": self.place.at})
            if self.source == self.place.source:
                rows = rows.exclude(Q(recorded_at=self.place.at, pk__gte=self.place.row))
        return rows.order_by("-recorded_at", "-pk")[:number]

    def wants(self, kind: LogKind) -> bool:
        return not self.kinds or kind in self.kinds

    def wherever(self) -> Before:
        """Return the same without a place and a time, as what is wanted of many pages."""
        return replace(self, place=None, since=None)


def _whenever(_now: datetime) -> Hashable:
    """What most sources say of a moment: their rows are the same at any."""
    return None


@dataclass(frozen=True)
class LogSource:
    """What one ledger gives to the log.

    `rows(customer, wanted)` are all rows that are entries of a wanted kind, whatever their place,
    with `recorded_at` for their time. It asks by the key of the customer alone and reads no clock,
    since its statement is kept: what depends on the day is told by `as_of` and comes in `wanted`.
    `entries(customer, rows)` makes entries of some of them, in the same order and in a number of
    queries that does not depend on theirs.
    """

    key: str
    kinds: frozenset[LogKind]
    rows: Callable[[Customer, Before], models.QuerySet[Any]]
    entries: Callable[[Customer, Sequence[Any]], Iterable[LogEntry]]
    as_of: Callable[[datetime], Hashable] = _whenever


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
    now = timezone.now()
    wanted = Before(place=before, since=since, kinds=frozenset(kinds))
    asked = tuple(
        replace(wanted, source=each.key, as_of=each.as_of(now))
        for each in sources()
        if not wanted.kinds or wanted.kinds & each.kinds
    )
    places = _newest_places(customer, asked, number + 1)
    entries = [entry for each in asked for entry in _of_source(customer, each, places[:number])]
    entries.sort(key=lambda entry: entry.place, reverse=True)
    older = places[number - 1] if len(places) > number else None
    return LogPage(_with_roles(entries), older)


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


def _newest_places(customer: Customer, asked: tuple[Before, ...], number: int) -> list[Place]:
    """Return the places of the newest rows of all these sources, in one query."""
    if not asked:
        return []
    # A place and a time come from the reader, and hardly ever again.
    often = all(each == each.wherever() for each in asked)
    write = _written_once if often else _written
    statement, parameters, whose = write(asked, number)
    filled = list(parameters)
    for place in whose:
        filled[place] = customer.pk
    found = [(_moment(at), source, row) for at, row, source in fetch(statement, filled)]
    # As they are: places compare themselves more slowly.
    return [Place(*each) for each in sorted(found, reverse=True)[:number]]


def _written(asked: tuple[Before, ...], number: int) -> tuple[str, list[Any], list[int]]:
    """Return the statement that finds places, its parameters, and which of them is the customer."""
    parts: list[str] = []
    parameters: list[Any] = []
    for wanted in asked:
        rows = _sources[wanted.source].rows(SOMEBODY, wanted)
        newest = wanted.newest(rows, number)
        part = Statement(newest.values_list("recorded_at", "pk"), customer=A_KEY)
        # Django puts no query with a LIMIT into a union on SQLite, which takes one in brackets.
        # What Django wrote, and a key of ours, which has letters, digits and hyphens alone.
        parts.append(f"SELECT newest.*, '{wanted.source}' FROM ({part.sql}) AS newest")  # noqa: S608
        parameters += part.parameters
    whose = [place for place, value in enumerate(parameters) if value == A_KEY]
    return " UNION ALL ".join(parts), parameters, whose


_written_once = lru_cache(maxsize=MOST_STATEMENTS)(_written)


def _moment(stored: Any) -> datetime:
    """A moment as the database gives it to whoever asks in SQL, as Django reads it."""
    for convert in connection.ops.get_db_converters(MOMENT):
        stored = convert(stored, MOMENT, connection)
    return cast("datetime", stored)


def _of_source(customer: Customer, wanted: Before, places: Sequence[Place]) -> list[LogEntry]:
    """Return the entries at those of these places that are of this source."""
    keys = [place.row for place in places if place.source == wanted.source]
    if not keys:
        return []
    rows = _rows_at(wanted.wherever()).ask(customer=customer.pk, rows=keys)
    entries = _sources[wanted.source].entries(customer, rows)
    return [replace(entry, source=wanted.source) for entry in entries]


@lru_cache(maxsize=MOST_STATEMENTS)
def _rows_at(wanted: Before) -> Statement[Any]:
    """Return the statement that reads the rows of a source by their keys."""
    rows = _sources[wanted.source].rows(SOMEBODY, wanted).filter(pk__among=SOME_KEYS)
    return Statement(rows.order_by("-recorded_at", "-pk"), customer=A_KEY, rows=SOME_KEYS)


def named(actor_kind: str, role: str) -> str:
    """Return how a reader is told who did something. Staff are named by their role."""
    if actor_kind == ActorKind.STAFF and role:
        return _("our staff (%s)") % (Role(role).label if role in Role.values else role)
    return str(ActorKind(actor_kind).label)


def roles_of(staff: Collection[int | None]) -> dict[int | None, str]:
    """Return the role of each of these members of staff."""
    known = [key for key in staff if key is not None]
    return dict(_roles().ask(staff=known)) if known else {}


@cache
def _roles() -> Statement[tuple[int, str]]:
    groups = Group.objects.filter(user__among=SOME_KEYS).order_by("-name")
    return Statement(groups.values_list("user", "name"), staff=SOME_KEYS)


def _with_roles(entries: list[LogEntry]) -> list[LogEntry]:
    roles = roles_of({each.actor_user_id for each in entries if each.actor_kind == ActorKind.STAFF})
    if not roles:
        return entries
    return [replace(entry, role=roles.get(entry.actor_user_id, "")) for entry in entries]
