"""The words of the site in other languages: what is to be translated, and what is.

`manage.py messages` writes the catalogues with this, and a test compares them with the code.
Nothing but Babel is needed, which comes with the formats of money: no gettext of the system.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import cast

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

ROOMS = ("accounts", "bizsecure", "consent", "notifications", "templates")
# What marks a text as one to be translated, and which argument is what.
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "_t": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
    # A row of the table of promises: each of these is a text of its own.
    "Promise": (2, 3, 4),
}
# Staff pages are in English. They are what lies in a folder of this name, or in a file of it;
# commands are for the operator.
STAFF_PARTS = {"admin", "management"}
STAFF_FILES = {
    "accounts/confidentiality.py",
    "accounts/exchange.py",
    "accounts/services/confiding.py",
    "accounts/services/exchanging.py",
    "accounts/staff_door.py",
    "bizsecure/admin_theme.py",
    "bizsecure/conduct/letter_pages.py",
    "bizsecure/conduct/reasons.py",
    "bizsecure/conduct/staff_forms.py",
    "bizsecure/views/staff_today.py",
    "consent/notes.py",
    "consent/policy_file.py",
    "notifications/forecast.py",
    "notifications/health.py",
    "notifications/models/inbound.py",
}
NEVER = datetime(1970, 1, 1, tzinfo=UTC)
HOLE = re.compile(r"%\(\w+\)[sd]|%%|%[sd]|\{\w*\}|\[\[\w+\]\]")
TAG = re.compile(r"</?[a-zA-Z][^<>]*>")


@dataclass(frozen=True)
class Text:
    """A text as the code has it: with its plural, and a context if the same words mean two."""

    singular: str
    plural: str = ""
    context: str = ""


def is_for_staff(path: Path) -> bool:
    """Whether only staff and operators read what this file says; `path` begins at the root."""
    return bool(STAFF_PARTS & {*path.parts, path.stem}) or path.as_posix() in STAFF_FILES


@cache
def texts(*, for_staff: bool = False) -> Mapping[Text, list[str]]:
    """Return every text that customers and visitors read, or that staff read, with its files.

    Looked up once a process: reading the whole code takes seconds.
    """
    found: dict[Text, list[str]] = {}
    for path in _files():
        if is_for_staff(path) is not for_staff:
            continue
        for text in _texts_of(path):
            files = found.setdefault(text, [])
            if path.as_posix() not in files:
                files.append(path.as_posix())
    return found


def _files() -> Iterator[Path]:
    for room in ROOMS:
        for path in sorted((settings.BASE_DIR / room).rglob("*")):
            is_words = path.suffix in {".py", ".html", ".txt", ".mjml"}
            if is_words and not {"migrations", "static", "locale"} & set(path.parts):
                yield path.relative_to(settings.BASE_DIR)


def _texts_of(path: Path) -> Iterator[Text]:
    source = (settings.BASE_DIR / path).read_text(encoding="utf-8")
    if path.suffix != ".py":
        # Django writes a template down as calls of gettext among letters X.
        lines = templatize(source, origin=str(path)).splitlines()
        source = "\n".join(line.strip() for line in lines)
    for _line, found, _comments, context in extract(
        "python", io.BytesIO(source.encode()), keywords=KEYWORDS
    ):
        match found:
            case str(singular):
                yield Text(singular, context=context or "")
            case (singular, plural):
                yield Text(singular, plural, context or "")
            case _:
                yield from map(Text, found)


def folder_of(language: str) -> Path:
    """Return where the catalogue of a language lies, compiled or not."""
    return Path(settings.LOCALE_PATHS[0]) / language / "LC_MESSAGES"


def read_catalogue(language: str) -> Catalog:
    """Return what is translated into a language so far."""
    path = folder_of(language) / "django.po"
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language, domain="django")


def renewed(catalogue: Catalog) -> Catalog:
    """Return the catalogue with every text of the code, and the translations it had.

    A text that is new, or another one than before, has no translation. What no code says any
    more is gone. Nothing is guessed.
    """
    renewed = Catalog(locale=catalogue.locale, domain="django", fuzzy=False)
    for text, files in texts().items():
        renewed.add(
            (text.singular, text.plural) if text.plural else text.singular,
            _translation(catalogue, text),
            locations=[(file, 0) for file in files],
            context=text.context or None,
        )
    return renewed


def as_po(catalogue: Catalog) -> bytes:
    """Return the catalogue as translators read it: in one order, and without times."""
    file = io.BytesIO()
    write_po(file, catalogue, sort_output=True, omit_header=True, include_lineno=False, width=100)
    return _header(catalogue) + file.getvalue()


def as_mo(catalogue: Catalog) -> bytes:
    """Return the catalogue as Django reads it."""
    plain = read_po(io.BytesIO(as_po(catalogue)), locale=catalogue.locale, domain="django")
    # Babel writes down when; the same texts are to be the same file.
    plain.creation_date = plain.revision_date = NEVER
    file = io.BytesIO()
    write_mo(file, plain)
    return file.getvalue()


def save_catalogue(language: str, catalogue: Catalog) -> None:
    """Write both forms of a catalogue."""
    folder = folder_of(language)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "django.po").write_bytes(as_po(catalogue))
    (folder / "django.mo").write_bytes(as_mo(catalogue))


def problems(catalogue: Catalog) -> Iterator[str]:
    """Yield what is wrong with translations: one missing, or a placeholder or tag of it lost."""
    for text in texts():
        name = f"{text.context}: {text.singular}" if text.context else text.singular
        if any(not each for each in _forms(_translation(catalogue, text))):
            yield f"not translated: {name}"
            continue
        for translated in _forms(_translation(catalogue, text)):
            originals = [each for each in (text.singular, text.plural) if each]
            if all(_marks(translated) != _marks(original) for original in originals):
                yield f"other placeholders or tags than in the original: {name}"
    yield from (f"marked as uncertain: {each.id}" for each in catalogue if each.id and each.fuzzy)


def _header(catalogue: Catalog) -> bytes:
    return (
        'msgid ""\n'
        'msgstr ""\n'
        f'"Language: {catalogue.locale_identifier}\\n"\n'
        f'"Plural-Forms: {catalogue.plural_forms}\\n"\n'
        '"MIME-Version: 1.0\\n"\n'
        '"Content-Type: text/plain; charset=utf-8\\n"\n'
        '"Content-Transfer-Encoding: 8bit\\n"\n\n'
    ).encode()


def _translation(catalogue: Catalog, text: Text) -> str | tuple[str, ...]:
    found = catalogue.get(text.singular, text.context or None)
    nothing = ("",) * catalogue.num_plurals if text.plural else ""
    # The same words may have become a text with a plural, or lost it.
    if found is None or isinstance(found.string, str) is bool(text.plural):
        return nothing
    return cast("str | tuple[str, ...]", found.string)


def _forms(translation: str | tuple[str, ...]) -> tuple[str, ...]:
    return (translation,) if isinstance(translation, str) else tuple(translation)


def _marks(words: str) -> tuple[list[str], list[str]]:
    """Return the placeholders and tags of a text, whose order may be another in translation."""
    return sorted(HOLE.findall(words)), sorted(TAG.findall(words))
