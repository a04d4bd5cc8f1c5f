"""Days and times as readers of a language write them: what Django's `date` filter says, sooner.

Django takes a format apart, and asks for the name of a month, whenever it writes one. Here each
part of a day, and of a minute of the clock, is written once for a language.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from functools import lru_cache

from django.utils.dateformat import DateFormat, re_escaped, re_formatchars
from django.utils.formats import get_format
from django.utils.translation import get_language

# The letters of Django's formats that say something of the day, and of the minute.
OF_THE_DAY = frozenset("bdDEFjlLmMnNotSwWyYz")
OF_THE_MINUTE = frozenset("aAfgGhHiP")
DAYS_KEPT, MINUTES_KEPT = 4096, 24 * 60 * 4


def written(moment: date, form: str) -> str:
    """Return a day or a moment by the name of a format. A moment is in the zone that is meant."""
    language = get_language()
    return "".join(
        _letter(moment, part, language) if is_letter else part
        for is_letter, part in _parts(str(get_format(form)))
    )


def _letter(moment: date, letter: str, language: str | None) -> str:
    if letter in OF_THE_DAY:
        return _of_the_day(letter, date(moment.year, moment.month, moment.day), language)
    if letter in OF_THE_MINUTE and isinstance(moment, datetime):
        return _of_the_minute(letter, moment.hour, moment.minute, language)
    return str(getattr(DateFormat(moment), letter)())


@lru_cache(maxsize=DAYS_KEPT)
def _of_the_day(letter: str, day: date, _language: str | None) -> str:
    return str(getattr(DateFormat(day), letter)())


@lru_cache(maxsize=MINUTES_KEPT)
def _of_the_minute(letter: str, hour: int, minute: int, _language: str | None) -> str:
    moment = datetime.combine(date.min, time(hour, minute), tzinfo=UTC)
    return str(getattr(DateFormat(moment), letter)())


@lru_cache(maxsize=64)
def _parts(form: str) -> tuple[tuple[bool, str], ...]:
    """A format as its letters, each by itself, and the text between them."""
    pieces = enumerate(re_formatchars.split(form))
    return tuple(
        (bool(place % 2), piece if place % 2 else re_escaped.sub(r"\1", piece))
        for place, piece in pieces
        if piece
    )
