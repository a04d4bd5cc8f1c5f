"""A card, as far as its digits and its date tell (SEC-1)."""

from __future__ import annotations

import copy
import json
import pickle  # noqa: TID251  to see that it does not work
import re
import traceback
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bizsecure.core.digits import bare_digits, holds_card_number, luhn_holds
from bizsecure.vault.cards import (
    Brand,
    CardDetails,
    CardNumber,
    Expiry,
    Mistake,
    NotACard,
    SecurityCode,
)

TODAY = date(2026, 11, 25)
VISA = "4242424242424242"


def with_check_digit(digits: str) -> str:
    return next(digits + str(last) for last in range(10) if luhn_holds(digits + str(last)))


def details() -> CardDetails:
    return CardDetails(CardNumber.typed(VISA), Expiry(2028, 4), "Alice Adams")


@pytest.mark.parametrize(
    ("number", "brand"),
    [
        ("4242424242424242", Brand.VISA),
        (with_check_digit("422222222222"), Brand.VISA),
        (with_check_digit("4" * 18), Brand.VISA),
        ("5555555555554444", Brand.MASTERCARD),
        ("2223003122003222", Brand.MASTERCARD),
        (with_check_digit("222100000000000"), Brand.MASTERCARD),
        (with_check_digit("272099000000000"), Brand.MASTERCARD),
        ("378282246310005", Brand.AMEX),
        (with_check_digit("34000000000000"), Brand.AMEX),
        ("6011111111111117", Brand.DISCOVER),
        (with_check_digit("644000000000000"), Brand.DISCOVER),
        ("3056930009020004", Brand.DINERS),
        ("36227206271667", Brand.DINERS),
        ("3566002020360505", Brand.JCB),
        ("6200000000000005", Brand.UNIONPAY),
        (with_check_digit("50000000000"), Brand.MAESTRO),
        (with_check_digit("675900000000000000"), Brand.MAESTRO),
    ],
)
def test_the_brand_is_known_from_the_first_digits(number: str, brand: Brand) -> None:
    assert CardNumber.typed(number).brand is brand


@pytest.mark.parametrize(
    "typed",
    [
        "4242 4242 4242 4242",
        " 4242-4242-4242-4242 ",
        "4242\u20134242\u00a04242\u200b4242",
        "\uff14\uff12\uff14\uff12" * 4,
        "\u0664\u0662\u0664\u0662" * 4,
    ],
    ids=["spaces", "dashes", "pasted", "full width", "arabic"],
)
def test_a_number_is_understood_however_it_is_typed(typed: str) -> None:
    assert CardNumber.typed(typed).reveal() == VISA


@pytest.mark.parametrize(
    ("typed", "mistake"),
    [
        ("", Mistake.NOT_DIGITS),
        ("   ", Mistake.NOT_DIGITS),
        ("4242 4242 4242 424x", Mistake.NOT_DIGITS),
        ("4242424242424242\x00", Mistake.NOT_DIGITS),
        ("4242424242424242\r\nBcc: x@y", Mistake.NOT_DIGITS),
        ("<script>", Mistake.NOT_DIGITS),
        ("\u00b2" * 16, Mistake.NOT_DIGITS),
        ("\ud800" * 16, Mistake.NOT_DIGITS),
        ("4" * 11, Mistake.WRONG_LENGTH),
        ("4" * 20, Mistake.WRONG_LENGTH),
        ("9" * 1_000_000, Mistake.WRONG_LENGTH),
        (with_check_digit("42424242424"), Mistake.WRONG_LENGTH),
        (with_check_digit("555555555555444"[:14]), Mistake.WRONG_LENGTH),
        ("4242424242424241", Mistake.MISTYPED),
        (with_check_digit("100000000000000"), Mistake.UNKNOWN_BRAND),
        (with_check_digit("999999999999999"), Mistake.UNKNOWN_BRAND),
    ],
)
def test_what_is_no_number_is_refused_by_reason(typed: str, mistake: Mistake) -> None:
    with pytest.raises(NotACard) as refused:
        CardNumber.typed(typed)
    assert refused.value.mistake is mistake


@pytest.mark.parametrize(
    ("typed", "expiry"),
    [
        ("04/28", Expiry(2028, 4)),
        (" 4 / 2028 ", Expiry(2028, 4)),
        ("11/26", Expiry(2026, 11)),
        ("\uff11\uff12/\uff12\uff18", Expiry(2028, 12)),
        ("12/46", Expiry(2046, 12)),
    ],
)
def test_a_date_is_read_as_it_stands_on_the_card(typed: str, expiry: Expiry) -> None:
    assert Expiry.typed(typed, TODAY) == expiry


