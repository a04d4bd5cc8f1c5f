"""The sandbox acquirer remembers requests by their keys, and money moves once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bizsecure.local.acquirerbook import Book, Entry, Misused
from bizsecure.local.testcards import REPLIES
from bizsecure.vault.cards import CardNumber

VISA = "4242424242424242"


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    """Give an empty book that lies in a file."""
    book = Book(tmp_path / "book.sqlite3")
    yield book
    book.close()


def entered(book: Book, key: str, step: str, **body: str) -> Entry:
    entry, _is_new = book.enter(key, step, body)
    assert entry is not None
    return entry


def charged(book: Book, key: str = "a-1", number: str = VISA) -> Entry:
    return entered(book, key, "authorise", number=number, amount="19.90", currency="USD")


def test_a_request_sent_again_is_answered_as_before(book: Book) -> None:
    assert charged(book) == charged(book)
    with pytest.raises(Misused):
        entered(book, "a-1", "authorise", number=VISA, amount="1.00", currency="USD")


def test_what_is_known_outlives_the_process_and_holds_no_number(tmp_path: Path) -> None:
    path = tmp_path / "book.sqlite3"
    first = Book(path)
    before = charged(first)
    first.close()
    second = Book(path)
    assert second.find("a-1") == before
    second.close()
    assert VISA.encode() not in path.read_bytes()


def test_no_more_is_taken_than_was_set_aside_nor_given_back_than_was_taken(book: Book) -> None:
    of = charged(book).reference
    taken = entered(book, "c-1", "capture", of=of, amount="19.90", currency="USD")
    assert taken.outcome == "approved"
    assert entered(book, "c-2", "capture", of=of, amount="0.01").reason == "too_much"
    assert entered(book, "v-1", "void", of=of).outcome == "declined"
    back = taken.reference
    assert entered(book, "r-1", "refund", of=back, amount="19.90").outcome == "approved"
    assert entered(book, "r-2", "refund", of=back, amount="0.01").reason == "too_much"


@pytest.mark.parametrize("amount", ["-1", "NaN", "1e999999999", "much"])
def test_an_amount_that_is_none_is_refused(book: Book, amount: str) -> None:
    of = charged(book).reference
    with pytest.raises(Misused):
        entered(book, "c-1", "capture", of=of, amount=amount)


def test_a_number_that_is_no_test_card_is_declined(book: Book) -> None:
    assert charged(book, number="4111111111111111").reason == "not_supported"


@pytest.mark.parametrize("number", REPLIES)
def test_every_test_card_passes_for_a_card(number: str) -> None:
    assert CardNumber.typed(number).last_four == number[-4:]


def test_the_document_names_every_test_card() -> None:
    written = Path("docs/payments.md").read_text(encoding="utf-8").replace(" ", "")
    assert [number for number in REPLIES if number not in written] == []
