"""What the public is told of disclosures: counts of a year, small numbers masked (DISC-2)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from django.core.cache import cache
from django.db.models import Count
from django.db.models.functions import ExtractYear
from django.utils.translation import gettext as _

from consent.calendar import policy_day, policy_zone
from consent.grounds import BY_ANNOUNCEMENT, BY_STAFF, BY_THE_PORTAL, LegalGround
from consent.models import Disclosure, Recipient

# A number below this might say something about somebody.
SMALLEST_SHOWN = 10
KEPT_SECONDS = 60 * 60
WIDEST = 100
MASKED_WIDTH = 6


@dataclass(frozen=True)
class Counted:
    """How often something was disclosed on one ground to one kind of recipient."""

    ground: LegalGround
    kind: Recipient.Kind | None
    number: int
    most: int

    @property
    def is_masked(self) -> bool:
        return 0 < self.number < SMALLEST_SHOWN

    @property
    def shown(self) -> str:
        """The number as the public reads it."""
        if self.is_masked:
            return _("fewer than %(number)d") % {"number": SMALLEST_SHOWN}
        return str(self.number) if self.number else _("none")

    @property
    def width(self) -> int:
        """How wide its bar is, of a hundred. All masked numbers have the same short bar."""
        if self.is_masked:
            return MASKED_WIDTH
        return max(MASKED_WIDTH, round(WIDEST * self.number / self.most)) if self.number else 0

    @property
    def kind_label(self) -> str:
        return str(self.kind.label) if self.kind else ""


@dataclass(frozen=True)
class Year:
    """The counts of a year: for law and harm, for purchases and choices, and for transfers."""

    year: int
    is_over: bool
    by_staff: list[Counted]
    by_the_portal: list[Counted]
    by_transfer: list[Counted]


def yearly_counts(now: datetime) -> list[Year]:
    """Return the counts of every year in which there was anything, the newest first.

    The year of now is always there. At most one query, and none while the last answer is fresh.
    """
    counted: list[tuple[int, str, str, int]] | None = cache.get("transparency")
    if counted is None:
        counted = list(_counted())
        cache.set("transparency", counted, KEPT_SECONDS)
    this_year = policy_day(now).year
    years = {this_year, *(row[0] for row in counted)}
    return [
        _year(year, [row for row in counted if row[0] == year], is_over=year < this_year)
        for year in sorted(years, reverse=True)
    ]


def as_rows(years: Iterable[Year]) -> Iterator[tuple[Any, ...]]:
    """Yield the counts as rows of a table, with the names of the columns first."""
    yield ("year", "ground", "ground_in_words", "recipients", "disclosures")
    for year in years:
        for count in (*year.by_staff, *year.by_the_portal, *year.by_transfer):
            kind = count.kind.value if count.kind else ""
            number = f"<{SMALLEST_SHOWN}" if count.is_masked else count.number
            yield (year.year, count.ground.value, count.ground.label, kind, number)


def _counted() -> Iterator[tuple[int, str, str, int]]:
    year = ExtractYear("recorded_at", tzinfo=policy_zone())
    rows = (
        Disclosure.objects.annotate(year=year)
        .order_by()
        .values_list("year", "ground", "recipient__kind")
    )
    yield from rows.annotate(number=Count("pk"))


def _year(year: int, rows: list[tuple[int, str, str, int]], *, is_over: bool) -> Year:
    by_ground = {
        LegalGround(ground): list(found)
        for ground, found in groupby(sorted(rows), key=lambda row: row[1])
    }
    counts = [_counts(grounds, by_ground) for grounds in (BY_STAFF, BY_THE_PORTAL, BY_ANNOUNCEMENT)]
    return Year(year, is_over, *counts)


def _counts(
    grounds: Iterable[LegalGround], by_ground: dict[LegalGround, list[tuple[int, str, str, int]]]
) -> list[Counted]:
    """The counts on these grounds; one on which nothing was disclosed is said, too."""
    most = max((row[3] for ground in grounds for row in by_ground.get(ground, [])), default=0)
    return [
        Counted(ground, Recipient.Kind(kind) if kind else None, number, most)
        for ground in grounds
        for _year, _ground, kind, number in by_ground.get(ground, [(0, "", "", 0)])
    ]
