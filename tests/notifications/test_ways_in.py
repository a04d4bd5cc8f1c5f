"""Three ways lead in, and none of them lets go of a mail before it is kept here."""

from __future__ import annotations

import hashlib
import hmac
import io
import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.test import Client
from pytest_django import Settings

from accounts.models import Customer
from consent.audience import told_of
from consent.gate import may_use
from consent.models import PolicyVersion
from notifications.management.commands import receive_mail
from notifications.models import Case, InboundMail, OutgoingMail
from notifications.services import hearing, polling
from notifications.services.announcing import announce_changes
from notifications.services.polling import poll_inbox
from notifications.tasks import hear_mail
from tests.environment import ENVIRONMENT
from tests.notifications.imap_twin import ImapTwin
from tests.notifications.mail_shapes import OURS, a_mail
from tests.notifications.outbox import deliver, mail_to
from tests.notifications.smtp_sink import Sink

State, Outcome = OutgoingMail.State, InboundMail.Outcome


# ---------------------------------------------------------------------------------------- the pipe


def piped(raw: bytes, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw)))
    call_command("receive_mail", *arguments)


def test_a_mail_from_the_pipe_is_heard(alice: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = a_mail("stop", sender=alice.email, to="list@else.example")
    piped(raw, monkeypatch, f"--recipient=optout@{OURS}", f"--sender={alice.email}")
    assert not may_use(alice, "product-news").allowed
    assert InboundMail.objects.get().way == InboundMail.Way.PIPE


@pytest.mark.parametrize("nobody", ["--sender=", "--sender=MAILER-DAEMON", "--sender=<>"])
def test_what_nobody_sent_is_a_machines(
    alice: Customer, monkeypatch: pytest.MonkeyPatch, nobody: str
) -> None:
    piped(a_mail("stop", sender=alice.email), monkeypatch, f"--recipient=optout@{OURS}", nobody)
    assert InboundMail.objects.get().outcome == Outcome.MACHINE
    assert may_use(alice, "product-news").allowed


@pytest.mark.parametrize(
    "problem", [OperationalError("at dave@example.com"), MemoryError(), OSError()]
)
def test_what_cannot_be_kept_stays_with_the_mail_server(
    policy: PolicyVersion, monkeypatch: pytest.MonkeyPatch, problem: Exception
) -> None:
    def fails(*anything: object, **more: object) -> None:
        raise problem

    monkeypatch.setattr(receive_mail, "hear", fails)
    with pytest.raises(CommandError) as refused:
        piped(a_mail(), monkeypatch)
    assert refused.value.returncode == 75
    assert "example.com" not in str(refused.value)


def test_a_mail_larger_than_we_keep_is_read_to_its_end(
    policy: PolicyVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receive_mail, "MOST_OCTETS", 500)
    monkeypatch.setattr(hearing, "MOST_OCTETS", 500)
    stream = io.BytesIO(a_mail("x" * 5_000))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(stream))
    call_command("receive_mail")
    assert stream.read() == b""
    assert InboundMail.objects.get().is_cut


def test_the_process_ends_with_75_and_without_a_traceback_while_the_database_is_away() -> None:
    away = {**os.environ, **ENVIRONMENT, "DATABASE_URL": "sqlite:////nowhere/at/all.sqlite3"}
    finished = subprocess.run(
        [sys.executable, "manage.py", "receive_mail"],
        cwd=django_settings.BASE_DIR,
        env=away,
        input=a_mail(),
        capture_output=True,
        check=False,
    )
    assert finished.returncode == 75
    assert b"Traceback" not in finished.stderr
    assert b"example.com" not in finished.stderr


def test_the_program_that_the_mail_server_runs_ends_with_75_when_there_is_no_portal() -> None:
    program = django_settings.BASE_DIR / "deploy" / "receive-mail"
    nowhere = {"PATH": os.defpath, "PORTAL_FOLDER": "/nowhere/at/all"}
    finished = subprocess.run(
        [program, f"support@{OURS}", "dave@example.com"], env=nowhere, input=a_mail(), check=False
    )
    assert finished.returncode == 75


# ------------------------------------------------------------------------------------- the mailbox


@pytest.fixture
def inbox(settings: Settings) -> Iterator[ImapTwin]:
    with ImapTwin() as twin:
        settings.INBOX_URL = twin.url
        yield twin


