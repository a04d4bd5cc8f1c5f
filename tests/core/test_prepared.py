"""A statement that is written once answers as the QuerySet does whenever it is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from django.db.models import Count, Exists, OuterRef, QuerySet
from django.test.utils import CaptureQueriesContext

from accounts.actors import SYSTEM
from accounts.asked_often import asked_often
from accounts.models import Customer
from bizsecure.core.prepared import A_KEY, A_WORD, SOME_KEYS, NotToBePrepared, Statement
from consent.models import AddressOptOut, Choice, PolicyVersion
from consent.services.opting_out import record_address_opt_out
from notifications.models import OutgoingMail
from tests.builders import say_no, say_yes, tell

pytestmark = pytest.mark.django_db


def with_version(customer: Customer) -> QuerySet[Choice]:
    """Rows with a row beside each, which costs no further question."""
    return Choice.objects.filter(customer=customer).select_related("version").order_by("sequence")


def last_words(customer: Customer) -> QuerySet[Choice]:
    """The customer stands twice in it, once in a question within the question."""
    later = Choice.objects.filter(customer=customer, sequence__gt=OuterRef("sequence"))
    return Choice.objects.filter(~Exists(later), customer=customer)


def in_part(customer: Customer) -> QuerySet[Choice]:
    return Choice.objects.filter(customer=customer).defer("row_hash").order_by("-sequence")[:2]


def as_pairs(customer: Customer) -> QuerySet[Choice, Any]:
    counted = Choice.objects.filter(customer=customer).order_by().values("use__key")
    return counted.annotate(number=Count("pk")).values_list("use__key", "number")


def as_numbers(customer: Customer) -> QuerySet[Choice, Any]:
    rows = Choice.objects.filter(customer=customer).order_by("sequence")
    return rows.values_list("sequence", flat=True)


QUESTIONS: list[Callable[[Customer], QuerySet[Any, Any]]] = [
    with_version,
    last_words,
    in_part,
    as_pairs,
    as_numbers,
]


@pytest.fixture
def deciding(alice: Customer, bob: Customer, change: PolicyVersion) -> tuple[Customer, Customer]:
    """Give two customers who decided differently, one of them again and again."""
    tell(alice, change)
    say_yes(alice, change, "uptime-watch")
    say_no(alice, change, "uptime-watch")
    say_no(alice, change, "product-news")
    say_no(bob, change, "uptime-watch")
    return alice, bob


@contextmanager
def questions() -> Iterator[list[str]]:
    """Collect the statements that are asked inside the block."""
    asked: list[str] = []
    with CaptureQueriesContext(connection) as captured:
        yield asked
    asked.extend(each["sql"] for each in captured.captured_queries)


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.__name__)
def test_it_answers_each_customer_as_the_question_does(
    deciding: tuple[Customer, Customer], question: Callable[[Customer], QuerySet[Any, Any]]
) -> None:
    asked = asked_often(question)
    for customer in (*deciding, *deciding):
        expected = list(question(customer))
        assert expected
        assert asked(customer) == expected


def test_what_is_read_beside_the_rows_is_there_without_a_further_question(
    deciding: tuple[Customer, Customer],
) -> None:
    alice, _bob = deciding
    with questions() as asked:
        numbers = [row.version.number for row in asked_often(with_version)(alice)]
    assert numbers == [2, 2, 2]
    assert len(asked) == 1


def test_nothing_of_an_answer_is_kept(
    deciding: tuple[Customer, Customer], change: PolicyVersion
) -> None:
    alice, _bob = deciding
    asked = asked_often(as_numbers)
    assert asked(alice) == [1, 2, 3]
    say_yes(alice, change, "uptime-watch")
    assert asked(alice) == [1, 2, 3, 4]


def test_whatever_else_differs_makes_a_statement_of_its_own(
    deciding: tuple[Customer, Customer],
) -> None:
    alice, _bob = deciding

    @asked_often
    def first(customer: Customer, number: int) -> QuerySet[Choice]:
        return Choice.objects.filter(customer=customer).order_by("sequence")[:number]

    assert [len(first(alice, number)) for number in (1, 2, 1)] == [1, 2, 1]


def test_a_question_about_the_address_is_asked_by_its_digest(
    alice: Customer, bob: Customer, policy: PolicyVersion
) -> None:
    (row,) = record_address_opt_out(
        address=alice.email, uses=["product-news"], method=Choice.Method.ONE_CLICK, actor=SYSTEM
    )

    @asked_often
    def refused(customer: Customer) -> QuerySet[AddressOptOut]:
        return AddressOptOut.objects.filter(digest=customer.address_digest)

    assert refused(alice) == [row]
    assert refused(bob) == []


def test_it_takes_any_number_of_keys(alice: Customer, bob: Customer) -> None:
    rows = Customer.objects.filter(pk__among=SOME_KEYS).order_by("pk")
    statement = Statement(rows, customers=SOME_KEYS)
    both = sorted([alice.pk, bob.pk])
    assert [row.pk for row in statement.ask(customers=[alice.pk])] == [alice.pk]
    assert [row.pk for row in statement.ask(customers=both)] == both
    assert statement.ask(customers=[]) == []


def test_a_place_that_stands_nowhere_is_refused() -> None:
    with pytest.raises(NotToBePrepared, match="customer"):
        Statement(Choice.objects.filter(sequence=1), customer=A_KEY)
    with pytest.raises(NotToBePrepared, match="word"):
        Statement(Choice.objects.filter(customer=A_KEY), customer=A_KEY, word=A_WORD)


def test_rows_that_take_questions_of_their_own_are_refused() -> None:
    rows = OutgoingMail.objects.filter(customer=A_KEY).prefetch_related("campaign")
    with pytest.raises(NotToBePrepared):
        Statement(rows, customer=A_KEY)
