"""Any mail is read as far as it can be, and never raises."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.hearing.addresses import addresses
from notifications.hearing.authorship import sign_of_a_machine, wants_no_answer
from notifications.hearing.bounce import read_bounce
from notifications.hearing.boxes import destination_of
from notifications.hearing.complaint import read_complaint
from notifications.hearing.opt_out_words import Wish, wish_of
from notifications.hearing.parsing import ParsedMail, parse
from tests.notifications.mail_shapes import STRANGE, a_mail, multipart, nested, zip_bomb


def everything_of(mail: ParsedMail) -> list[object]:
    """Ask a mail for all that the portal asks of one."""
    return [
        *(mail.subject, mail.text, mail.senders, mail.message_id, mail.references, mail.sameness),
        *((part.filename, part.content_type, part.content) for part in mail.attachments),
        *(sign_of_a_machine(mail, None, {"news@bizsecure.com"}), wants_no_answer(mail)),
        *(read_bounce(mail), read_complaint(mail), destination_of(mail, "", "bizsecure.com")),
        wish_of(mail.subject, mail.text),
    ]


@pytest.mark.parametrize("name", STRANGE)
def test_a_strange_mail_is_read_as_far_as_it_can_be(name: str) -> None:
    mail = parse(STRANGE[name])
    everything_of(mail)
    assert "\n" not in mail.subject + mail.message_id
    assert "\r" not in mail.subject + mail.message_id
    assert not any("\n" in box.name + box.address for box in mail.senders)
    mail.text.encode()


@given(st.binary(max_size=3_000))
def test_any_bytes_can_be_read(raw: bytes) -> None:
    everything_of(parse(raw))


@given(st.sampled_from(sorted(STRANGE)), st.data())
def test_a_damaged_mail_can_be_read(name: str, data: st.DataObject) -> None:
    raw = STRANGE[name][:2_000]
    at = data.draw(st.integers(0, len(raw)))
    everything_of(parse(raw[:at] + data.draw(st.binary(max_size=30)) + raw[at + 3 :]))


def test_what_an_honest_mail_says() -> None:
    mail = parse(a_mail("Hello\nDave", In_Reply_To="<b@x>", References="<a@x> <b@x>"))
    assert (mail.subject, mail.text) == ("A question", "Hello\nDave")
    assert [(box.name, box.address) for box in mail.senders] == [("Dave Doe", "dave@example.com")]
    assert mail.message_id == "<one@mail.example.com>"
    assert mail.references == ["<b@x>", "<a@x>"]


def test_headers_are_decoded_and_stay_on_their_line() -> None:
    mail = parse(STRANGE["header injection"])
    assert mail.subject == "Hi Bcc: victim@example.com"
    assert mail.senders[0].name == "Dave Bcc: x@y"
    assert parse(STRANGE["8-bit headers"]).subject.startswith("Grüße")


def test_the_innermost_of_a_hundred_parts_is_found() -> None:
    assert parse(nested(100)).text == "unsubscribe"


def test_files_have_a_name_without_folders_and_stay_closed() -> None:
    [part] = parse(zip_bomb()).attachments
    assert part.filename == "invoice.zip"
    assert len(part.content) < 10_000


def test_the_words_of_html_are_read_without_its_quotes_and_scripts() -> None:
    markup = (
        "<html><head><title>T</title><style>p{}</style></head><body><p>Stop&nbsp;it</p>"
        "<script>evil()</script><!-- no --><blockquote>our link</blockquote>bye<br>bye</body>"
    )
    assert parse(a_mail(markup, Content_Type="text/html")).text == "Stop it\nbye\nbye"


def test_the_text_is_taken_before_the_html() -> None:
    mail = multipart(
        "multipart/alternative",
        ("Content-Type: text/html", "<p>formatted</p>"),
        ("Content-Type: text/plain; charset=iso-8859-1", "plain"),
    )
    assert parse(mail).text == "plain"


def test_two_copies_of_a_mail_are_the_same_whatever_relays_did_to_them() -> None:
    one = a_mail("Grüße = hello")
    relayed = b"Received: from a by b\nDelivered-To: optout@bizsecure.com\n" + one
    as_base64 = one.replace("Grüße = hello".encode(), b"R3LDvMOfZSA9IGhlbGxv").replace(
        b"MIME-Version: 1.0", b"MIME-Version: 1.0\r\nContent-Transfer-Encoding: base64"
    )
    assert parse(one).sameness == parse(relayed).sameness == parse(as_base64).sameness
    assert parse(one).sameness != parse(a_mail("Grüße = hullo")).sameness
    assert parse(one).sameness != parse(a_mail("Grüße = hello", message_id="<2@x>")).sameness


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("Dave <dave@example.com>, eve@example.com", ["dave@example.com", "eve@example.com"]),
        ('"Doe, Dave" <dave@example.com>', ["dave@example.com"]),
        ("dave@example.com (Dave, the one)", ["dave@example.com"]),
        ("<dave@example.com", ["dave@example.com"]),
        ("Friends: dave@example.com, eve@example.com;", ["dave@example.com", "eve@example.com"]),
        ("dave at example.com", []),
        ("<>", []),
        ("a@b@c.example", ["a@b"]),
    ],
)
def test_addresses_are_found_in_a_header(header: str, found: list[str]) -> None:
    assert addresses([header]) == found


@pytest.mark.parametrize("name", ["only HTML", "nested a hundred deep"])
def test_a_wish_is_found_however_it_is_packed(name: str) -> None:
    mail = parse(STRANGE[name])
    assert wish_of(mail.subject, mail.text) is Wish.PLAIN
