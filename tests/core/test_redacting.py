"""The net under the logs takes out what looks like a secret or like somebody's, and no more."""

from __future__ import annotations

import json

import pytest
from django.conf import settings as django_settings
from hypothesis import given
from hypothesis import strategies as st

from bizsecure.core.redacting import HIDDEN, redact, redacted

OURS = "a token that no rule of form would find"
CAUGHT = {
    "an address": ("alice@example.com is taken", "alice@example.com"),
    "an address in a link": ("/x?email=alice%40example.com", "alice%40example.com"),
    "an address in brackets": ("<alice.adams+x@mail.example.co.uk>", "alice.adams"),
    "a card": ("card 4111111111111111 declined", "4111111111111111"),
    "a card in groups": ("4000 0566 5566 5556", "0566"),
    "a card with dashes": ("4000-0566-5566-5556!", "0566"),
    "a telephone": ("call +1 201-555-0142 now", "555-0142"),
    "a network address": ("from 198.51.100.7 again", "198.51.100.7"),
    "a newer network address": ("from 2001:db8::7 again", "2001:db8"),
    "a password": ("password=hunter2-and-more", "hunter2"),
    "a password in json": ('{"password": "hunter2"}', "hunter2"),
    "a cookie": ("Cookie: session=abcdef", "abcdef"),
    "a bearer": ("Authorization: Bearer abc.def.ghi", "abc.def"),
    "a security code": ("cvc: 737", "737"),
    "a token of a link": ("/u/Zm9vYmFyYmF6cXV4MTIzNDU2Nzg5MA/", "Zm9vYmFy"),
    "a key of Stripe's": ("sk_live_51H8xY2eZvKYlo2C0abcdefgh", "51H8xY2e"),
    "the user of an address": ("redis://portal:s3cret@redis.internal", "s3cret"),
    "the key of the site": (f"key {django_settings.SECRET_KEY}!", django_settings.SECRET_KEY),
    "the sandbox's secret": (
        f"({django_settings.SANDBOX_SECRET})",
        django_settings.SANDBOX_SECRET,
    ),
}
LET_BE = [
    "accounts.tasks.erase_closed_accounts waits for the sweep: ConnectionRefusedError",
    "geotrust answered request 41: accepted",
    "The mail server cannot be used: SMTPServerDisconnected (None)",
    "2026-11-30T19:17:18 is a moment, 12:30:05 a time of day",
    "order 2026-000123 has 3 lines, 1234567890123 bytes",
    "bizsecure/store/services/paying.py:120 in settle",
    "database does not answer: OperationalError",
]


@pytest.mark.parametrize(("text", "secret"), CAUGHT.values(), ids=CAUGHT.keys())
def test_what_looks_like_somebodys_or_like_a_secret_is_taken_out(text: str, secret: str) -> None:
    assert secret in text
    assert secret not in redacted(text)
    assert secret not in json.dumps(redact({"note": [text], "deep": {"er": text}}))


@pytest.mark.parametrize("text", LET_BE)
def test_ordinary_lines_stay_as_they_are(text: str) -> None:
    assert redacted(text) == text


@pytest.mark.parametrize(
    "name",
    ["password", "new_password1", "email", "telephone", "street", "ip", "user_agent", "name"],
)
def test_a_field_that_is_called_so_shows_nothing(name: str) -> None:
    assert redact({name: OURS}) == {name: HIDDEN}


@pytest.mark.parametrize("break_", ["\r\n", "\n", "\x00", "\x1b[2J", "\u2028", "\u202e", "\x85"])
def test_a_line_stays_one_line(break_: str) -> None:
    shown = redacted(f"before{break_}after")
    assert break_ not in shown
    assert shown.startswith("before\\x")
    assert len(shown.splitlines()) == 1


def test_what_is_no_text_is_no_leak() -> None:
    assert redact(b"\x00secret") == HIDDEN
    assert redact(7) == 7
    assert redact(None) is None
    assert len(redact(["x"] * 1000)) == 40
    assert len(redacted("x y " * 100_000)) <= 2000


@given(st.text(max_size=300))
def test_any_text_at_all_becomes_one_line(text: str) -> None:
    assert len(redacted(text).splitlines()) <= 1
