"""Whatever a customer or visitor reads can be read in every language of the site."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from django.conf import settings

from bizsecure.core.catalogue import (
    Text,
    as_mo,
    as_po,
    folder_of,
    is_for_staff,
    problems,
    read_catalogue,
    renewed,
    texts,
)

OTHERS = [code for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
MEND = (
    "Run `make messages`: it adds new texts to bizsecure/locale/*/LC_MESSAGES/django.po. Translate "
    "the empty ones there as docs/languages.md says, run it again, and commit both files."
)


@pytest.mark.parametrize("language", OTHERS)
def test_every_text_is_translated_with_its_placeholders_and_tags(language: str) -> None:
    found = list(problems(read_catalogue(language)))
    assert not found, "\n".join([MEND, *found])


@pytest.mark.parametrize("language", OTHERS)
def test_the_catalogue_is_what_the_code_says_and_no_more(language: str) -> None:
    kept = (folder_of(language) / "django.po").read_bytes()
    assert kept == as_po(renewed(read_catalogue(language))), MEND


@pytest.mark.parametrize("language", OTHERS)
def test_what_django_reads_is_compiled_from_what_translators_read(language: str) -> None:
    compiled = (folder_of(language) / "django.mo").read_bytes()
    assert compiled == as_mo(read_catalogue(language)), MEND


def test_texts_of_python_and_of_templates_are_found() -> None:
    spoken = texts()
    assert "accounts/forms.py" in spoken[Text("We write to you in it.")]
    assert "templates/base.html" in spoken[Text("Skip to main content")]
    assert Text("%(days)d day", "%(days)d days") in spoken


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("accounts/admin/acting.py", True),
        ("bizsecure/traffic/admin.py", True),
        ("templates/admin/index.html", True),
        ("consent/management/commands/publish_policy.py", True),
        ("consent/views/policies.py", False),
        ("templates/administrators.html", False),
    ],
)
def test_staff_pages_alone_are_left_in_english(path: str, expected: bool) -> None:
    assert is_for_staff(Path(path)) is expected


def new_problems(catalogue: Catalog) -> list[str]:
    """Return what is wrong with this catalogue alone, not with the one that is kept."""
    return sorted(set(problems(catalogue)) - set(problems(read_catalogue("es"))))


def catalogue_with(original: str, translated: str) -> Catalog:
    catalogue = read_catalogue("es")
    message = catalogue.get(original)
    assert message is not None
    message.string = translated
    return catalogue


@pytest.mark.parametrize(
    ("original", "wrong"),
    [
        ("Order %(number)s", "Pedido"),
        ("Order %(number)s", "Pedido %(numero)s"),
        ("Skip to main content", ""),
        ("Skip to main content", "<b>Saltar</b>"),
    ],
)
def test_a_translation_that_lost_something_is_found(original: str, wrong: str) -> None:
    found = new_problems(catalogue_with(original, wrong))
    assert len(found) == 1
    assert found[0].endswith(original)


def test_an_uncertain_translation_is_found() -> None:
    catalogue = read_catalogue("es")
    message = catalogue.get("Skip to main content")
    assert message is not None
    message.flags.add("fuzzy")
    assert new_problems(catalogue) == ["marked as uncertain: Skip to main content"]


def test_the_catalogue_holds_no_time_and_no_machine() -> None:
    assert not re.search(rb"20\d\d-\d\d-\d\d \d\d:\d\d|/home/|/tmp/", as_mo(read_catalogue("es")))
