"""The promises have one source, and the document and the tests agree with it."""

from __future__ import annotations

from bizsecure.promises import PROJECT, PROMISES, as_markdown, written_tests

WRITE_IT = "Run: python -m bizsecure.promises > docs/promises.md"


def test_each_promise_has_an_id_of_its_own() -> None:
    ids = [promise.id for promise in PROMISES]

    assert len(set(ids)) == len(ids)


def test_the_document_says_what_the_table_says() -> None:
    document = (PROJECT / "docs" / "promises.md").read_text(encoding="utf-8")

    assert document == as_markdown(PROMISES, written_tests()), WRITE_IT


def test_each_test_of_a_promise_is_named_after_one_that_was_made() -> None:
    named_after_promises = {promise.test_file for promise in PROMISES}

    assert written_tests() <= named_after_promises
