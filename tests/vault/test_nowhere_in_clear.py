"""After a card was added and paid with, its number and code are nowhere to be read (SEC-1).

Looked through: every row of every table, sessions and mails once more with their seals opened, a
dump, the log, what the broker holds with its payloads decoded, what the customer can download, and
the report of a page that broke while a card was in its hands.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from io import StringIO

import pytest
from celery import current_app
from django.apps import apps
from django.contrib.sessions.models import Session
from django.core.mail import EmailMessage
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils.log import AdminEmailHandler
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from accounts.actors import SYSTEM
from accounts.holdings import holdings
from accounts.models import Customer
from bizsecure.core import work
from bizsecure.local.acquirer import Acquirer
from bizsecure.store.models import Payment
from bizsecure.store.services import checking_cards
from bizsecure.store.services.buying import buy
from bizsecure.vault.models import Card
from notifications.models import MailContent, OutgoingMail
from tests.pages.browsing import just_proven, signed_in
from tests.paying import VISA, typed
from tests.services import held_by
from tests.store.buying import a_draft_of, accepting, at_home

# A code that stands in nothing else by chance, as an American Express card has four digits.
AMEX, MARKER = "378282246310005", "7373"
CLEAR = (VISA, AMEX, "4242 4242 4242 4242")


def held_in_the_database() -> Iterator[str]:
    for model in apps.get_models(include_auto_created=True):
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT * FROM "{model._meta.db_table}"')
            for row in cursor.fetchall():
                for value in row:
                    is_bytes = isinstance(value, (bytes, memoryview))
                    yield bytes(value).decode("latin-1") if is_bytes else str(value)


def opened() -> Iterator[str]:
    """Yield what stands in sessions and mails, which are sealed in the database."""
    for session in Session.objects.all():
        yield str(session.get_decoded())
    for content in MailContent.objects.all():
        yield f"{content.subject} {content.text} {content.html}"


def handed_out(customer: Customer) -> str:
    """Return everything that a download of the customer's holds."""
    return str([list(holding.rows(customer)) for holding in holdings()])


def dumped() -> str:
    out = StringIO()
    call_command("dumpdata", stdout=out)
    return out.getvalue()


def found_in(text: str) -> list[str]:
    return [secret for secret in CLEAR if secret in text]


@pytest.fixture(autouse=True)
def asked_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask for the broker: another test may have found none, and then none is asked for a while."""
    monkeypatch.setattr(work._Broker, "away_until", 0.0)


@pytest.fixture
def browser(alice: Customer) -> Client:
    """Give the browser of alice, who has just proven that it is her."""
    return just_proven(signed_in(at_home(alice)))


def test_after_a_purchase_a_card_is_nowhere_in_the_clear(
    browser: Client,
    alice: Customer,
    acquirer: Acquirer,
    redis_url: str,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr(current_app.conf, "broker_url", redis_url)
    with django_capture_on_commit_callbacks(execute=True):
        assert browser.post(reverse("add_card"), typed(VISA)).status_code == 302
        amex = typed(AMEX, code=MARKER)
        assert browser.post(reverse("add_card"), amex).status_code == 302
        draft = a_draft_of(alice)
        card = Card.objects.get(last_four=VISA[-4:])
        accepted = accepting(draft)
        buy(customer=alice, uid=draft.uid, accepted=accepted, card=card.uid, actor=SYSTEM)
    assert Payment.objects.get().captured_at
    assert OutgoingMail.objects.exists()

    queued = held_by(redis_url)
    assert "deliver_single_mails" in queued
    unsealed = [*opened(), handed_out(alice)]
    assert any("Receipt for order" in text for text in unsealed)
    assert any("_auth_user_id" in text for text in unsealed)
    everything = "\n".join(
        [*held_in_the_database(), *unsealed, dumped(), caplog.text, queued],
    )
    assert card.last_four in everything
    assert found_in(everything) == []
    # As a word: a hash holds any four digits now and then.
    assert not re.search(rf"\b{MARKER}\b", "\n".join(unsealed))
    assert f'"code": "{MARKER}"' not in everything
    assert [line for line in held_in_the_database() if line == MARKER] == []
    assert MARKER not in caplog.text
    assert MARKER not in queued


def test_the_report_of_a_page_that_broke_holds_no_card(
    browser: Client,
    settings: Settings,
    mailoutbox: list[EmailMessage],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def breaks() -> None:
        raise RuntimeError("the card view breaks with a card in its hands")

    settings.ADMINS = [("Carol", "carol@example.com")]
    monkeypatch.setattr(checking_cards, "payment_gateway", breaks)
    handler = AdminEmailHandler(include_html=True)
    logging.getLogger("django.request").addHandler(handler)
    browser.raise_request_exception = False
    try:
        answer = browser.post(reverse("add_card"), typed(AMEX, code=MARKER))
    finally:
        logging.getLogger("django.request").removeHandler(handler)
    assert answer.status_code == 500
    [report] = mailoutbox
    html = "".join(str(content) for content, _kind in getattr(report, "alternatives", []))
    told = f"{report.subject} {report.body} {html} {caplog.text}"
    assert "breaks with a card in its hands" in told
    assert found_in(told) == []
    assert MARKER not in told
    assert [line for line in held_in_the_database() if found_in(line)] == []
