"""By what a customer is found: digests of what is sealed, and names as they are typed.

These columns are computed from others whenever a row is saved, so that no two writers can
disagree about them, and each is found through an index, however many customers there are.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

import phonenumbers
from django.db import models
from django.db.models.lookups import StartsWith

from bizsecure.core.keyring import digest

# Whoever types no country code means this country.
HOME = "US"
NUMBER = re.compile(r"BZ-[0-9A-Z]{1,13}", re.IGNORECASE)
LONGEST_NAME = 200
AFTER_EVERY_LETTER = "\U0010ffff"


def telephone_digest(telephone: str) -> str | None:
    """Return the keyed digest of a number, however it is written; None for what is no number."""
    try:
        number = phonenumbers.parse(telephone, HOME)
    except phonenumbers.NumberParseException:
        return None
    written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return digest("telephone", written)


def folded(name: str) -> str:
    """Return a name without what people leave out when they type it: capitals and accents."""
    apart = unicodedata.normalize("NFKD", name.replace(",", " ")).casefold()
    bare = "".join(each for each in apart if not unicodedata.combining(each))
    return " ".join(bare.split())[:LONGEST_NAME]


def turned(name: str) -> str:
    """Return a folded name with its last word first, as it stands in a directory."""
    first, _space, last = folded(name).rpartition(" ")
    return f"{last} {first}".strip()


class DerivedField(models.CharField):  # type: ignore[type-arg]
    """Text that another column of the row gives, or NULL where there is nothing to give."""

    of = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        usual = {"null": True, "editable": False, "db_index": True}
        super().__init__(*args, **{**usual, **kwargs})

    def derived(self, value: str) -> str | None:
        """Return what this column holds for a value of the other."""
        raise NotImplementedError

    def pre_save(self, model_instance: models.Model, add: bool) -> str | None:  # noqa: FBT001  as Django calls it
        value = getattr(model_instance, self.of)
        derived = (self.derived(value) or None) if value else None
        setattr(model_instance, self.attname, derived)
        return derived


class TelephoneDigest(DerivedField):
    """The digest of the telephone number, which itself is sealed (SEC-1)."""

    of = "telephone"

    def derived(self, value: str) -> str | None:
        return telephone_digest(value)


class FoldedName(DerivedField):
    """The name as it is looked for."""

    of = "name"

    def derived(self, value: str) -> str | None:
        return folded(value)


class TurnedName(FoldedName):
    """The name as it is looked for by who knows the last word of it."""

    def derived(self, value: str) -> str | None:
        return turned(value)


@FoldedName.register_lookup
class Begins(StartsWith):
    """Whether a folded name begins so. Found through the index on both databases."""

    lookup_name = "begins"

    def get_rhs_op(self, connection: Any, rhs: str) -> str:
        """Compare as `startswith` does, but on the bare column, which has the index."""
        return str(connection.operators["startswith"] % rhs)

    def as_sqlite(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        """SQLite's LIKE looks at every row; a range does not."""
        column, parameters = self.process_lhs(compiler, connection)
        beginning = str(self.rhs)
        range_of_it = [beginning, beginning + AFTER_EVERY_LETTER]
        sql = f"({column} >= %s AND {column} < %s)"
        return sql, [*parameters, range_of_it[0], *parameters, range_of_it[1]]
