"""Every kind of mail keeps the rules of its sort: essential, or with a way out of it."""

from __future__ import annotations

import pytest
from django.conf import settings

from accounts.models import Customer
from notifications.announcement_words import compose_announcement
from notifications.kinds import ANNOUNCED, KINDS, NEEDS_AGREEMENT, Kind, KindKey
from notifications.letters import check, paragraphs, write
from notifications.unsubscribing import list_headers
from tests.builders import TODAY
from tests.notifications.announced import a_draft, written

# Words that sell something have no place in what cannot be switched off.
SELLING = ("offer", "discount", "upgrade", "buy", "save up to", "special price")
FACTS = {
    "cancel_url": "https://www.bizsecure.com/accounts/email/cancel/x/",
    "activate_url": "https://www.bizsecure.com/accounts/confirm-email/MQ:x/",
    "password_reset_url": "https://www.bizsecure.com/accounts/password/reset/",
    "signup_url": "https://www.bizsecure.com/accounts/signup/",
    "from_email": "alice@example.com",
    "to_email": "alice@example.org",
    "deleted_email": "alice@example.com",
    "changed": ["your name"],
    "at": TODAY,
    "asked_on": TODAY.date(),
    "days": 14,
    "decided": ["You said no: May we?"],
    "order": "O-23456789AB",
    "invoice": "BZ-000001",
    "lines": ["1 x Shared hosting: $8.00"],
    "total": "$8.00",
    "reason": "we could not deliver it",
    "service": "Shared hosting",
    "site": "alice.example",
    "until": TODAY,
    "case_url": "https://www.bizsecure.com/case/x/",
    "number": "C-23456789",
    "topic": "Something else",
    "about": "Re: My site",
    "answer": ["It was the cache.", "", "Please look again."],
    "url": "https://www.bizsecure.com/account/orders/O-23456789AB/",
}
LETTERS = [
    kind
    for kind in KINDS.values()
    if not kind.key.startswith("policy_") and kind.key not in ANNOUNCED
]
every_letter = pytest.mark.parametrize("kind", LETTERS, ids=lambda kind: kind.key.value)


def test_every_key_has_its_kind() -> None:
    assert set(KINDS) == set(KindKey)


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.key.value)
def test_every_kind_says_why_it_comes(kind: Kind) -> None:
    assert str(kind.why).endswith(".")
    if kind.is_essential:
        assert "cannot be switched off" in str(kind.why)


@every_letter
def test_a_letter_has_words_that_can_be_sent(kind: Kind, alice: Customer) -> None:
    facts = FACTS if "code" not in kind.key.value else {"code": "R4Q-7XK"}
    letter = write(kind, alice, facts)
    check(kind, letter)
    assert "Hello Alice Adams," in letter.text
    assert str(kind.why) in letter.text
    assert letter.subject
    assert "\n\n\n" not in letter.text


@every_letter
def test_a_letter_says_in_html_what_it_says_in_text(kind: Kind, alice: Customer) -> None:
    letter = write(kind, alice, FACTS if "code" not in kind.key.value else {"code": "R4Q-7XK"})
    body = letter.text.split("\n\n", 1)[1].partition("\n--\n")[0]
    shown = letter.html.replace("&#x27;", "'").replace("&amp;", "&")
    for paragraph in paragraphs(body):
        for line in paragraph.lines if paragraph.form == "list" else (paragraph.text,):
            assert line in shown


@every_letter
def test_an_essential_letter_sells_nothing(kind: Kind, alice: Customer) -> None:
    if kind.is_essential:
        letter = write(kind, alice, FACTS | {"code": "R4Q-7XK"})
        words = f"{letter.subject} {letter.text}".lower()
        assert [word for word in SELLING if word in words] == []


@every_letter
def test_nothing_in_a_letter_is_fetched_from_anywhere(kind: Kind, alice: Customer) -> None:
    letter = write(kind, alice, FACTS)
    assert "<img" not in letter.html
    assert "<link" not in letter.html
    assert "url(" not in letter.html


@pytest.mark.parametrize("key", ANNOUNCED)
def test_what_can_be_stopped_says_how_and_nothing_else_does(key: KindKey, db: None) -> None:
    kind = KINDS[key]
    words = compose_announcement(written(a_draft(key)), "en")
    ways = [words["text"], words["html"], *list_headers(kind).values()]
    if kind.is_essential:
        assert key in NEEDS_AGREEMENT
        assert list_headers(kind) == {}
        assert "[[token]]" not in "".join(ways)
        return
    link = f"{settings.SITE_URL}/u/[[token]]/"
    assert all(link in way for way in ways[:3])
    assert settings.POSTAL_ADDRESS in words["text"]
    assert settings.POSTAL_ADDRESS in words["html"]
    assert list_headers(kind) == {
        "List-Unsubscribe": f"<{link}>, "
        "<mailto:optout@bizsecure.com?subject=unsubscribe%20[[token]]>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "List-ID": kind.list_name,
    }


def test_what_a_fact_says_is_never_read_as_a_hole_or_as_markup(alice: Customer) -> None:
    alice.name = "[[link]] <b>Alice</b>\r\nBcc: mallory@example.com"
    kind = KINDS[KindKey.PASSWORD_CHANGED]
    letter = write(kind, alice, {})
    check(kind, letter)
    assert letter.secrets == {}
    assert "<b>Alice</b>" not in letter.html
    assert "[ [link]] <b>Alice</b> Bcc: mallory@example.com" in letter.text
