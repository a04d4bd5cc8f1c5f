"""Mail providers call by settings alone, with mails as large as mails are, and nobody else does."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, RequestFactory
from django.test.client import MULTIPART_CONTENT
from pytest_django import Settings

from accounts.models import Customer
from consent.audience import told_of
from consent.gate import may_use
from consent.models import PolicyVersion
from notifications.checks import providers_are_known
from notifications.models import Case, InboundMail, OutgoingMail
from notifications.providers import PROVIDERS, Call
from notifications.services.announcing import announce_changes
from tests.notifications.mail_shapes import OURS, a_mail
from tests.notifications.outbox import deliver, mail_to
from tests.notifications.smtp_sink import Sink
from tests.notifications.test_ways_in import KEY, signature

State = OutgoingMail.State
SECRET = "provider:a-secret-of-the-tests-alone"
BASIC = {"Authorization": "Basic " + base64.b64encode(SECRET.encode()).decode()}
MEGABYTE = 1_000_000
# django-anymail warns that nobody tests its reader for SendGrid any more.
pytestmark = pytest.mark.filterwarnings("ignore::anymail.exceptions.AnymailNotSupportedWarning")


@pytest.fixture(autouse=True)
def providers(settings: Settings) -> None:
    settings.MAIL_PROVIDERS = ["postmark", "sendgrid", "sparkpost"]
    settings.ANYMAIL = {"WEBHOOK_SECRET": SECRET}


@pytest.fixture
def notice(change: PolicyVersion, alice: Customer, sink: Sink) -> OutgoingMail:
    announce_changes()
    deliver()
    return mail_to(alice)


def called(path: str, event: Any, headers: dict[str, str] | None = None) -> int:
    client = Client(headers=BASIC if headers is None else headers)
    content = json.dumps(event)
    answer = client.post(f"/webhooks/mail/{path}", content, content_type="application/json")
    return answer.status_code


def posted(path: str, fields: dict[str, Any]) -> int:
    return Client(headers=BASIC).post(f"/webhooks/mail/{path}", fields).status_code


def from_postmark(raw: bytes, recipient: str, sender: str) -> dict[str, Any]:
    return {
        "From": sender,
        "FromFull": {"Email": sender, "Name": "", "MailboxHash": ""},
        "ToFull": [{"Email": recipient, "Name": "", "MailboxHash": ""}],
        "OriginalRecipient": recipient,
        "MessageID": "22c74902-a0c1-4511-804f-341342852c90",
        "Headers": [{"Name": "Return-Path", "Value": f"<{sender}>"}],
        "RawEmail": raw.decode(),
    }


def from_sendgrid(raw: bytes, recipient: str, sender: str) -> dict[str, Any]:
    return {"email": raw.decode(), "envelope": json.dumps({"to": [recipient], "from": sender})}


def from_sparkpost(raw: bytes, recipient: str, sender: str) -> list[dict[str, Any]]:
    content = {"email_rfc822": raw.decode(), "email_rfc822_is_base64": False}
    relayed = {"protocol": "smtp", "content": content, "rcpt_to": recipient, "msg_from": sender}
    return [{"msys": {"relay_message": relayed}}]


def handed_on(provider: str, raw: bytes, recipient: str, sender: str) -> int:
    """Have a provider hand on a mail, as it came."""
    if provider == "sendgrid":
        return posted("sendgrid/", from_sendgrid(raw, recipient, sender))
    shapes: dict[str, Any] = {"postmark": from_postmark, "sparkpost": from_sparkpost}
    return called(f"{provider}/", shapes[provider](raw, recipient, sender))


@pytest.mark.parametrize("provider", ["postmark", "sendgrid", "sparkpost"])
def test_a_mail_that_a_provider_hands_on_is_heard_once(alice: Customer, provider: str) -> None:
    raw = a_mail("stop", sender=alice.email, to=f"optout@{OURS}")
    for _each in range(2):
        assert handed_on(provider, raw, f"optout@{OURS}", alice.email) == 200
    assert not may_use(alice, "product-news").allowed
    assert InboundMail.objects.get().way == InboundMail.Way.PROVIDER


def test_a_mail_that_a_provider_has_read_is_put_together_again(policy: PolicyVersion) -> None:
    event = from_postmark(b"", f"support@{OURS}", "eve@example.org")
    del event["RawEmail"]
    event |= {"Subject": "My order", "TextBody": "It is late. Grüße"}
    assert called("postmark/", event) == 200
    fields = {
        "headers": "From: Bob <bob@example.org>\nSubject: My bill\nMessage-ID: <8@x>\n",
        "text": "It is high.",
        "envelope": json.dumps({"to": [f"billing@{OURS}"], "from": "bob@example.org"}),
        "attachments": "1",
        "attachment-info": json.dumps({"attachment1": {"filename": "bill.txt"}}),
        "attachment1": SimpleUploadedFile("bill.txt", b"12 $", "text/plain"),
    }
    assert posted("sendgrid/", fields) == 200
    first, second = Case.objects.order_by("pk")
    assert (first.subject, first.messages.get().text) == ("My order", "It is late. Grüße")
    assert (second.subject, second.messages.get().text) == ("My bill", "It is high.")
    assert second.messages.get().attachments.get().name == "bill.txt"


def a_bounce(provider: str, mail: OutgoingMail) -> Any:
    if provider == "postmark":
        return {
            "RecordType": "Bounce",
            "Type": "HardBounce",
            "ID": 42,
            # Postmark's own name for the mail; ours stands in what it was.
            "MessageID": "883953f4-6105-42a2-a16a-77a8eac79483",
            "Details": "smtp;550 5.1.1 unknown user",
            "Email": mail.address,
            "BouncedAt": "2027-01-04T16:33:54Z",
            "Content": f"Received: from x\r\nMessage-ID: {mail.message_id}\r\n\r\nHello",
        }
    return [
        {
            "event": "bounce",
            "email": mail.address,
            "timestamp": 1799074800,
            "smtp-id": mail.message_id,
            "sg_event_id": "a",
            "reason": "550 5.1.1 unknown user",
            "status": "5.1.1",
        }
    ]


@pytest.mark.parametrize("provider", ["postmark", "sendgrid"])
def test_a_provider_says_that_a_mail_came_back(notice: OutgoingMail, provider: str) -> None:
    for _each in range(2):
        assert called(f"{provider}/events/", a_bounce(provider, notice)) == 200
    notice.refresh_from_db()
    assert notice.state == State.BOUNCED
    assert [(each.kind, each.status) for each in notice.bounces.all()] == [("hard", "5.1.1")]
    assert not told_of(notice.campaign.change).exists()  # type: ignore[union-attr]


@pytest.mark.parametrize("provider", ["postmark", "sendgrid"])
def test_what_a_provider_says_of_another_address_does_nothing(
    notice: OutgoingMail, provider: str
) -> None:
    event = json.dumps(a_bounce(provider, notice)).replace(notice.address, "bob@example.com")
    assert called(f"{provider}/events/", json.loads(event)) == 200
    notice.refresh_from_db()
    assert notice.state == State.ACCEPTED


def test_a_provider_says_that_somebody_called_a_mail_spam(
    notice: OutgoingMail, alice: Customer
) -> None:
    complaint = a_bounce("postmark", notice) | {
        "RecordType": "SpamComplaint",
        "Type": "SpamComplaint",
    }
    assert called("postmark/events/", complaint) == 200
    assert not may_use(alice, "product-news").allowed


@pytest.mark.parametrize("path", ["", "mime/", "events/"])
@pytest.mark.parametrize("provider", ["brevo", "mandrill", "mailgun"])
def test_whom_the_settings_do_not_name_nobody_hears(db: None, provider: str, path: str) -> None:
    assert called(f"{provider}/{path}", {}) == 404


@pytest.mark.parametrize("given", ["", "Basic bm9ib2R5", "Basic !", "Bearer x"])
@pytest.mark.parametrize("path", ["postmark/", "postmark/events/", "sendgrid/events/"])
def test_without_the_secret_nothing_is_heard(notice: OutgoingMail, path: str, given: str) -> None:
    provider = path.partition("/")[0]
    event = (
        a_bounce(provider, notice) if "events" in path else from_postmark(a_mail(), "a@b", "c@d")
    )
    assert called(path, event, {"Authorization": given} if given else {}) == 400
    notice.refresh_from_db()
    assert notice.state == State.ACCEPTED
    assert not InboundMail.objects.exists()


@pytest.mark.parametrize("provider", ["postmark", "sendgrid", "sparkpost", "mailgun"])
def test_a_mail_of_a_megabyte_is_taken_and_one_of_thirty_refused_plainly(
    policy: PolicyVersion, settings: Settings, provider: str
) -> None:
    settings.MAILGUN_SIGNING_KEY = KEY
    settings.ANYMAIL = {"WEBHOOK_SECRET": SECRET, "MAILGUN_WEBHOOK_SIGNING_KEY": KEY}
    for size, status in ((1, 200), (30, 413)):
        raw = a_mail("The site is slow. " * (size * MEGABYTE // 18), message_id=f"<{size}@x>")
        if provider == "mailgun":
            fields = {"recipient": f"support@{OURS}", "sender": "eve@x.example"}
            written = {**fields, **signature(), "body-mime": raw.decode()}
            assert posted("mailgun/mime/", written) == status
        else:
            assert handed_on(provider, raw, f"support@{OURS}", "eve@x.example") == status
    assert InboundMail.objects.count() == 1


def test_a_call_that_says_nothing_of_its_length_is_bounded_too(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("notifications.providers.MOST_OCTETS", 1000)
    assert called("postmark/", from_postmark(b"x" * 1000, "a@b", "c@d")) == 413


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"--",
        b"--x--",
        b"--x\r\n--x--\r\n",
        b"--x\r\nContent-Disposition: form-data\r\n\r\n1\r\n--x--",
        b"--x\r\nContent-Disposition: form-data; name=\xff\r\n\r\n\xff",
        b"--x\r\n\r\n\r\n" * 2000,
    ],
)
def test_no_form_whatever_makes_reading_a_call_fail(db: None, content: bytes) -> None:
    client = Client(headers=BASIC)
    for kind in ("multipart/form-data; boundary=x", "multipart/form-data", "text/plain"):
        answer = client.post("/webhooks/mail/sendgrid/", content, content_type=kind)
        assert answer.status_code == 400


def test_a_form_is_read_as_djangos_own_are() -> None:
    file = SimpleUploadedFile("a.txt", b"\r\n--\r\n\xff", "text/plain")
    fields = {"one": "1", "two": ["2", "zwei\r\n\r\nä"], "empty": "", "file": file}
    request = RequestFactory().post("/", fields, content_type=MULTIPART_CONTENT)
    call = Call(request)
    again = RequestFactory().generic("POST", "/", call.body, request.META["CONTENT_TYPE"])
    assert call.POST == again.POST
    mine, usual = (dict(each.FILES.items())["file"] for each in (call, again))
    assert mine.read() == usual.read() == b"\r\n--\r\n\xff"  # type: ignore[union-attr]
    assert mine.name == "a.txt"  # type: ignore[union-attr]
    assert call.octets["two"] == "zwei\r\n\r\nä".encode()


@pytest.mark.parametrize("slug", PROVIDERS)
def test_every_provider_has_a_reader(slug: str, settings: Settings) -> None:
    settings.ANYMAIL = {
        "WEBHOOK_SECRET": SECRET,
        "MAILGUN_WEBHOOK_SIGNING_KEY": KEY,
        "MANDRILL_WEBHOOK_KEY": KEY,
    }
    for of_mail in (True, False):
        assert PROVIDERS[slug].reader(of_mail=of_mail).esp_name


def test_a_provider_that_nobody_knows_stops_the_start(settings: Settings) -> None:
    assert providers_are_known() == []
    settings.MAIL_PROVIDERS = ["postmark", "pigeon"]
    assert [problem.id for problem in providers_are_known()] == ["notifications.E003"]
