"""What was posted is read once a process, and never shown older than it is, nor as another's."""

from __future__ import annotations

import pytest
from django.utils import translation
from pytest_django import DjangoAssertNumQueries
from time_machine import Traveller

from accounts.actors import SYSTEM, Actor
from accounts.models import Customer
from consent.models import PolicyVersion
from consent.posted import Standing, posted_for
from consent.services.publishing import add_translations, reschedule, save_draft, withdraw
from consent.services.telling import record_shown, retract_proof
from tests.builders import (
    DAY,
    PRODUCT_NEWS,
    RUN_ACCOUNT,
    TODAY,
    UPTIME_WATCH,
    a_draft,
    a_use,
    date_of,
    published,
    tell,
)
from tests.consent.test_translations import QUESTION, in_spanish


def standing(customer: Customer, version: PolicyVersion) -> Standing:
    return posted_for(customer).standing[version.pk]


def test_a_version_and_its_uses_are_what_the_database_has(
    alice: Customer, policy: PolicyVersion, change: PolicyVersion
) -> None:
    for _again in range(2):
        found = standing(alice, change).version
        assert (found, found.base) == (change, policy)
        assert (found.text, found.effective_at) == (change.text, date_of(change))
        uses = posted_for(alice).uses_of(found)
        assert uses == list(change.declared_uses.all())
        assert [each.introduced_by for each in uses] == [policy, policy, change]
        assert posted_for(alice).uses_of(found, new=True) == list(change.new_uses())


def test_one_query_reads_however_many_versions_there_are(
    alice: Customer, change: PolicyVersion, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    uses = [RUN_ACCOUNT, PRODUCT_NEWS, UPTIME_WATCH]
    for number in range(3, 7):
        uses.append(a_use(f"new-{number}"))
        published(a_draft(number, *uses))
    posted_for(alice)
    with django_assert_num_queries(1):
        posted = posted_for(alice)
        assert [len(posted.uses_of(version)) for version in posted.versions] == [2, 3, 4, 5, 6, 7]


def test_a_draft_was_not_posted(alice: Customer, change: PolicyVersion) -> None:
    save_draft(draft=a_draft(3, RUN_ACCOUNT), actor=SYSTEM)
    assert [each.number for each in posted_for(alice).versions] == [1, 2]


def test_a_new_date_shows_at_once(alice: Customer, change: PolicyVersion) -> None:
    before = standing(alice, change).version
    later = date_of(change) + 5 * DAY
    reschedule(version=change, effective_at=later, actor=SYSTEM)
    assert standing(alice, change).version.effective_at == later
    assert before.effective_at != later


def test_what_is_withdrawn_is_not_published_from_then_on(
    alice: Customer, policy: PolicyVersion, change: PolicyVersion
) -> None:
    assert posted_for(alice).published("privacy") == [policy, change]
    withdraw(version=change, actor=SYSTEM)
    assert posted_for(alice).published("privacy") == [policy]
    assert standing(alice, change).version.withdrawn_at == TODAY


def test_a_translation_that_is_added_is_read_at_once(
    alice: Customer, change: PolicyVersion
) -> None:
    def question() -> str:
        (use,) = posted_for(alice).uses_of(standing(alice, change).version, new=True)
        return use.words.question

    with translation.override("es"):
        in_english = question()
        draft = a_draft(2, RUN_ACCOUNT, PRODUCT_NEWS, UPTIME_WATCH)
        add_translations(version=change, translations=[in_spanish(draft)])
        assert in_english != QUESTION
        assert question() == QUESTION


def test_proofs_are_those_of_the_customer_who_asks(
    alice: Customer, bob: Customer, change: PolicyVersion, clock: Traveller
) -> None:
    message = tell(alice, change)
    clock.shift(DAY)
    record_shown(version=change, customer=bob, actor=Actor.customer(bob.user))
    found = [standing(customer, change) for customer in (alice, bob, alice)]
    assert [each.told_at for each in found] == [TODAY, TODAY + DAY, TODAY]
    assert [each.shown_at for each in found] == [None, TODAY + DAY, None]
    retract_proof(message_id=message)
    assert standing(alice, change).told_at is None


def test_what_one_reader_does_to_a_version_no_other_sees(
    alice: Customer, bob: Customer, change: PolicyVersion
) -> None:
    posted = posted_for(alice)
    mine = posted.standing[change.pk].version
    mine.title = "Nobody else's"
    posted.uses_of(mine)[0].question = "Nobody else's"
    theirs = posted_for(bob)
    found = theirs.standing[change.pk].version
    assert found.title == change.title
    assert all(use.question != "Nobody else's" for use in theirs.uses_of(found))


@pytest.mark.parametrize("days", [-1, 0])
def test_in_force_is_the_newest_whose_date_has_come(
    alice: Customer, policy: PolicyVersion, change: PolicyVersion, days: int
) -> None:
    moment = date_of(change) + days * DAY
    expected = PolicyVersion.objects.of("privacy").in_force(moment)
    assert posted_for(alice).in_force("privacy", moment) == expected
    assert expected == (policy if days else change)
