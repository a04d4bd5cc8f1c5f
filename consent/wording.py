"""In which words versions and their uses are read: the reader's language, or the binding text."""

from __future__ import annotations

from typing import Any, TypeVar

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import get_language

from consent.models import PolicyVersion, VersionTranslation

Rows = TypeVar("Rows", bound=QuerySet[Any])
Words = PolicyVersion | VersionTranslation


def worded(rows: Rows, translations: str = "translations") -> Rows:
    """Return rows whose words in the reader's language cost one query, and in English none.

    `translations` is the way from a row to the translations of its version.
    """
    if get_language() in {None, settings.LANGUAGE_CODE}:
        return rows
    return rows.prefetch_related(translations)


def pair_of_words(older: PolicyVersion | None, newer: PolicyVersion) -> tuple[Words | None, Words]:
    """Return two versions in one language, so that they can be laid side by side."""
    if older is None:
        return None, newer.words
    if older.words.language == newer.words.language:
        return older.words, newer.words
    return older, newer
