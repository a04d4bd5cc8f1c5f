"""What a fixture wrote once is written again as it was, and only where all is as it was."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from pytest_django import DjangoAssertNumQueries
from time_machine import Traveller

from accounts.models import Customer
from consent.models import DeclaredUse, PolicyVersion, VersionEvent
from tests.builders import DAY, RUN_ACCOUNT, TODAY, first_policy
from tests.remembered import remembered


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def written() -> list[object]:
    return [list(model.objects.values()) for model in (PolicyVersion, DeclaredUse, VersionEvent)]


def test_what_is_written_again_is_what_was_written(
    db: None, clock: Traveller, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with undone():
        first = remembered("what is written again", lambda: first_policy(RUN_ACCOUNT))
        before = written()
    with undone(), django_assert_max_num_queries(20):
        second = remembered("what is written again", lambda: first_policy(RUN_ACCOUNT))
        assert (second, second is not first) == (first, True)
        assert written() == before


def test_where_something_is_different_it_is_made_anew(clock: Traveller, alice: Customer) -> None:
    made: list[int] = []
    for moment in (TODAY, TODAY + DAY, TODAY):
        clock.move_to(moment)
        remembered("what is made anew", lambda: made.append(len(made)))
    assert made == [0, 1]
