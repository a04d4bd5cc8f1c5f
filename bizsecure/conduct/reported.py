"""What this room adds to the transparency report: what was done, on which ground (DISC-3)."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count
from django.db.models.functions import ExtractYear
from django.utils.translation import gettext_lazy as _

from bizsecure.conduct.grounds import Ground, Step
from bizsecure.conduct.models import Decision
from consent.calendar import policy_zone
from consent.transparency import Chapter, Row, add_chapter


def _rows() -> Iterator[Row]:
    year = ExtractYear("recorded_at", tzinfo=policy_zone())
    rows = Decision.objects.annotate(year=year).order_by().values_list("year", "ground", "step")
    yield from rows.annotate(number=Count("pk"))


add_chapter(
    Chapter(
        key="conduct",
        title=_("What we did on the grounds of the acceptable use policy"),
        column=_("What was done"),
        grounds=Ground,
        kinds=Step,
        rows=_rows,
    )
)
