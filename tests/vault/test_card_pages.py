"""The pages of cards: what may be typed, what is shown, and what is never shown again."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.http import urlencode
from time_machine import Traveller

from accounts.models import Customer
from bizsecure.core.digits import holds_card_number
from bizsecure.local.acquirer import Acquirer
from bizsecure.vault import payees
from bizsecure.vault.cards import CardState
from bizsecure.vault.models import Card
from bizsecure.vault.payees import Payee
from tests.builders import DAY
from tests.pages.browsing import just_proven, signed_in, text
from tests.paying import CODE, CONFIRMED, HOLDER, MASTERCARD, REFUSED, VISA, a_card, typed

ADD = reverse("add_card")
CHECKOUT = reverse("checkout")


@pytest.fixture
def browser(alice: Customer) -> Client:
    """Give alice's browser; she has just proven that it is her."""
    return just_proven(signed_in(alice))


def sent(browser: Client, number: str = VISA, **other: Any) -> Any:
    return browser.post(ADD, typed(number, **other))


def test_a_customer_without_cards_reads_what_to_do(browser: Client) -> None:
    page = text(browser.get(reverse("cards")))
    assert "No cards" in page
    assert ADD in page


def test_a_card_is_added_and_shown_by_its_last_four_digits(
    browser: Client, acquirer: Acquirer
) -> None:
    answer = browser.post(ADD, typed("4242 4242-4242\u00a04242"), follow=True)
    page = text(answer)
    assert "Your card was accepted" in page
    assert "Visa ending in 4242" in page
    assert HOLDER not in page
    assert not holds_card_number(page)


def test_adding_it_twice_adds_it_once(browser: Client, acquirer: Acquirer) -> None:
    assert [sent(browser).status_code, sent(browser).status_code] == [302, 302]
    assert acquirer.book.count("verify") == Card.objects.count() == 1


def test_a_refused_card_says_why_and_what_to_do(browser: Client, acquirer: Acquirer) -> None:
    page = text(browser.post(ADD, typed(REFUSED), follow=True))
    assert "Your bank declined the payment" in page
    assert "Add another card" in page


def test_a_card_to_confirm_leads_to_the_card_company_and_back(
    browser: Client, acquirer: Acquirer
) -> None:
    card = Card.objects.get(uid=_uid_in(sent(browser, CONFIRMED)))
    page = text(browser.get(card.get_absolute_url()))
    assert card.confirm_url in page
    acquirer.book.confirm(card.reference, agrees=True)
    browser.get(card.get_absolute_url())
    card.refresh_from_db()
    assert card.is_confirming  # looking alone asks nobody
    browser.post(card.get_absolute_url())
    card.refresh_from_db()
    assert card.is_ready


def test_a_card_that_the_checkout_wants_leads_back_there(
    browser: Client, acquirer: Acquirer
) -> None:
    wanted = f"{ADD}?next={CHECKOUT}"
    assert f'href="{CHECKOUT}"' in text(browser.get(wanted))
    assert browser.post(wanted, typed(VISA))["Location"] == CHECKOUT
    page = browser.post(wanted, typed(CONFIRMED))["Location"]
    card = Card.objects.latest("pk")
    entry = acquirer.book.to_confirm(card.reference)
    assert entry
    assert entry.back_to.endswith(f"{page}&back")
    assert "data-sent-at-once" in text(browser.get(f"{page}&back"))
    assert "data-sent-at-once" not in text(browser.get(page))
    acquirer.book.confirm(card.reference, agrees=True)
    assert browser.post(page)["Location"] == CHECKOUT


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "\\\\evil"]
)
def test_nobody_is_led_to_another_site(browser: Client, acquirer: Acquirer, elsewhere: str) -> None:
    answer = browser.post(f"{ADD}?{urlencode({'next': elsewhere})}", typed(VISA))
    assert answer["Location"] == reverse("cards")


GOLDEN = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), "
    "browsing-topics=()",
}
CONTENT = (
    *("base-uri 'none'", "connect-src 'self'", "default-src 'none'", "font-src 'self'"),
    *("form-action 'self'", "frame-ancestors 'none'", "img-src 'self' data:"),
    *("manifest-src 'self'", "object-src 'none'", "script-src 'self'", "style-src 'self'"),
)


