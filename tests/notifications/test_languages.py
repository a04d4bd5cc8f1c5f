"""Every customer is written to in the language of the account, and it is kept which it was."""

from __future__ import annotations

from email import message_from_bytes
from email.policy import default as modern
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from accounts.models import Customer
from consent.models import PolicyVersion
from notifications.kinds import KINDS, KindKey
from notifications.letters import write
from notifications.models import CampaignWords
from notifications.services.announcing import announce_changes
from notifications.services.posting import post
from tests.builders import PRODUCT_NEWS, RUN_ACCOUNT, UPTIME_WATCH, a_draft, published
from tests.consent.test_translations import QUESTION, translated
from tests.notifications.outbox import deliver, mail_to
from tests.notifications.smtp_sink import Sink
from tests.pages.browsing import signed_in, text


@pytest.fixture
def change(policy: PolicyVersion) -> PolicyVersion:
    """Give version 2 with a new use, in English and Spanish."""
    return published(translated(a_draft(2, RUN_ACCOUNT, PRODUCT_NEWS, UPTIME_WATCH)))


@pytest.fixture
def alicia(alice: Customer) -> Customer:
    """Give alice, who reads Spanish."""
    alice.language = "es"
    alice.save(update_fields=["language"])
    return alice


def mails_by_address(sink: Sink) -> dict[str, Any]:
    parsed = [message_from_bytes(each.message, policy=modern) for each in sink.accepted]
    return {str(mail["To"]): mail for mail in parsed}


def test_a_notice_goes_to_each_in_their_own_language(
    change: PolicyVersion, alicia: Customer, bob: Customer, sink: Sink
) -> None:
    announce_changes()
    deliver()
    mails = mails_by_address(sink)
    spanish, english = mails[alicia.email], mails[bob.email]
    assert spanish["Subject"].startswith("Usted decide: un cambio previsto para el ")
    assert english["Subject"].startswith("Your decision: a change planned for ")
    for part in ("plain", "html"):
        words = spanish.get_body((part,)).get_content()
        assert QUESTION in words
        assert "May we use your name" not in words
        assert "May we use your name" in english.get_body((part,)).get_content()
    assert "Hola, Alice Adams:" in spanish.get_body(("plain",)).get_content()


def test_a_message_stays_in_the_language_it_was_sent_in(
    change: PolicyVersion, alicia: Customer, sink: Sink
) -> None:
    announce_changes()
    deliver()
    alicia.language = "en"
    alicia.save(update_fields=["language"])
    browser = signed_in(alicia)
    mail = mail_to(alicia)
    assert mail.language == "es"
    assert mail.subject.startswith("Usted decide")
    assert "Usted decide" in text(browser.get("/account/messages/"))
    for address in (mail.get_absolute_url(), f"{mail.get_absolute_url()}html/"):
        assert QUESTION in browser.get(address).content.decode()


def test_a_language_without_words_is_written_to_in_english(
    change: PolicyVersion, alice: Customer, sink: Sink
) -> None:
    alice.language = "fr"
    alice.save(update_fields=["language"])
    announce_changes()
    deliver()
    assert mails_by_address(sink)[alice.email]["Subject"].startswith("Your decision")


def test_the_words_of_a_campaign_are_pinned_in_every_language(change: PolicyVersion) -> None:
    announce_changes()
    words = CampaignWords.objects.filter(language="es")
    with pytest.raises(DatabaseError), transaction.atomic():
        words.update(text="x")
    assert words.count() == 1


@pytest.mark.parametrize("kind", [KindKey.PASSWORD_CHANGED, KindKey.CLOSING_CANCELLED])
def test_a_single_mail_is_in_the_language_of_its_reader(kind: KindKey, alicia: Customer) -> None:
    letter = write(KINDS[kind], alicia, {"at": "…"})
    assert letter.language == "es"
    assert letter.text.startswith("Hola, Alice Adams:")
    assert "This is a message about your account" not in letter.text


def test_a_mail_in_the_outbox_says_its_language(alicia: Customer) -> None:
    mail = post(kind=KindKey.PASSWORD_CHANGED, customer=alicia, facts={})
    assert mail.content.language == "es"
