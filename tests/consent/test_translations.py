"""A policy in another language: for reading, frozen, and with a record of which one was shown."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import translation

from accounts.actors import SYSTEM
from accounts.models import Customer
from bizsecure.core.errors import Refused
from consent.drafts import as_draft, fingerprint
from consent.models import Choice, PolicyVersion, VersionTranslation
from consent.policy_file import parse_policy, parse_translation, read_policy_file
from consent.reasons import Reason
from consent.services.publishing import (
    TranslationDraft,
    VersionDraft,
    add_translations,
    save_draft,
)
from tests.builders import PRODUCT_NEWS, RUN_ACCOUNT, UPTIME_WATCH, a_draft, published, say_yes
from tests.consent.test_policy_file import TEXT, policy_file
from tests.consent.test_publish_policy_command import run
from tests.pages.browsing import signed_in, text

POLICIES = Path(__file__).parents[2] / "consent" / "policies"
QUESTION = "¿Podemos usar su nombre para vigilar?"


def in_spanish(draft: VersionDraft, **words: Any) -> TranslationDraft:
    """Return a Spanish text of a version; the question about a use that asks is QUESTION."""
    uses = {
        use.key: {
            "purpose": f"hacer lo de {use.key}",
            "data": "nombre",
            "recipient": "BizSecure",
            "ground": "necesario",
            "question": QUESTION if use.question else "",
            "if_yes": "Lo hacemos.",
            "if_no": "No lo hacemos.",
            "explanation": "",
        }
        for use in draft.uses
    }
    known: dict[str, Any] = {
        "title": "Política de privacidad",
        "summary": f"Lo que dice la versión {draft.number}.",
        "text": f"## Versión {draft.number}\n\nLas palabras de la versión {draft.number}.",
        "uses": uses,
    }
    return TranslationDraft(language="es", **{**known, **words})


def translated(draft: VersionDraft) -> VersionDraft:
    return replace(draft, translations=(in_spanish(draft),))


@pytest.fixture
def change(policy: PolicyVersion) -> PolicyVersion:
    """Give version 2 with a new use, in English and Spanish."""
    return published(translated(a_draft(2, RUN_ACCOUNT, PRODUCT_NEWS, UPTIME_WATCH)))


@pytest.fixture
def reader(alice: Customer) -> Client:
    """Give the browser of alice, who reads Spanish."""
    alice.language = "es"
    alice.save(update_fields=["language"])
    return signed_in(alice)


def test_each_reader_reads_the_words_of_their_language(
    policy: PolicyVersion, change: PolicyVersion
) -> None:
    with translation.override("es"):
        assert change.words.title == "Política de privacidad"
        assert policy.words is policy
        assert [use.words.question for use in change.new_uses()] == [QUESTION]
    assert change.words is change
    assert [use.words.language for use in change.new_uses()] == ["en"]


def test_the_page_says_which_text_binds_and_leads_to_it(change: PolicyVersion) -> None:
    visitor = Client(headers={"accept-language": "es"})
    page = visitor.get("/privacy/versions/2/")
    assert "Las palabras de la versión 2." in text(page)
    assert "Esta traducción es para leer." in text(page)
    binding = visitor.get("/privacy/versions/2/?binding")
    assert "The words of version 2." in text(binding)
    assert "Este es el texto que nos obliga" in text(binding)
    assert '<article class="card" lang="en">' in binding.content.decode()


def test_what_is_not_translated_is_read_in_english_and_marked_so(change: PolicyVersion) -> None:
    page = Client(headers={"accept-language": "es"}).get("/privacy/versions/1/")
    assert '<article class="card" lang="en">' in page.content.decode()
    assert "Este es el texto que nos obliga" in text(page)


def test_in_english_there_is_nothing_to_say_about_translations(change: PolicyVersion) -> None:
    assert "binds" not in text(Client().get("/privacy/versions/2/"))


def test_two_versions_are_compared_in_one_language(change: PolicyVersion) -> None:
    page = text(Client(headers={"accept-language": "es"}).get("/privacy/compare/1/2/"))
    assert "The words of" in page
    assert "Las palabras" not in page


def test_pages_about_a_change_are_in_the_language_of_the_account(
    reader: Client, change: PolicyVersion
) -> None:
    for address in ("/account/notices/2/", "/account/privacy/", "/privacy/versions/2/"):
        page = text(reader.get(address))
        assert "Privacy policy" not in page, address
        assert "May we use your name for uptime-watch?" not in page, address
    assert QUESTION in text(reader.get("/account/notices/2/"))


def test_a_choice_keeps_the_language_and_the_hash_of_what_was_shown(
    reader: Client, alice: Customer, bob: Customer, change: PolicyVersion
) -> None:
    reader.post("/account/notices/2/", {"uptime-watch": "yes"})
    (in_english,) = say_yes(bob, change, "uptime-watch")
    choice = Choice.objects.get(customer=alice)
    assert (choice.language, in_english.language) == ("es", "en")
    assert choice.question_hash != in_english.question_hash
    with translation.override("es"):
        assert choice.question_hash == change.new_uses().get().words.question_hash


@pytest.mark.parametrize("column", ["title", "text", "language", "text_hash"])
def test_published_words_never_change_in_no_language(change: PolicyVersion, column: str) -> None:
    rows = VersionTranslation.objects.filter(version=change)
    for alter in (lambda: rows.update(**{column: "x"}), rows.delete):
        with pytest.raises(DatabaseError), transaction.atomic():
            alter()
    assert rows.count() == 1


def test_a_draft_is_translated_anew_each_time_it_is_saved(policy: PolicyVersion) -> None:
    draft = a_draft(2, RUN_ACCOUNT)
    version = save_draft(draft=translated(draft), actor=SYSTEM)
    assert as_draft(version) == translated(draft)
    before = fingerprint(version)
    save_draft(draft=draft, actor=SYSTEM)
    assert not VersionTranslation.objects.filter(version=version).exists()
    assert fingerprint(version) != before


def test_a_language_is_added_to_a_published_version_once(policy: PolicyVersion) -> None:
    draft = a_draft(2, RUN_ACCOUNT, UPTIME_WATCH)
    version, spanish = published(draft), in_spanish(draft)
    for _press in ("once", "again"):
        add_translations(version=version, translations=[spanish])
    assert VersionTranslation.objects.get(version=version).text == spanish.text
    with pytest.raises(Refused) as refusal:
        add_translations(version=version, translations=[replace(spanish, text="## Otra cosa")])
    assert refusal.value.reason is Reason.NOT_A_DRAFT


WORDS = {
    "purpose": "hablarle de productos",
    "data": "nombre",
    "recipient": "BizSecure",
    "ground": "permitido",
    "question": "¿Podemos?",
    "if_yes": "Sí.",
    "if_no": "No.",
}
FRONT: dict[str, Any] = {
    "slug": "privacy",
    "version": 3,
    "title": "Política de privacidad",
    "summary": "Primera frase.",
    "uses": {"product-news": WORDS},
}
WORDS_OF_THE_TEXT = "## 1. Palabras\n\nLas palabras."


def translation_file(body: str = WORDS_OF_THE_TEXT, **changes: Any) -> str:
    return f"---\n{yaml.safe_dump(FRONT | changes, allow_unicode=True)}---\n{body}\n"


def test_a_translation_stands_beside_the_file(tmp_path: Path) -> None:
    (tmp_path / "policy.md").write_text(policy_file(), encoding="utf-8")
    (tmp_path / "policy.es.md").write_text(translation_file(), encoding="utf-8")
    draft = read_policy_file(tmp_path / "policy.md")
    assert [(each.language, each.title) for each in draft.translations] == [
        ("es", "Política de privacidad")
    ]
    assert draft.translations[0].uses == {"product-news": {**WORDS, "explanation": ""}}


@pytest.mark.parametrize(
    "source",
    [
        translation_file(version=4),
        translation_file(slug="acceptable-use"),
        translation_file(uses={}),
        translation_file(uses={"product-news": WORDS, "other": WORDS}),
        translation_file(uses={"product-news": {**WORDS, "question": ""}}),
        translation_file(uses={"product-news": {**WORDS, "explanation": "Más."}}),
        translation_file(uses={"product-news": {**WORDS, "basis": "essential"}}),
        translation_file(uses={"product-news": "x"}),
        translation_file(uses=[]),
        translation_file(title=""),
        translation_file(body="Sin secciones."),
        translation_file(body=f"{WORDS_OF_THE_TEXT}\n\n## 2. Más\n\nMás."),
        translation_file(updated="2027-01-01"),
    ],
)
def test_a_translation_that_does_not_match_its_original_is_refused(source: str) -> None:
    draft = parse_policy(policy_file(TEXT))
    with pytest.raises(Refused) as refusal:
        parse_translation(source, "es", draft)
    assert refusal.value.reason is Reason.UNREADABLE


@pytest.mark.parametrize("name", ["privacy-1", "privacy-2", "acceptable-use-1"])
def test_the_policies_of_the_company_are_translated(name: str) -> None:
    (spanish,) = read_policy_file(POLICIES / f"{name}.md").translations
    assert spanish.language == "es"


def test_publishing_a_file_publishes_what_stands_beside_it(db: None) -> None:
    path = POLICIES / "privacy-1.md"
    assert run(path)["translations"] == ["es"]
    assert run(path)["state"] == "published already"
