"""The versions that were posted, as they stand for one customer: one query, however many there are.

What a posted version says and declares never changes; the database itself refuses it. So its words
and uses are read once a process, under a key that comes from the database with every question:
nothing older than the answer is ever shown. Date, round and status may change, and a translation
may be added; these are read each time, and so is everything about the customer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar

from django.conf import settings
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.base import Model, ModelState
from django.db.models.functions import Coalesce
from django.utils.translation import get_language

from accounts.asked_often import asked_often
from accounts.models import Customer
from bizsecure.core.prepared import SOME_KEYS, Statement
from consent.models import DeclaredUse, Notice, PolicyVersion, VersionTranslation

MOST_KEPT = 256

Row = TypeVar("Row", bound=Model)


class Fixed(NamedTuple):
    """Which words and uses are meant: they are the same for as long as this is."""

    pk: int
    text_hash: str
    published_at: datetime
    translations: int


@dataclass(frozen=True)
class Standing:
    """A posted version, and when the customer was first told of it in its current round."""

    version: PolicyVersion
    fixed: Fixed
    told_at: datetime | None
    shown_at: datetime | None


class Posted:
    """Every version that was posted, by its key, the oldest number first."""

    def __init__(self, rows: Sequence[tuple[Any, ...]]) -> None:
        self.standing: dict[int, Standing] = {}
        for row in rows:
            fixed = Fixed(*row[:4])
            version = _copied(_whole(fixed).version)
            version.status, version.round, version.effective_at, version.withdrawn_at = row[4:8]
            self.standing[version.pk] = Standing(version, fixed, *row[8:])
        for each in self.standing.values():
            base = each.version.base_id
            each.version.base = self.standing[base].version if base else None

    @property
    def versions(self) -> list[PolicyVersion]:
        return [each.version for each in self.standing.values()]

    def published(self, slug: str) -> list[PolicyVersion]:
        """Return those of a policy that were not withdrawn."""
        return [
            version
            for version in self.versions
            if version.slug == slug and version.status == PolicyVersion.Status.PUBLISHED
        ]

    def in_force(self, slug: str, now: datetime) -> PolicyVersion | None:
        """Return the newest version of a policy whose date has come."""
        come = [
            each for each in self.published(slug) if each.effective_at and each.effective_at <= now
        ]
        return come[-1] if come else None

    def uses_of(self, version: PolicyVersion, *, new: bool = False) -> list[DeclaredUse]:
        """Return the uses that a version declares, or those that it brings in, in their order."""
        declared = _whole(self.standing[version.pk].fixed).uses
        return [
            self._declared(each, version)
            for each in declared
            if not new or each.introduced_by_id == version.pk
        ]

    def _declared(self, declared: DeclaredUse, version: PolicyVersion) -> DeclaredUse:
        mine = _copied(declared)
        mine.version = version
        introduced = mine.introduced_by_id
        mine.introduced_by = self.standing[introduced].version if introduced else None
        return mine


def posted_for(customer: Customer) -> Posted:
    """Return what was posted, with when this customer was first told of each."""
    return Posted(_posted(customer))


def questions_of(versions: Sequence[int]) -> dict[tuple[int, int], str]:
    """Return what these versions ask about each of their uses, by the keys of version and use.

    In the language of whoever reads it now.
    """
    wholes = [_whole(Fixed(*row)) for row in _fixed().ask(versions=sorted(set(versions)))]
    language = get_language()
    return {
        (whole.version.pk, declared.use_id): declared.posted_words[language].question
        for whole in wholes
        for declared in whole.uses
        if declared.posted_words
    }


def forget() -> None:
    """Read every version anew, for whoever gives versions the keys of others."""
    _whole.cache_clear()


def _copied(row: Row) -> Row:
    """Return a row of its own, as `copy` does, which first takes rows apart as if to be sent."""
    mine = row.__class__.__new__(row.__class__)
    mine.__dict__.update(row.__dict__)
    mine._state = ModelState()
    mine._state.db, mine._state.adding = row._state.db, row._state.adding
    mine._state.fields_cache = row._state.fields_cache.copy()
    return mine


class _Whole(NamedTuple):
    version: PolicyVersion
    uses: tuple[DeclaredUse, ...]


@lru_cache(maxsize=MOST_KEPT)
def _whole(fixed: Fixed) -> _Whole:
    """Read a version, its translations and its uses. Nobody may change what is kept here."""
    version = PolicyVersion.objects.get(pk=fixed.pk)
    # Read now, and not by each reader.
    version.words_in("")
    uses = list(version.declared_uses.select_related("use").order_by("position"))
    languages = [None, *(code for code, _name in settings.LANGUAGES)]
    for declared in uses:
        declared.version = version
        declared.posted_words = {each: declared.words_in(each) for each in languages}
    return _Whole(version, tuple(uses))


def _fixed_columns(versions: QuerySet[PolicyVersion]) -> QuerySet[Any, Any]:
    translations = VersionTranslation.objects.filter(version=OuterRef("pk")).order_by()
    number = translations.values("version").annotate(number=Count("pk")).values("number")
    counted = versions.annotate(translated=Coalesce(Subquery(number), 0))
    return counted.values_list("pk", "text_hash", "published_at", "translated")


@lru_cache(maxsize=1)
def _fixed() -> Statement[Any]:
    versions = PolicyVersion.objects.posted().filter(pk__among=SOME_KEYS)
    return Statement(_fixed_columns(versions), versions=SOME_KEYS)


@asked_often
def _posted(customer: Customer) -> QuerySet[Any, Any]:
    # Asked for each version by customer: a join would read the proofs of everybody.
    proofs = Notice.objects.standing().filter(
        customer=customer, version=OuterRef("pk"), round=OuterRef("round")
    )
    first = proofs.order_by("told_at").values("told_at")
    versions = PolicyVersion.objects.posted().order_by("number", "pk")
    told = _fixed_columns(versions).annotate(
        told_at=Subquery(first[:1]),
        shown_at=Subquery(first.filter(channel=Notice.Channel.SHOWN)[:1]),
    )
    rows: QuerySet[Any, Any] = told.values_list(
        *("pk", "text_hash", "published_at", "translated"),
        *("status", "round", "effective_at", "withdrawn_at", "told_at", "shown_at"),
    )
    return rows
