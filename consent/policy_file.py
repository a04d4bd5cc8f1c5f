"""A version of a policy as a file: Markdown with front matter that declares the uses.

The front matter is YAML between two lines of three hyphens. What it may hold:

    slug, version, title, updated, summary, and a list `uses`;
    effective, unless the date is given otherwise;
    notes, what stands beside the sections, as consent.notes reads it.

A translation stands beside it: FILE.es.md beside FILE.md, with slug, version, title and summary
in its front matter, and under `uses` the words of each use by its key.

A date means the beginning of that day in the policy's own zone; a date with a time needs its
offset from UTC. Nothing unknown is passed over: a misspelled key must not hide a use.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import fields, replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from bizsecure.core.errors import Refused
from consent.calendar import policy_zone
from consent.models import DeclaredUse, PolicyVersion, Use
from consent.models.policies import WORDS_OF_DECLARATIONS, WORDS_OF_USES
from consent.notes import mistake_in_notes
from consent.reasons import Reason
from consent.rendering import sections
from consent.services.publishing import TranslationDraft, UseDraft, VersionDraft

MOST_BYTES = 256 * 1024
LAST_NUMBER = 9999
FENCE = "---"

REQUIRED = {"slug", "version", "title", "updated", "summary", "uses"}
ALLOWED = REQUIRED | {"effective", "notes"}
USE_KEYS = {field.name for field in fields(UseDraft)}
MANY_LINES = {"summary", "explanation", "notes"}
WORDS = {*WORDS_OF_USES, *WORDS_OF_DECLARATIONS}
OF_TRANSLATIONS = {"slug", "version", "title", "summary", "uses"}
USE_COLUMNS = {field.name for field in Use._meta.fields}


def read_policy_file(path: Path, effective: str | None = None) -> VersionDraft:
    """Return the version a file describes, with the translations that stand beside it.

    `effective` goes before the date in it. Refused with UNREADABLE, which names the field and
    what is wrong with it.
    """
    draft = parse_policy(_source(path), effective)
    others = [code for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
    return replace(
        draft,
        translations=tuple(
            parse_translation(_source(file), code, draft)
            for code in sorted(others)
            if (file := path.with_suffix(f".{code}.md")).exists()
        ),
    )


def _source(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise _unreadable("", error.strerror or str(error)) from error
    if len(content) > MOST_BYTES:
        raise _unreadable("", _("it is larger than %(most)d kB") % {"most": MOST_BYTES // 1024})
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _unreadable("", _("it is not text in UTF-8")) from error


def parse_policy(source: str, effective: str | None = None) -> VersionDraft:
    """Return the version a text describes, as read_policy_file does."""
    front, text = _split(source)
    _check_keys(front, ALLOWED, REQUIRED, "")
    number = front["version"]
    if not isinstance(number, int) or isinstance(number, bool) or not 1 <= number <= LAST_NUMBER:
        raise _unreadable("version", _("a whole number from 1 to 9999 is needed"))
    when = effective if effective is not None else front.get("effective")
    draft = VersionDraft(
        slug=_words(front, "slug"),
        number=number,
        title=_words(front, "title"),
        summary=_words(front, "summary"),
        text=text,
        updated_on=_day(front["updated"]),
        effective_at=None if when is None else _instant(when),
        uses=tuple(_uses(front["uses"])),
        notes=_words({"notes": None, **front}, "notes"),
    )
    for name in ("slug", "title", "summary", "text", "notes"):
        _check(PolicyVersion, name, getattr(draft, name), name)
    numbers = {section.number for section in sections(text)}
    if mistake := mistake_in_notes(draft.notes, numbers, {use.key for use in draft.uses}):
        raise _unreadable("notes", mistake)
    return draft


def parse_translation(source: str, language: str, draft: VersionDraft) -> TranslationDraft:
    """Return what a file beside that of `draft` says of it in another language.

    It has the words of every use and of no other, asks where the original asks, and is cut into
    as many sections.
    """
    front, text = _split(source)
    _check_keys(front, OF_TRANSLATIONS | {"notes"}, OF_TRANSLATIONS, language)
    if (front["slug"], front["version"]) != (draft.slug, draft.number):
        raise _unreadable(language, _("it translates another version"))
    numbers = [section.number for section in sections(text)]
    if numbers != [section.number for section in sections(draft.text)]:
        raise _unreadable(language, _("it has not the sections of the original"))
    translation = TranslationDraft(
        language=language,
        title=_words(front, "title", language),
        summary=_words(front, "summary", language),
        text=text,
        uses=_words_of_uses(front["uses"], language, draft),
        notes=_words({"notes": None, **front}, "notes", language),
    )
    for name in ("title", "summary", "text", "notes"):
        _check(PolicyVersion, name, getattr(translation, name), f"{language}, {name}")
    if mistake := mistake_in_notes(translation.notes, numbers, translation.uses):
        raise _unreadable(f"{language}, notes", mistake)
    return translation


def _words_of_uses(
    entries: object, language: str, draft: VersionDraft
) -> dict[str, dict[str, str]]:
    if not isinstance(entries, dict):
        raise _unreadable(f"{language}, uses", _("keys and values are needed"))
    keys = {use.key for use in draft.uses}
    _check_keys(entries, keys, keys, f"{language}, uses")
    return {use.key: _words_of_use(entries[use.key], language, use) for use in draft.uses}


def _words_of_use(entry: object, language: str, use: UseDraft) -> dict[str, str]:
    where = f"{language}, uses, {use.key}"
    if not isinstance(entry, dict):
        raise _unreadable(where, _("keys and values are needed"))
    names = [name for name in sorted(WORDS) if getattr(use, name)]
    _check_keys(entry, set(names), set(names), where)
    words = dict.fromkeys(sorted(WORDS), "") | {name: _words(entry, name, where) for name in names}
    for name in names:
        _check(Use if name in USE_COLUMNS else DeclaredUse, name, words[name], f"{where}, {name}")
        if not words[name]:
            raise _unreadable(f"{where}, {name}", _("text is needed; put it in quotation marks"))
    return words


def needs_question(basis: str) -> bool:
    """Return whether a use on this basis must ask the customer something."""
    return basis != DeclaredUse.Basis.ESSENTIAL


def _split(source: str) -> tuple[dict[str, Any], str]:
    lines = source.replace("\r\n", "\n").split("\n")
    for place, line in enumerate(lines, start=1):
        if any(unicodedata.category(sign) == "Cc" and sign != "\t" for sign in line):
            raise _unreadable("", _("line %(line)d holds a control character") % {"line": place})
    fences = [place for place, line in enumerate(lines) if line.rstrip() == FENCE]
    if len(fences) < 2 or fences[0] != 0:
        raise _unreadable("", _("it does not begin with front matter between two lines of ---"))
    front = _loaded("\n".join(lines[1 : fences[1]]))
    if not isinstance(front, dict):
        raise _unreadable("", _("the front matter is no list of keys and values"))
    return front, "\n".join(lines[fences[1] + 1 :]).strip()


def _loaded(source: str) -> Any:
    try:
        return yaml.load(source, _Loader)  # noqa: S506 - a SafeLoader that is stricter still
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 2 if error.problem_mark else 1
        raise _unreadable(
            "", _("front matter, line %(line)d: %(why)s") % {"line": line, "why": error.problem}
        ) from error
    # PyYAML lets errors of Python through, as for the thirtieth of February.
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise _unreadable("", _("front matter: %(why)s") % {"why": error}) from error


class _Loader(yaml.SafeLoader):
    """Refuses a key that stands twice, of which YAML would silently take the last one."""

    def construct_mapping(
        self,
        node: yaml.MappingNode,
        deep: bool = False,  # noqa: FBT001, FBT002 - as PyYAML calls it
    ) -> dict[Any, Any]:
        keys = Counter(key.value for key, _value in node.value if isinstance(key, yaml.ScalarNode))
        for key, times in keys.items():
            if times > 1:
                twice = _("“%(key)s” stands twice") % {"key": key}
                raise yaml.constructor.ConstructorError(None, None, twice, node.start_mark)
        return super().construct_mapping(node, deep=deep)


def _uses(entries: object) -> Iterator[UseDraft]:
    if not isinstance(entries, list):
        raise _unreadable("uses", _("a list is needed"))
    seen: set[str] = set()
    for place, entry in enumerate(entries, start=1):
        where = f"uses, {place}"
        if not isinstance(entry, dict):
            raise _unreadable(where, _("keys and values are needed"))
        _check_keys(entry, USE_KEYS, USE_KEYS, where)
        use = UseDraft(**{name: _words(entry, name, where) for name in USE_KEYS})
        for name in USE_KEYS:
            model = Use if name in USE_COLUMNS else DeclaredUse
            _check(model, name, getattr(use, name), f"{where}, {name}")
        if needs_question(use.basis) and not use.question:
            raise _unreadable(f"{where}, question", _("only an essential use asks nothing"))
        if use.key in seen:
            raise _unreadable(f"{where}, key", _("“%(key)s” stands twice") % {"key": use.key})
        seen.add(use.key)
        yield use


def _words(values: dict[str, Any], name: str, where: str = "") -> str:
    value = values[name]
    if value is None:
        return ""
    if not isinstance(value, str):
        place = f"{where}, {name}" if where else name
        raise _unreadable(place, _("text is needed; put it in quotation marks"))
    return value.strip() if name in MANY_LINES else " ".join(value.split())


def _day(value: object) -> date:
    if isinstance(value, str):
        value = _parsed("updated", value, date.fromisoformat)
    if not isinstance(value, date) or isinstance(value, datetime):
        raise _unreadable("updated", _("a date like 2027-01-31 is needed"))
    return value


def _instant(value: object) -> datetime:
    """The instant in UTC that a date, or a date and time with an offset, means."""
    if isinstance(value, str):
        value = _parsed("effective", value, date.fromisoformat, datetime.fromisoformat)
    try:
        if isinstance(value, datetime) and value.tzinfo is not None:
            return value.astimezone(UTC)
        if isinstance(value, date) and not isinstance(value, datetime):
            return datetime.combine(value, time.min, tzinfo=policy_zone()).astimezone(UTC)
    except OverflowError as error:
        raise _unreadable("effective", _("the date is beyond the calendar")) from error
    raise _unreadable(
        "effective", _("a time needs its offset from UTC, as in 2027-01-31T09:00:00-05:00")
    )


def _parsed(name: str, value: str, *readers: Callable[[str], date]) -> date:
    for read in readers:
        with suppress(ValueError):
            return read(value)
    raise _unreadable(name, _("“%(value)s” is no date like 2027-01-31") % {"value": value})


def _check_keys(values: dict[Any, Any], allowed: set[str], required: set[str], where: str) -> None:
    for name in values:
        if name not in allowed:
            raise _unreadable(where, _("“%(key)s” is unknown") % {"key": name})
    for name in sorted(required - set(values)):
        raise _unreadable(where, _("“%(key)s” is missing") % {"key": name})


def _check(model: type[Any], column: str, value: object, where: str) -> None:
    try:
        model._meta.get_field(column).clean(value, None)
    except ValidationError as error:
        raise _unreadable(where, error.messages[0].rstrip(".")) from error


def _unreadable(where: str, problem: str) -> Refused:
    return Refused(Reason.UNREADABLE, problem=f"{where}: {problem}" if where else problem)
