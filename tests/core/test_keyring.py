"""The keys of the house: what opens, what does not, and what a change of keys leaves whole."""

from __future__ import annotations

import base64
import string
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from bizsecure.core.keyring import KeyRing, Tampered, digest, digest_root, keyring

OLD, NEW, LOST = bytes(range(32)), bytes(range(32, 64)), bytes(range(64, 96))
PLACE = b"accounts.customer.telephone|1"
ALPHABET = string.ascii_letters + string.digits + "-_"


@pytest.fixture
def ring() -> KeyRing:
    return KeyRing([OLD])


@given(plain=st.binary(max_size=200), place=st.binary(max_size=80))
def test_what_is_sealed_opens_at_its_place(plain: bytes, place: bytes) -> None:
    ring = KeyRing([OLD])
    assert ring.open(ring.seal(plain, place), place) == plain


def test_the_same_text_is_sealed_differently_each_time(ring: KeyRing) -> None:
    assert len({ring.seal(b"+1 201-555-0123", PLACE) for _time in range(100)}) == 100


def test_every_altered_byte_is_refused(ring: KeyRing) -> None:
    sealed = ring.seal(b"+1 201-555-0123", PLACE)
    for place in range(len(sealed)):
        for flip in (1, 128):
            altered = bytearray(sealed)
            altered[place] ^= flip
            with pytest.raises(Tampered):
                ring.open(bytes(altered), PLACE)


def test_every_cut_and_every_addition_is_refused(ring: KeyRing) -> None:
    sealed = ring.seal(b"+1 201-555-0123", PLACE)
    for length in range(len(sealed)):
        with pytest.raises(Tampered):
            ring.open(sealed[:length], PLACE)
        with pytest.raises(Tampered):
            ring.open(sealed[length + 1 :], PLACE)
    with pytest.raises(Tampered):
        ring.open(sealed + b"\0", PLACE)


def test_another_place_is_refused(ring: KeyRing) -> None:
    sealed = ring.seal(b"+1 201-555-0123", PLACE)
    for place in (b"", PLACE[:-1], PLACE + b"0", b"accounts.address.street|1"):
        with pytest.raises(Tampered):
            ring.open(sealed, place)


def test_what_an_older_key_sealed_still_opens_after_a_change_of_keys() -> None:
    sealed = KeyRing([OLD]).seal(b"text", PLACE)
    ring = KeyRing([NEW, OLD])
    assert ring.open(sealed, PLACE) == b"text"
    assert ring.key_id(sealed) != ring.newest
    assert ring.key_id(ring.seal(b"text", PLACE)) == ring.newest


def test_what_a_lost_key_sealed_is_refused() -> None:
    sealed = KeyRing([LOST]).seal(b"text", PLACE)
    with pytest.raises(Tampered):
        KeyRing([NEW, OLD]).open(sealed, PLACE)


def test_a_refusal_says_nothing_of_the_value(ring: KeyRing) -> None:
    with pytest.raises(Tampered) as refused:
        ring.open(ring.seal(b"+1 201-555-0123", PLACE), b"elsewhere")
    assert str(refused.value) == ""
    assert refused.value.__cause__ is None


numbers = st.integers(min_value=0, max_value=2**64 - 1)


@given(number=numbers, other=numbers)
def test_a_link_stands_for_its_two_numbers(number: int, other: int) -> None:
    ring = KeyRing([OLD])
    token = ring.seal_link("choose", number, other)
    assert ring.open_link("choose", token) == (number, other)
    assert set(token) <= set(ALPHABET)


def test_the_same_link_is_written_in_every_copy_of_a_mail(ring: KeyRing) -> None:
    assert ring.seal_link("choose", 7, 2) == ring.seal_link("choose", 7, 2)
    assert ring.seal_link("choose", 7, 2) != ring.seal_link("choose", 2, 7)
    assert ring.seal_link("choose", 7, 2) != ring.seal_link("choose", 7, 3)


def test_a_link_for_one_purpose_opens_for_no_other(ring: KeyRing) -> None:
    token = ring.seal_link("choose", 7, 2)
    for purpose in ("", "Choose", "choose ", "unsubscribe"):
        assert ring.open_link(purpose, token) is None


def test_an_altered_link_opens_nothing(ring: KeyRing) -> None:
    token = ring.seal_link("choose", 7, 2)
    for place, letter in enumerate(token):
        for other in ALPHABET:
            if other != letter:
                assert ring.open_link("choose", token[:place] + other + token[place + 1 :]) is None


def test_a_cut_or_lengthened_link_opens_nothing(ring: KeyRing) -> None:
    token = ring.seal_link("choose", 7, 2)
    for length in range(len(token)):
        assert ring.open_link("choose", token[:length]) is None
        assert ring.open_link("choose", token[length + 1 :]) is None
    for more in ("A", "=", "==", "\n", " ", "%3D", ".", "é", "\0"):
        assert ring.open_link("choose", token + more) is None
        assert ring.open_link("choose", more + token) is None


