"""What makes a password good: that it is long, and that nobody guesses it.

Any character may stand in it, none must, and it never grows too old. A list of breached
passwords may be kept on this machine (BREACHED_PASSWORDS); no password is asked of anybody else.
"""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.blocklist import COMPANY, PHRASES, RUNS, WORDS
from accounts.models import Customer, User

SHORTEST, LONGEST = 15, 128
# What must be left of a password once all is taken away that a guesser tries first.
ENOUGH, ENOUGH_DIFFERENT = 6, 4
SHORTEST_RUN = 4
SHORTEST_NAME = 3
AS_LETTERS = str.maketrans("013457@$!|", "oleastasii")
YEAR = re.compile(r"(?:19|20)\d\d")
NEITHER = re.compile(r"[\s!-/:-@\[-`{-~]+")
SAME_AGAIN = re.compile(r"(.)\1+")


class LengthValidator:
    """At most as long as the form takes."""

    def validate(self, password: str, user: User | None = None) -> None:
        if len(password) > LONGEST:
            raise ValidationError(
                _("This password is too long. It may have %(most)s characters.")
                % {"most": LONGEST},
                code="password_too_long",
            )

    def get_help_text(self) -> str:
        return _("It may have up to %(most)s characters, of any kind.") % {"most": LONGEST}


class BlocklistValidator:
    """Nothing that is guessed first: repetitions, rows of keys, our words, your own names."""

    def validate(self, password: str, user: User | None = None) -> None:
        if is_repetition(password):
            raise ValidationError(
                _("This repeats itself. Take words that have nothing to do with each other."),
                code="password_repeated",
            )
        if not is_enough(remainder(password)):
            raise ValidationError(
                _("This is one of the first things a stranger would try. Take other words."),
                code="password_too_common",
            )
        if user:
            refuse_names(password, _known_of(user))

    def get_help_text(self) -> str:
        return _("Several words that have nothing to do with each other are best.")


class BreachValidator:
    """Nothing that stands in the list of breached passwords, where there is one."""

    def validate(self, password: str, user: User | None = None) -> None:
        if settings.BREACHED_PASSWORDS and is_breached(password, Path(settings.BREACHED_PASSWORDS)):
            raise ValidationError(
                _("This password was stolen somewhere else and is in the lists of thieves."),
                code="password_breached",
            )

    def get_help_text(self) -> str:
        return _("We check it here and ask nobody else about it.")


def refuse_names(password: str, known: str) -> None:
    """Refuse a password of little more than the words of somebody's name and address."""
    words = NEITHER.split(_folded(known))
    names = [word for word in words if len(word) >= SHORTEST_NAME]
    if not is_enough(remainder(password, names)):
        raise ValidationError(
            _("This is too much like your name or your e-mail address."),
            code="password_too_similar",
        )


def is_repetition(password: str) -> bool:
    """Return whether a password is a shorter text written several times, or nearly so."""
    text = _folded(password)
    half = len(text) // 2
    return any(text[period:] == text[:-period] for period in range(1, half + 1))


def remainder(password: str, names: Iterable[str] = ()) -> str:
    """Return what is left of a password without runs, years, common words and these names."""
    text = YEAR.sub("", _runs().sub("", _folded(password)))
    text = NEITHER.sub("", text.translate(AS_LETTERS))
    for name in sorted(names, key=len, reverse=True):
        text = text.replace(name.translate(AS_LETTERS), "")
    return SAME_AGAIN.sub(r"\1", _common().sub("", text))


def is_enough(text: str) -> bool:
    return len(text) >= ENOUGH and len(set(text)) >= ENOUGH_DIFFERENT


def is_breached(password: str, path: Path) -> bool:
    """Return whether the password's SHA-1 stands in a file of them, sorted, one a line.

    Such a file is what Have I Been Pwned hands out, ordered by hash. It is searched where it
    lies, by halves: it may be larger than the memory of the machine.
    """
    wanted = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper().encode()
    with path.open("rb") as lines:
        low, high = 0, lines.seek(0, os.SEEK_END)
        while low < high:
            middle = (low + high) // 2
            lines.seek(middle)
            if middle:
                lines.readline()
            found = lines.readline()[: len(wanted)].upper()
            if found == wanted:
                return True
            if found and found < wanted:
                low = middle + 1
            else:
                high = middle
        lines.seek(0)
        return lines.readline()[: len(wanted)].upper() == wanted


def _known_of(user: User) -> str:
    customer = Customer.objects.filter(user=user).first() if user.pk else None
    return f"{user.email} {customer.name if customer else ''}"


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


@lru_cache(maxsize=1)
def _common() -> re.Pattern[str]:
    words = sorted({*COMPANY, *WORDS, *PHRASES}, key=len, reverse=True)
    return re.compile("|".join(words))


@lru_cache(maxsize=1)
def _runs() -> re.Pattern[str]:
    """Return what finds every run of keys, forwards and backwards, the longest first."""
    rows = [row[::step] for row in RUNS for step in (1, -1)]
    runs = {
        row[start : start + length]
        for row in rows
        for length in range(SHORTEST_RUN, len(row) + 1)
        for start in range(len(row) - length + 1)
    }
    return re.compile("|".join(sorted(runs, key=len, reverse=True)))