def test_mails_are_taken_out_of_the_mailbox_once_they_are_kept(
    policy: PolicyVersion, inbox: ImapTwin
) -> None:
    inbox.put(a_mail(), a_mail("Another", message_id="<2@x>"), b"\xff\0 no mail at all")
    hear_mail()
    assert inbox.mails == {}
    assert InboundMail.objects.count() == 3
    assert {mail.way for mail in InboundMail.objects.all()} == {"mailbox"}


def test_a_mail_that_could_not_be_kept_stays_in_the_mailbox(
    policy: PolicyVersion, inbox: ImapTwin, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(**anything: object) -> None:
        raise OperationalError

    inbox.put(a_mail())
    with monkeypatch.context() as patch:
        patch.setattr(polling, "hear", fails)
        with pytest.raises(OperationalError):
            poll_inbox(url=inbox.url)
    assert len(inbox.mails) == 1
    assert inbox.deleted == set()
    assert poll_inbox(url=inbox.url) == 1


@pytest.mark.parametrize("command", ["LOGIN", "UID SEARCH", "UID FETCH", "UID STORE", "CLOSE"])
def test_a_mailbox_that_breaks_off_loses_nothing_and_doubles_nothing(
    policy: PolicyVersion, inbox: ImapTwin, caplog: pytest.LogCaptureFixture, command: str
) -> None:
    inbox.put(a_mail(), a_mail("Another", message_id="<2@x>"))
    inbox.breaks_at = command
    poll_inbox(url=inbox.url)
    assert all("secret" not in record.getMessage() for record in caplog.records)
    inbox.breaks_at = ""
    poll_inbox(url=inbox.url)
    assert inbox.mails == {}
    assert Case.objects.count() == 2


def test_a_mailbox_that_is_away_is_a_line_in_the_log(
    policy: PolicyVersion, inbox: ImapTwin, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        assert poll_inbox(url="imap://portal:wrong@127.0.0.1:1/") == 0
        assert poll_inbox(url=inbox.url.replace("s3cret", "wrong")) == 0
        assert poll_inbox(url=inbox.url.replace("Post", "Nowhere")) == 0
    assert [record.message.partition(":")[0] for record in caplog.records] == [
        "mailbox does not answer"
    ] * 3


# -------------------------------------------------------------------------- the provider that calls

KEY = "a-signing-key-of-the-tests"


@pytest.fixture
def mailgun(settings: Settings) -> str:
    settings.MAILGUN_SIGNING_KEY = KEY
    settings.ANYMAIL = {"MAILGUN_WEBHOOK_SIGNING_KEY": KEY}
    return "/webhooks/mail/mailgun/"


def signature(key: str = KEY) -> dict[str, str]:
    timestamp, token = "1799074800", "t" * 50
    made = hmac.new(key.encode(), f"{timestamp}{token}".encode(), hashlib.sha256).hexdigest()
    return {"timestamp": timestamp, "token": token, "signature": made}


def an_event(mail: OutgoingMail, name: str, **facts: Any) -> dict[str, Any]:
    data = {
        "event": name,
        "timestamp": 1799074800.5,
        "recipient": mail.address,
        "message": {"headers": {"message-id": mail.message_id.strip("<>")}},
    }
    return {"signature": signature(), "event-data": {**data, **facts}}


def called(address: str, event: Any) -> int:
    return Client().post(f"{address}events/", event, content_type="application/json").status_code


@pytest.fixture
def notice(change: PolicyVersion, alice: Customer, sink: Sink) -> OutgoingMail:
    announce_changes()
    deliver()
    return mail_to(alice)


@pytest.mark.parametrize(
    ("facts", "state", "kind"),
    [
        ({"severity": "permanent", "reason": "bounce"}, State.BOUNCED, "hard"),
        (
            {"severity": "permanent", "delivery-status": {"message": "452 4.2.2 full"}},
            State.BOUNCED,
            "soft",
        ),
        ({"severity": "temporary"}, State.ACCEPTED, "delayed"),
    ],
    ids=["hard", "soft", "delayed"],
)
def test_the_provider_says_what_became_of_a_mail(
    mailgun: str, notice: OutgoingMail, facts: dict[str, Any], state: str, kind: str
) -> None:
    for _each in range(2):
        assert called(mailgun, an_event(notice, "failed", **facts)) == 200
    notice.refresh_from_db()
    assert notice.state == state
    assert [each.kind for each in notice.bounces.all()] == [kind]
    assert told_of(notice.campaign.change).exists() is (state == State.ACCEPTED)  # type: ignore[union-attr]


@pytest.mark.parametrize("name", ["complained", "unsubscribed"])
def test_the_provider_says_that_somebody_wants_no_more(
    mailgun: str, notice: OutgoingMail, alice: Customer, name: str
) -> None:
    assert called(mailgun, an_event(notice, name)) == 200
    assert not may_use(alice, "product-news").allowed


def test_a_bounce_before_the_acceptance_is_recorded_is_to_be_called_again(
    mailgun: str, change: PolicyVersion, alice: Customer, sink: Sink
) -> None:
    announce_changes()
    event = an_event(mail_to(alice), "failed", severity="permanent")
    assert called(mailgun, event) == 503
    deliver()
    assert called(mailgun, event) == 200
    assert mail_to(alice).state == State.BOUNCED


def spoiled(event: dict[str, Any]) -> dict[str, Any]:
    return {
        "no signature": {"event-data": event["event-data"]},
        "wrong key": {**event, "signature": signature("another-key-of-the-tests")},
        "strange signature": {**event, "signature": {"timestamp": "\u00e9", "token": 1}},
        "a list": [event],
        "a number": 7,
        "no event": {"signature": signature()},
        "event of nothing": {"signature": signature(), "event-data": {"event": "failed"}},
    }


@pytest.mark.parametrize(
    "how",
    [
        *("no signature", "wrong key", "strange signature", "a list", "a number", "no event"),
        "event of nothing",
    ],
)
def test_a_call_that_is_not_as_it_should_be_is_refused_and_does_nothing(
    mailgun: str, notice: OutgoingMail, how: str
) -> None:
    event = spoiled(an_event(notice, "failed", severity="permanent"))[how]
    assert called(mailgun, json.dumps(event)) in {200, 400}
    assert called(mailgun, "{not json") == 400
    notice.refresh_from_db()
    assert notice.state == State.ACCEPTED


def test_an_event_about_another_address_or_no_mail_of_ours_does_nothing(
    mailgun: str, notice: OutgoingMail
) -> None:
    event = an_event(notice, "failed", severity="permanent", recipient="bob@example.com")
    assert called(mailgun, event) == 200
    event = an_event(notice, "failed", severity="permanent")
    event["event-data"]["message"]["headers"]["message-id"] = "c1.m999999@bizsecure.com"
    assert called(mailgun, event) == 200
    notice.refresh_from_db()
    assert notice.state == State.ACCEPTED


def test_a_mail_that_the_provider_hands_on_is_heard_once(mailgun: str, alice: Customer) -> None:
    raw = a_mail("stop", sender=alice.email, to=f"optout@{OURS}").decode()
    fields = {"recipient": f"optout@{OURS}", "sender": alice.email, **signature()}
    client = Client()
    for _each in range(2):
        answer = client.post(f"{mailgun}mime/", {**fields, "body-mime": raw})
        assert answer.status_code == 200
    assert not may_use(alice, "product-news").allowed
    assert InboundMail.objects.get().way == InboundMail.Way.PROVIDER


def test_a_mail_that_the_provider_has_read_is_put_together_again(
    mailgun: str, policy: PolicyVersion
) -> None:
    fields = {
        "recipient": f"support@{OURS}",
        "sender": "eve@example.org",
        "from": "Eve <eve@example.org>",
        "subject": "My order",
        "body-plain": "It is late. Grüße",
        "message-headers": json.dumps(
            [["From", "Eve <eve@example.org>"], ["Subject", "My order"], ["Message-Id", "<7@x>"]]
        ),
        "attachment-count": "0",
    }
    answer = Client().post(mailgun, {**fields, **signature()})
    assert answer.status_code == 200
    case = Case.objects.get()
    assert (case.subject, case.messages.get().text) == ("My order", "It is late. Grüße")


@pytest.mark.parametrize("path", ["", "mime/", "events/"])
def test_without_a_key_nobody_calls(db: None, path: str) -> None:
    assert Client().post(f"/webhooks/mail/mailgun/{path}").status_code == 404
    assert Client().get(f"/webhooks/mail/mailgun/{path}").status_code == 405
