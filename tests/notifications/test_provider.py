"""A mail provider in place of a mail server: the same outbox, the same states, the same proofs."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

import pytest
from anymail.message import AnymailRecipientStatus
from django.core import mail
from pytest_django import Settings

from accounts.models import Customer
from consent.models import PolicyVersion
from notifications.models import OutgoingMail
from notifications.services.announcing import announce_changes
from notifications.transport import Delivery, Envelope, Outcome, Provider, ProviderTransport, way_of
from notifications.transport import provider as providers
from tests.notifications.outbox import deliver, mail_to, told

ANYMAILS = Provider(backend="anymail.backends.test.EmailBackend", connections=2)
URL = "mailgun://a-key@mg.example.com"


def test_a_provider_is_named_by_its_url() -> None:
    found = way_of("mailgun://key-%2F1@mg.example.com?region=eu&connections=8")
    assert isinstance(found, Provider)
    assert (found.connections, found.options) == (
        8,
        {
            "api_key": "key-/1",
            "sender_domain": "mg.example.com",
            "api_url": "https://api.eu.mailgun.net/v3",
        },
    )
    assert "key-" not in repr(found)


@pytest.mark.parametrize(
    "url",
    [
        "mailgun://mg.example.com",
        "mailgun://secret@",
        f"{URL}?region=mars",
        f"{URL}?connections=0",
        f"{URL}?connections=many",
        f"{URL}?color=blue",
    ],
)
def test_a_wrong_url_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(ValueError, match=r"provider|connections") as refused:
        way_of(url)
    assert "secret" not in str(refused.value)


class Twin(BaseHTTPRequestHandler):
    """Mailgun, as far as sending goes."""

    calls: list[dict[str, Any]]
    answer: tuple[int, dict[str, str]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.calls.append(
            {"path": self.path, "key": self.headers["Authorization"], "fields": fields(self, body)}
        )
        status, words = self.answer
        content = json.dumps(words).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_words: object) -> None:
        """Say nothing."""


def fields(call: BaseHTTPRequestHandler, body: bytes) -> dict[str, str]:
    """What a form says, sent in parts or in one."""
    kind = call.headers["Content-Type"]
    if kind.startswith("application/x-www-form-urlencoded"):
        return dict(parse_qsl(body.decode()))
    whole = BytesParser(policy=HTTP).parsebytes(f"Content-Type: {kind}\r\n\r\n".encode() + body)
    return {
        str(part.get_param("name", header="content-disposition")): part.get_content().strip()
        for part in whole.iter_parts()
    }


@pytest.fixture
def mailgun(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Twin]]:
    """Give a Mailgun on this machine, to which the deliveries go."""
    twin = type("TwinOfThisTest", (Twin,), {"calls": [], "answer": (200, TAKEN)})
    with ThreadingHTTPServer(("127.0.0.1", 0), twin) as server:
        here = f"http://127.0.0.1:{server.server_address[1]}/v3"
        monkeypatch.setitem(providers.REGIONS, "us", here)
        settings.EMAIL_URL = URL
        settings.NOTICE_FRESH_SECONDS = 60
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield twin
        server.shutdown()


TAKEN = {"id": "<1@mg.example.com>", "message": "Queued. Thank you."}


@pytest.fixture
def queued(change: PolicyVersion, alice: Customer, bob: Customer) -> PolicyVersion:
    announce_changes()
    return change


def test_a_notice_goes_by_the_provider_and_proves_that_the_customer_was_told(
    queued: PolicyVersion, mailgun: type[Twin]
) -> None:
    assert deliver() == {"accepted": 2}

    assert told(queued) == ["alice@example.com", "bob@example.com"]
    by_address = {call["fields"]["to"]: call for call in mailgun.calls}
    assert sorted(by_address) == ["alice@example.com", "bob@example.com"]
    call = by_address["alice@example.com"]
    row = OutgoingMail.objects.get(address="alice@example.com")
    assert call["path"] == "/v3/mg.example.com/messages"
    assert call["fields"]["h:Message-Id"] == row.message_id
    # What the provider repeats when it calls us.
    assert call["fields"]["v:message-id"] == row.message_id
    assert "Alice" in call["fields"]["text"]
    assert "Alice" in call["fields"]["html"]
    assert call["fields"]["h:Auto-Submitted"] == "auto-generated"
    assert call["fields"]["subject"] == row.subject


@pytest.mark.parametrize(
    ("status", "code", "tried"),
    [(429, 421, 2), (401, 421, 2), (500, 451, 2), (400, 451, 2)],
)
def test_what_the_provider_refuses_is_nobodys_last_word(
    queued: PolicyVersion, mailgun: type[Twin], status: int, code: int, tried: int
) -> None:
    mailgun.answer = (status, {"message": "no"})

    assert deliver() == {"deferred": tried}

    assert told(queued) == []
    states = set(OutgoingMail.objects.values_list("state", "reply_code"))
    assert states == {("deferred", code)}


def test_a_provider_that_is_away_gets_it_again(
    queued: PolicyVersion, alice: Customer, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(providers.REGIONS, "us", "http://127.0.0.1:1/v3")
    settings.EMAIL_URL = URL
    assert deliver() == {"unconfirmed": 2}
    assert mail_to(alice).state == "deferred"


def envelope(number: int, fresh_until: float = float("inf")) -> Envelope[int]:
    message = (
        f"From: BizSecure <notices@bizsecure.com>\r\nTo: c{number}@example.com\r\n"
        f"Subject: S\r\nMessage-ID: <c1.m{number}@bizsecure.com>\r\n"
        "Content-Type: text/plain; charset=utf-8\r\n\r\nHello\r\n.\r\n"
    )
    address = f"c{number}@example.com"
    return Envelope(number, "bounce@bizsecure.com", address, message.encode(), fresh_until)


def sent(*envelopes: Envelope[int]) -> dict[int, Delivery]:
    with ProviderTransport(ANYMAILS) as transport:
        return dict(transport.send_many(envelopes))


def test_many_go_over_a_few_calls_at_a_time() -> None:
    results = sent(*(envelope(number) for number in range(20)))
    assert results == dict.fromkeys(range(20), Delivery(Outcome.ACCEPTED, 250))
    assert sorted(each.to[0] for each in mail.outbox) == sorted(
        f"c{number}@example.com" for number in range(20)
    )
    assert {each.body for each in mail.outbox} == {"Hello\n.\n"}


def test_what_had_to_wait_too_long_is_not_offered() -> None:
    assert not sent(envelope(1, fresh_until=0))[1].was_tried
    assert mail.outbox == []


def test_a_recipient_whom_the_provider_does_not_take_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = providers._as_django_mail

    def rejected(given: Envelope[Any]) -> Any:
        message: Any = made(given)
        status = AnymailRecipientStatus(1, "rejected")
        message.anymail_test_response = {"recipient_status": {given.recipient: status}}
        return message

    monkeypatch.setattr(providers, "_as_django_mail", rejected)
    assert sent(envelope(1)) == {1: Delivery(Outcome.REFUSED, 550)}
