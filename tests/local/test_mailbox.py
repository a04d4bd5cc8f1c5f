from __future__ import annotations

from pathlib import Path

import pytest

from bizsecure.local.mailbox import Envelope, Mailbox

ENVELOPE = Envelope("accounts@bizsecure.com", ["alice@example.com"])


@pytest.fixture
def mailbox(tmp_path: Path) -> Mailbox:
    return Mailbox(tmp_path / "mail", kept=3)


def test_a_mail_is_kept_as_it_came_under_its_envelope(mailbox: Mailbox) -> None:
    name = mailbox.put(ENVELOPE, b"Subject: Hello\r\n\r\nBody\r\n")

    stored = (mailbox.folder / f"{name}.eml").read_bytes()

    assert stored == (
        b"Return-Path: <accounts@bizsecure.com>\r\nDelivered-To: alice@example.com\r\n"
        b"Subject: Hello\r\n\r\nBody\r\n"
    )


def test_the_newest_mail_comes_first_and_the_oldest_is_forgotten(mailbox: Mailbox) -> None:
    for number in range(5):
        mailbox.put(ENVELOPE, f"Subject: {number}\r\n\r\n".encode())

    assert [head.subject for head in mailbox.newest_first()] == ["4", "3", "2"]


@pytest.mark.parametrize(
    ("content", "subject", "text"),
    [
        (b"", "", ""),
        (b"\xff\xfe no headers at all", "", "\ufffd\ufffd no headers at all"),
        ("Subject: Grüße\r\n\r\nü".encode(), "Grüße", "ü"),
        (b"Subject: =?bogus?B?!!!?=\r\n\r\nx", "=?bogus?B?!!!?=", "x"),
        (b"Content-Type: text/plain; charset=klingon\r\n\r\nx", "", "x"),
        (b"Content-Transfer-Encoding: base64\r\n\r\n%%%", "", ""),
    ],
    ids=["empty", "no headers", "raw letters", "bad header", "bad charset", "bad base64"],
)
def test_an_odd_mail_can_be_read(mailbox: Mailbox, content: bytes, subject: str, text: str) -> None:
    mail = mailbox.open(mailbox.put(ENVELOPE, content))

    assert mail is not None
    assert (mail.head.subject, mail.text) == (subject, text)


def test_a_mail_nested_without_end_is_named_unreadable(mailbox: Mailbox) -> None:
    nested = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (depth, depth)
        for depth in range(3000)
    )

    mail = mailbox.open(mailbox.put(ENVELOPE, nested))

    assert mail is not None
    assert mail.head.subject == "(unreadable)"


@pytest.mark.parametrize("name", ["", "../secret", "1", "00000000000000000000-0000"])
def test_no_other_file_can_be_opened(mailbox: Mailbox, name: str) -> None:
    assert mailbox.open(name) is None
