"""What the public is told of disclosures: counts of a year, small numbers masked (DISC-2).

Rooms above this one add chapters of their own when they start, such as what was done about
conduct (DISC-3).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from django.core.cache import cache
from django.db.models import Count, TextChoices
from django.db.models.functions import ExtractYear
from django.utils.translation import gettext as _

from consent.calendar import policy_day, policy_zone
from consent.grounds import BY_ANNOUNCEMENT, BY_STAFF, BY_THE_PORTAL
from consent.models import Disclosure, Recipient

# A number below this might say something about somebody.
SMALLEST_SHOWN = 10
KEPT_SECONDS = 60 * 60
WIDEST = 100
MASKED_WIDTH = 6
# Of a year, a ground and a kind: how often.
Row = tuple[int, str, str, int]


@dataclass(frozen=True)
class Chapter:
    """What another room counts: by year, ground and kind, from closed lists.

    `column` is the heading of the kinds.
    """

    key: str
    title: Any
    column: Any
    grounds: type[TextChoices]
    kinds: type[TextChoices]
    rows: Callable[[], Iterable[Row]]


_chapters: dict[str, Chapter] = {}


def add_chapter(chapter: Chapter) -> None:
    """Add a chapter to the report; called while the site starts."""
    _chapters[chapter.key] = chapter


@dataclass(frozen=True)
class Counted:
    """How often something was disclosed on one ground to one kind of recipient.

    In a chapter of another room: how often something of a kind was done on one ground.
    """

    ground: TextChoices
    kind: TextChoices | None
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
    chapters: list[tuple[Chapter, list[Counted]]]


def yearly_counts(now: datetime) -> list[Year]:
    """Return the counts of every year in which there was anything, the newest first.

    The year of now is always there. At most one query a chapter, and none while the last answer
    is fresh.
    """
    counted: dict[str, list[Row]] | None = cache.get("transparency")
    if counted is None:
        counted = {"": list(_counted())}
        counted |= {key: list(chapter.rows()) for key, chapter in _chapters.items()}
        cache.set("transparency", counted, KEPT_SECONDS)
    this_year = policy_day(now).year
    years = {this_year, *(row[0] for rows in counted.values() for row in rows)}
    return [
        _year(
            year,
            {key: [row for row in rows if row[0] == year] for key, rows in counted.items()},
            is_over=year < this_year,
        )
        for year in sorted(years, reverse=True)
    ]


def as_rows(years: Iterable[Year]) -> Iterator[tuple[Any, ...]]:
    """Yield the counts as rows of a table, with the names of the columns first."""
    yield ("year", "ground", "ground_in_words", "recipients", "disclosures", "chapter")
    for year in years:
        disclosed = [*year.by_staff, *year.by_the_portal, *year.by_transfer]
        chapters = [("disclosures", disclosed)]
        chapters += [(chapter.key, counts) for chapter, counts in year.chapters]
        for key, counts in chapters:
            for count in counts:
                kind = count.kind.value if count.kind else ""
                number = f"<{SMALLEST_SHOWN}" if count.is_masked else count.number
                yield (year.year, count.ground.value, count.ground.label, kind, number, key)


def _counted() -> Iterator[Row]:
    year = ExtractYear("recorded_at", tzinfo=policy_zone())
    rows = (
        Disclosure.objects.annotate(year=year)
        .order_by()
        .values_list("year", "ground", "recipient__kind")
    )
    yield from rows.annotate(number=Count("pk"))


def _year(year: int, rows: dict[str, list[Row]], *, is_over: bool) -> Year:
    by_staff, by_the_portal, by_transfer = (
        _counts(grounds, Recipient.Kind, rows[""])
        for grounds in (BY_STAFF, BY_THE_PORTAL, BY_ANNOUNCEMENT)
    )
    chapters = [
        (chapter, _counts(list(chapter.grounds), chapter.kinds, rows.get(key, [])))
        for key, chapter in _chapters.items()
    ]
    return Year(year, is_over, by_staff, by_the_portal, by_transfer, chapters)


def _counts(
    grounds: Iterable[TextChoices], kinds: type[TextChoices], rows: list[Row]
) -> list[Counted]:
    """The counts on these grounds; one on which nothing was done is said, too."""
    by_ground = {
        ground: list(found) for ground, found in groupby(sorted(rows), key=lambda row: row[1])
    }
    most = max((row[3] for ground in grounds for row in by_ground.get(ground.value, [])), default=0)
    return [
        Counted(ground, kinds(kind) if kind else None, number, most)
        for ground in grounds
        for _year, _ground, kind, number in by_ground.get(ground.value, [(0, "", "", 0)])
    ]