def test_every_page_of_cards_goes_with_these_headers(
    browser: Client, alice: Customer, acquirer: Acquirer
) -> None:
    uid = a_card(alice).uid
    pages = [reverse("cards"), ADD, reverse("card", args=[uid]), reverse("remove_card", args=[uid])]
    answers = [browser.get(page) for page in pages]
    answers += [browser.post(ADD, typed("1234")), browser.post(ADD, typed(MASTERCARD))]
    for answer in answers:
        assert {name: answer.headers.get(name) for name in GOLDEN} == GOLDEN
        assert tuple(sorted(answer["Content-Security-Policy"].split("; "))) == CONTENT


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("number", "", "required"),
        ("number", " ", "required"),
        ("number", "4242424242424241", "a digit is wrong"),
        ("number", "42424242424", "too short or too long"),
        ("number", "4" * 20, "too short or too long"),
        ("number", "4242 4242 4242 424x", "digits only"),
        ("number", "4242424242424242\r\nBcc: x@y", "digits only"),
        ("number", "<script>alert(1)</script>", "digits only"),
        ("number", "9" * 1_000_00, "at most 60 characters"),
        ("number", "1000000000000008", "do not know this kind of card"),
        ("expiry", "", "required"),
        ("expiry", "10/26", "has expired"),
        ("expiry", "12/99", "valid for that long"),
        ("expiry", "{{7*7}}", "month and year"),
        ("expiry", VISA, "month and year"),
        ("code", "", "required"),
        ("code", "12", "three digits"),
        ("code", "73737", "three digits"),
        ("code", VISA, "three digits"),
        ("holder", "", "required"),
        ("holder", "A\u202eB", "cannot be seen"),
        ("holder", f"Alice {VISA}", "looks like a card number"),
        ("holder", "x" * 61, "at most 60 characters"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_no_digit_comes_back(
    browser: Client, acquirer: Acquirer, clock: Traveller, field: str, value: str, sentence: str
) -> None:
    answer = sent(browser, **{field: value})
    page = text(answer)
    assert answer.status_code == 422
    assert sentence in page
    assert "There is a problem" in page
    assert VISA not in page
    assert f'value="{CODE}"' not in page
    assert not Card.objects.exists()


def test_what_is_no_secret_is_not_lost_when_something_is_wrong(browser: Client) -> None:
    page = text(sent(browser, code=""))
    assert f'value="{HOLDER}"' in page
    assert "please type them once more" in page


def test_a_null_byte_or_json_is_no_card(browser: Client) -> None:
    assert sent(browser, number=VISA + "\x00").status_code == 422
    answer = browser.post(ADD, {"number": VISA}, content_type="application/json")
    assert answer.status_code == 422


def test_a_doubled_field_counts_once(browser: Client, acquirer: Acquirer) -> None:
    browser.post(ADD, {**typed(), "number": [VISA, MASTERCARD]})
    assert Card.objects.get().last_four == MASTERCARD[-4:]


def test_a_card_sent_when_a_proof_is_due_is_refused_and_kept_nowhere(
    browser: Client, acquirer: Acquirer, clock: Traveller
) -> None:
    clock.shift(DAY / 24)
    assert sent(browser).status_code == 403
    assert not Card.objects.exists()
    for session in Session.objects.all():
        assert VISA not in repr(session.get_decoded())
        # By itself: three digits may stand in a digest by chance.
        assert not re.search(rf"\b{CODE}\b", repr(session.get_decoded()))


def test_a_card_is_removed_once_that_is_confirmed(browser: Client, alice: Customer) -> None:
    card = a_card(alice)
    address = reverse("remove_card", args=[card.uid])
    page = text(browser.get(address))
    assert "We forget its number at once" in page
    for _each in range(2):
        assert "Removed" in text(browser.post(address, follow=True))
    card.refresh_from_db()
    assert (card.state, card.sealed_number) == (CardState.REMOVED, None)
    assert browser.get(card.get_absolute_url()).status_code == 404


def test_nobody_removes_or_sees_the_card_of_another(alice: Customer, bob: Customer) -> None:
    card, stranger = a_card(alice), just_proven(signed_in(bob))
    for address in (card.get_absolute_url(), reverse("remove_card", args=[card.uid])):
        assert stranger.get(address).status_code == 404
        assert stranger.post(address).status_code == 404
    card.refresh_from_db()
    assert card.is_ready


def test_the_page_says_what_a_card_pays_for(
    browser: Client, alice: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = a_card(alice)
    paid = {card.uid: [Payee("Business hosting", "/account/services/1/")]}
    monkeypatch.setattr(payees, "_lookups", [lambda _customer: paid])
    for address in (reverse("cards"), reverse("remove_card", args=[card.uid])):
        assert "Business hosting" in text(browser.get(address))


def test_the_list_costs_the_same_for_many_cards(browser: Client, alice: Customer) -> None:
    def questions(cards: int) -> int:
        for number in range(cards):
            card = a_card(alice, [VISA, MASTERCARD][number % 2])
            Card.objects.filter(pk=card.pk).update(last_four=f"{cards}00{number}")
        with CaptureQueriesContext(connection) as asked:
            assert f"ending in {cards}000" in text(browser.get(reverse("cards")))
        return len(asked)

    browser.get(reverse("cards"))
    assert questions(1) == questions(8) <= QUERIES


# Session, user, customer, the banner, the saved cart, the cards, and what they pay for.
QUERIES = 8


def _uid_in(answer: Any) -> str:
    return str(answer.url).rstrip("/").rpartition("/")[2]
