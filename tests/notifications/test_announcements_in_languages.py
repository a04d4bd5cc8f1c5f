"""A message to many is read in the language of its reader, or in the one that binds."""

from __future__ import annotations

from dataclasses import replace
from email import message_from_bytes
from email.policy import default as modern
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.utils import translation
from pytest_django import Settings

from accounts.models import Customer
from accounts.roles import Role
from bizsecure.core.errors import Refused
from consent.models import PolicyVersion
from notifications.composing import html_as_sent, text_as_sent
from notifications.kinds import KindKey
from notifications.models import Announcement, CampaignWords, OutgoingMail
from notifications.reasons import Reason
from tests.builders import member
from tests.notifications.announced import a_draft, agreed, exactly, sent, written
from tests.notifications.outbox import deliver
from tests.notifications.smtp_sink import Sink
from tests.pages.browsing import signed_in_as, text

SPANISH = {"es": {"subject": "Copias de seguridad", "text": "Ahora **cada hora**."}}


@pytest.fixture(autouse=True)
def two_languages(settings: Settings) -> None:
    settings.LANGUAGES = [("en", "English"), ("es", "Español")]


@pytest.fixture
def rosa(bob: Customer) -> Customer:
    """Give a customer who reads Spanish."""
    Customer.objects.filter(pk=bob.pk).update(language="es")
    bob.refresh_from_db()
    return bob


def in_two_languages(kind: KindKey, *customers: Customer) -> Announcement:
    draft = replace(a_draft(kind, "numbers", exactly(*customers)), translations=SPANISH)
    return written(draft)


def received(sink: Sink) -> dict[str, tuple[str, str]]:
    mails: dict[str, tuple[str, str]] = {}
    for accepted in sink.accepted:
        mail = message_from_bytes(accepted.message, policy=modern)
        body = mail.get_body(("plain",))
        assert body is not None
        mails[str(mail["To"])] = str(mail["Subject"]), body.get_content()
    return mails


def test_each_reads_their_own_language(alice: Customer, rosa: Customer, sink: Sink) -> None:
    announcement = sent(agreed(in_two_languages(KindKey.SERVICE_NOTICE, alice, rosa)))
    deliver()
    mails = received(sink)
    subject, said = mails[rosa.email]
    assert (subject, "Ahora cada hora." in said) == ("Copias de seguridad", True)
    subject, said = mails[alice.email]
    assert (subject, "Backups every hour" in said) == (announcement.subject, True)


def test_a_message_in_one_language_goes_to_everybody_in_it(rosa: Customer, sink: Sink) -> None:
    announcement = sent(written())
    deliver()
    assert received(sink)[rosa.email][0] == announcement.subject
    assert not CampaignWords.objects.exists()


def test_a_mail_stays_readable_as_it_was_sent(alice: Customer, rosa: Customer, sink: Sink) -> None:
    sent(agreed(in_two_languages(KindKey.SERVICE_NOTICE, alice, rosa)))
    deliver()
    Customer.objects.filter(pk=rosa.pk).update(language="en")
    mail = OutgoingMail.objects.visible_to(rosa).get()
    assert mail.subject == "Copias de seguridad"
    assert "Ahora cada hora." in text_as_sent(mail, rosa.name)
    assert "<strong>cada hora</strong>" in html_as_sent(mail, rosa.name)


def test_the_site_shows_it_in_the_language_that_is_on(alice: Customer) -> None:
    announcement = in_two_languages(KindKey.SERVICE_NOTICE, alice)
    with translation.override("es"):
        assert announcement.words.subject == "Copias de seguridad"
    with translation.override("de"):
        assert announcement.words.subject == announcement.subject


def test_an_agreement_is_to_every_language(alice: Customer) -> None:
    announcement = agreed(in_two_languages(KindKey.SERVICE_NOTICE, alice))
    announcement.refresh_from_db()
    with pytest.raises(DatabaseError, match="agreed"), transaction.atomic():
        Announcement.objects.update(translations={})
    plain = replace(a_draft(KindKey.SERVICE_NOTICE, "numbers", exactly(alice)))
    assert written(plain).fingerprint != announcement.fingerprint


@pytest.mark.parametrize(
    ("translations", "reason"),
    [
        ({"fr": {"subject": "a", "text": "b"}}, Reason.NO_SUCH_LANGUAGE),
        ({"en": {"subject": "a", "text": "b"}}, Reason.NO_SUCH_LANGUAGE),
        ({"es": {"subject": "a", "text": ""}}, Reason.HALF_TRANSLATED),
        ({"es": {"subject": "a"}}, Reason.HALF_TRANSLATED),
        ({"es": {"subject": "a", "text": "[[name]]"}}, Reason.NO_HOLES),
    ],
)
def test_a_translation_that_is_none_is_refused(
    policy: PolicyVersion, translations: Any, reason: Reason
) -> None:
    with pytest.raises(Refused) as refusal:
        written(replace(a_draft(), translations=translations))
    assert refusal.value.reason == reason


def test_staff_write_and_look_at_each_language(alice: Customer) -> None:
    browser = signed_in_as(member(Role.MARKETING))
    page = "/admin/notifications/announcement/"
    words = {
        "kind": "product_news",
        "subject": "Backups",
        "text": "Hourly.",
        "audience": "everyone",
    }
    half = browser.post(f"{page}write/", {**words, "subject_es": "Copias"})
    assert half.status_code == 422
    assert "A translation has a subject and a text." in text(half)
    assert 'value="Copias"' in half.text
    whole = {**words, "subject_es": "Copias", "text_es": "Cada hora."}
    assert browser.post(f"{page}write/", whole).status_code == 302
    announcement = Announcement.objects.get()
    assert announcement.translations == {"es": {"subject": "Copias", "text": "Cada hora."}}
    shown = browser.get(f"{page}{announcement.pk}/change/")
    assert "Español" in text(shown)
    look = f"{page}{announcement.pk}/preview/text/"
    assert "Cada hora." in browser.get(f"{look}?language=es").text
    assert "Hourly." in browser.get(look).text
    assert browser.get(f"{look}?language=fr").status_code == 404
    assert 'value="Copias"' in browser.get(f"{page}{announcement.pk}/write/").text
    browser.post(f"{page}{announcement.pk}/change/", {"test": "1"})
    subjects = {mail.subject for mail in OutgoingMail.objects.select_related("content")}
    assert subjects == {"Backups", "Copias"}