@pytest.mark.parametrize(
    ("typed", "mistake"),
    [
        ("", Mistake.NO_DATE),
        ("0428", Mistake.NO_DATE),
        ("13/28", Mistake.NO_DATE),
        ("0/28", Mistake.NO_DATE),
        ("4/28/1", Mistake.NO_DATE),
        ("x/28", Mistake.NO_DATE),
        ("04/0028", Mistake.EXPIRED),
        ("10/26", Mistake.EXPIRED),
        ("12/2047", Mistake.DATE_TOO_FAR),
        ("01/99", Mistake.DATE_TOO_FAR),
    ],
)
def test_what_is_no_date_is_refused_by_reason(typed: str, mistake: Mistake) -> None:
    with pytest.raises(NotACard) as refused:
        Expiry.typed(typed, TODAY)
    assert refused.value.mistake is mistake


def test_a_card_is_good_until_its_month_has_ended() -> None:
    expiry = Expiry(2028, 2)
    assert not expiry.is_over(date(2028, 2, 29))
    assert expiry.is_over(date(2028, 3, 1))


@pytest.mark.parametrize(
    ("typed", "brand"),
    [("12", Brand.VISA), ("12345", Brand.VISA), ("737", Brand.AMEX), ("", "visa")],
)
def test_a_security_code_of_the_wrong_length_is_refused(typed: str, brand: Brand) -> None:
    with pytest.raises(NotACard) as refused:
        SecurityCode.typed(typed, Brand(brand))
    assert refused.value.mistake is Mistake.WRONG_CODE


def test_a_security_code_is_there_once() -> None:
    code = SecurityCode.typed(" 7 3 7 ", Brand.VISA)
    assert (code.take(), code.take()) == ("737", "")


def test_nothing_that_prints_a_card_shows_more_than_four_digits() -> None:
    card, code = details(), SecurityCode.typed("737", Brand.VISA)
    shown = f"{card} {card!r} {card.number} {card.number!r} {card.number:>40} {code} {code!r}"
    shown += f"{vars(card)} {[card]} { ({'code': code}) }"
    assert "4242" in shown
    assert VISA[:6] not in shown
    assert not re.search(r"\b737\b", shown)


def test_a_traceback_with_its_variables_shows_four_digits() -> None:
    def fails(card: CardDetails, code: SecurityCode) -> None:
        raise ValueError(card, code)

    code = SecurityCode.typed("737", Brand.VISA)
    with pytest.raises(ValueError) as caught:  # noqa: PT011  the words are looked at below
        fails(details(), code)
    report = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    text = "".join(report.format())
    assert "card ending in 4242" in text
    assert VISA not in text
    assert not re.search(r"\b737\b", text)


@pytest.mark.parametrize("secret", [details(), SecurityCode.typed("737", Brand.VISA)], ids=repr)
def test_a_card_cannot_be_stored_or_sent_by_accident(secret: object) -> None:
    with pytest.raises(TypeError):
        pickle.dumps(secret)
    with pytest.raises(TypeError):
        copy.deepcopy(secret)
    with pytest.raises(TypeError):
        json.dumps(secret)


def test_what_is_wrong_with_a_card_says_nothing_of_it() -> None:
    with pytest.raises(NotACard) as refused:
        CardNumber.typed("4242424242424241")
    assert "4242" not in repr(refused.value)


@given(st.text(max_size=40))
def test_any_text_is_a_number_or_a_mistake(text: str) -> None:
    try:
        number = CardNumber.typed(text)
    except NotACard:
        return
    assert number.reveal() == bare_digits(text)


@pytest.mark.parametrize(
    "text", [VISA, "my card is 4242 4242 4242 4242, thanks", "x\uff14\uff12\uff14\uff12" + VISA[4:]]
)
def test_a_card_number_is_found_in_any_text(text: str) -> None:
    assert holds_card_number(text)


@pytest.mark.parametrize(
    "text", ["", "Apartment 12", "+1 201 555 0123", "4242424242424241", VISA + VISA, "12" + VISA]
)
def test_other_numbers_are_taken_for_no_card(text: str) -> None:
    assert not holds_card_number(text)