def test_another_spelling_of_the_same_link_opens_nothing() -> None:
    ring = KeyRing([OLD])
    tokens = (ring.seal_link("choose", number, 2) for number in range(1000))
    token = next(token for token in tokens if "-" in token and "_" in token)
    assert ring.open_link("choose", token.replace("-", "+").replace("_", "/")) is None
    assert ring.open_link("choose", token + "=") is None
    sealed = base64.urlsafe_b64decode(token + "=")
    spellings = [token[:-1] + letter for letter in ALPHABET]
    same = [text for text in spellings if base64.urlsafe_b64decode(text + "=") == sealed]
    assert len(same) > 1
    assert [text for text in same if ring.open_link("choose", text)] == [token]


@given(token=st.text(max_size=80))
def test_no_text_whatever_makes_opening_a_link_fail(token: str) -> None:
    assert KeyRing([OLD]).open_link("choose", token) is None


@given(number=numbers, written=st.sampled_from([str, str.upper, str.title, str.swapcase]))
def test_an_address_stands_for_its_number_however_its_letters_are_written(
    number: int, written: Callable[[str], str]
) -> None:
    ring = KeyRing([OLD])
    token = ring.seal_address("bounce", number)
    assert token.isalnum()
    assert token == token.lower()
    assert ring.open_address("bounce", written(token)) == number
    assert ring.open_address("case", written(token)) is None


def test_an_altered_address_opens_nothing(ring: KeyRing) -> None:
    token = ring.seal_address("bounce", 7)
    letters = string.ascii_lowercase + string.digits
    for place, letter in enumerate(token):
        for other in set(letters) - {letter}:
            forged = token[:place] + other + token[place + 1 :]
            assert ring.open_address("bounce", forged) is None
    for length in range(len(token)):
        assert ring.open_address("bounce", token[:length]) is None
    for more in ("a", "=", "====", " ", "é", "\0"):
        assert ring.open_address("bounce", token + more) is None


def test_an_address_in_base_32_is_read_as_well(ring: KeyRing) -> None:
    sealed = bytes.fromhex(ring.seal_address("bounce", 7))
    token = base64.b32encode(sealed).decode().rstrip("=")
    for written in (token, token.lower()):
        assert ring.open_address("bounce", written) == 7
        assert ring.open_address("case", written) is None


@given(token=st.text(max_size=80))
def test_no_text_whatever_makes_opening_an_address_fail(token: str) -> None:
    assert KeyRing([OLD]).open_address("bounce", token) is None


def test_links_in_mails_that_were_sent_outlive_a_change_of_keys() -> None:
    token = KeyRing([OLD]).seal_link("choose", 7, 2)
    assert KeyRing([NEW, OLD]).open_link("choose", token) == (7, 2)
    assert KeyRing([NEW]).open_link("choose", token) is None
    assert KeyRing([NEW, OLD]).seal_link("choose", 7, 2) != token


def test_digests_show_equality_and_nothing_else() -> None:
    assert digest("address", "alice@example.com") == digest("address", "alice@example.com")
    assert digest("address", "alice@example.com") != digest("address", "bob@example.com")
    assert digest("address", "alice@example.com") != digest("other", "alice@example.com")
    assert "alice" not in digest("address", "alice@example.com")


def test_digests_stay_comparable_when_a_key_is_added_but_not_without_the_oldest(
    settings: Settings,
) -> None:
    settings.CRYPTOGRAPHY_KEYS = [OLD]
    before = digest("address", "alice@example.com")
    settings.CRYPTOGRAPHY_KEYS = [NEW, OLD]
    assert digest("address", "alice@example.com") == before
    root = digest_root()
    settings.CRYPTOGRAPHY_KEYS = [LOST]
    assert digest("address", "alice@example.com") != before
    settings.DIGEST_KEY = root
    assert digest("address", "alice@example.com") == before


def test_the_key_of_digests_opens_nothing(settings: Settings) -> None:
    settings.CRYPTOGRAPHY_KEYS = [OLD]
    sealed = keyring().seal(b"text", PLACE)
    settings.CRYPTOGRAPHY_KEYS = [digest_root()]
    with pytest.raises(Tampered):
        keyring().open(sealed, PLACE)


def test_the_ring_follows_the_settings(settings: Settings) -> None:
    settings.CRYPTOGRAPHY_KEYS = [OLD]
    sealed = keyring().seal(b"text", PLACE)
    settings.CRYPTOGRAPHY_KEYS = [NEW]
    with pytest.raises(Tampered):
        keyring().open(sealed, PLACE)
