"""Whatever is fed to `receive_mail`: exit code 0, kept and handled, and no traceback.

A few hundred mails; `pytest tests/notifications/test_any_mail.py --mails 10000` feeds as many as
one likes, which `make hear` does with ten thousand.
"""

from __future__ import annotations

import io
import random
import sys
from typing import Any

import pytest
from django.core.management import call_command

from accounts.models import Customer
from notifications.models import Case, InboundMail
from notifications.unsubscribing import unsubscribe_token
from tests.notifications.mail_shapes import OURS, STRANGE, VACATIONS, a_mail

RECIPIENTS = ("", f"optout@{OURS}", f"support@{OURS}", f"bounce@{OURS}", f"complaints@{OURS}")
SENDERS = (None, "", "MAILER-DAEMON", "dave@example.com", "no address", "x" * 600)
# What is strewn into a mail: what ends lines, headers and parts, and what other formats begin with.
CONFETTI = (
    *(b"\r\n", b"\n\n", b"\0", b"\xff\xfe", b"--=_b1--", b"=?utf-8?q?", b"<!--", b"]]>", b"%s%n"),
    *(b"From: eve@example.org\n", b"Content-Type: multipart/mixed; boundary=\n", b"\xf0\x9f\x92"),
    *(b"Auto-Submitted: no\n", b"=\n", b"\x1b[2J", b"Bcc: x@y\r\n", b"[[link]]", b"{{ x }}"),
)


def damaged(raw: bytes, chance: random.Random) -> bytes:
    """Return a mail with a few of the things done to it that happen on the way."""
    for _each in range(chance.randrange(4)):
        at, length = chance.randrange(len(raw) + 1), chance.randrange(40)
        what = chance.choice((b"", chance.choice(CONFETTI), chance.randbytes(length)))
        raw = raw[:at] + what + raw[at + chance.choice((0, 1, length)) :]
    if chance.random() < 0.1:
        raw = raw[: chance.randrange(len(raw) + 1)]
    return raw


def any_mail(number: int, chance: random.Random, tokens: list[str]) -> bytes:
    """Return the next mail: each shape as it is, then damaged ones, then real ones among them."""
    shapes = list(STRANGE.values())
    if number < len(shapes):
        return shapes[number]
    if number % 5 == 0:
        vacation: dict[str, Any] = chance.choice(list(VACATIONS.values()))
        return damaged(a_mail("Away.", **{"to": f"optout@{OURS}", **vacation}), chance)
    if number % 7 == 0:
        subject = f"unsubscribe {chance.choice(tokens)}"
        return a_mail("", to=f"optout@{OURS}", subject=subject, message_id=f"<{number}@x>")
    return damaged(chance.choice(shapes)[:20_000], chance)


def test_any_mail_is_kept_and_handled(
    alice: Customer, pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch, capfd: Any
) -> None:
    chance = random.Random("the same mails each time")
    tokens = [unsubscribe_token(customer_id=alice.pk, use="product-news"), "A" * 43, "%00" * 9]
    for number in range(pytestconfig.getoption("mails")):
        raw = any_mail(number, chance, tokens)
        recipient, sender = chance.choice(RECIPIENTS), chance.choice(SENDERS)
        arguments = [
            f"--recipient={recipient}",
            *([] if sender is None else [f"--sender={sender}"]),
        ]
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw)))
        before = InboundMail.objects.count()
        call_command("receive_mail", *arguments)
        assert InboundMail.objects.count() >= before
    kept = InboundMail.objects.all()
    assert not kept.waiting().exists()
    assert {mail.outcome for mail in kept} >= {"opted_out", "case", "machine", "unknown_token"}
    assert Case.objects.exists()
    assert "Traceback" not in "".join(capfd.readouterr())


def test_a_hundred_copies_of_one_mail_are_one(
    alice: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = a_mail("stop", sender=alice.email, to=f"optout@{OURS}")
    for number in range(100):
        copy = b"Received: from relay%d.example by us\r\n" % number + raw
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(copy)))
        call_command("receive_mail")
    assert InboundMail.objects.count() == 1
