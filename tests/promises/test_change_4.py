"""CHANGE-4: using the site means accepting the current policy.

The version in force at sign-up and each later acceptance or acknowledgement are recorded.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from time_machine import Traveller

from accounts.models import Customer, User
from accounts.services.opening import open_account
from consent.models import Acceptance, Notice, PolicyVersion
from tests.builders import DAY, INSTANT, LONG_AGO, TODAY, date_of, joined
from tests.pages.browsing import signed_in, text
from tests.store.buying import at_home, ordered, paid

PAGE = "/account/accepted/"


def test_the_version_in_force_at_sign_up_is_recorded_with_its_very_words(
    alice: Customer, policy: PolicyVersion, change: PolicyVersion
) -> None:
    acceptance = Acceptance.objects.get(customer=alice)
    assert (acceptance.version, acceptance.recorded_at) == (policy, LONG_AGO)
    assert acceptance.text_hash == policy.text_hash
    assert acceptance.actor_user == alice.user


@pytest.mark.parametrize(("early", "number"), [(INSTANT, 1), (0 * DAY, 2)])
def test_what_is_accepted_is_what_is_in_force_in_that_instant_and_not_what_is_coming(
    change: PolicyVersion, early: timedelta, number: int
) -> None:
    dave = joined("Dave Doe", at=date_of(change) - early, seen=[change])
    assert Acceptance.objects.get(customer=dave).version.number == number


def test_whoever_joins_is_shown_the_policy_first(client: Client, change: PolicyVersion) -> None:
    page = client.get("/accounts/signup/").text
    assert "/privacy/versions/1/" in page
    assert "What version 2 says." in page


@pytest.mark.parametrize(
    "pressed", [{"put_aside": "1"}, {"uptime-watch": "yes"}, {"uptime-watch": "no"}]
)
def test_each_later_acknowledgement_is_recorded_once(
    alice: Customer, change: PolicyVersion, clock: Traveller, pressed: dict[str, str]
) -> None:
    browser = signed_in(alice)
    for _press in range(2):
        browser.post("/account/notices/2/", pressed)
        clock.shift(DAY)
    acknowledged = Notice.objects.acknowledged().get(customer=alice)
    assert (acknowledged.version, acknowledged.told_at) == (change, TODAY)
    assert acknowledged.actor_user == alice.user


def test_looking_at_a_notice_accepts_and_acknowledges_nothing(
    alice: Customer, change: PolicyVersion
) -> None:
    signed_in(alice).get("/account/notices/2/")
    assert Acceptance.objects.get().customer == alice
    assert not Notice.objects.exists()


@pytest.mark.parametrize("model", [Acceptance, Notice])
def test_the_database_itself_keeps_what_was_accepted_and_acknowledged(
    alice: Customer, change: PolicyVersion, model: type[Acceptance | Notice]
) -> None:
    signed_in(alice).post("/account/notices/2/", {"put_aside": "1"})
    rows = model.objects.filter(customer=alice)
    assert rows.exists()
    with pytest.raises(DatabaseError), transaction.atomic():
        rows.update(recorded_at=LONG_AGO - DAY)
    with pytest.raises(DatabaseError), transaction.atomic():
        rows._raw_delete(rows.db)


def test_one_page_shows_each_version_with_when_how_and_the_text_as_it_was(
    alice: Customer, policy: PolicyVersion, change: PolicyVersion
) -> None:
    order = paid(ordered(at_home(alice)))
    browser = signed_in(alice)
    browser.post("/account/notices/2/", {"put_aside": "1"})
    answer = browser.get(PAGE)
    entries = answer.context["accepted"]
    assert [entry.how.split()[1] for entry in entries] == ["ordered.", "confirmed", "joined."]
    assert [entry.at for entry in entries] == [order.terms.accepted_at, TODAY, LONG_AGO]
    shown = text(answer)
    for said in ("By joining you accept", order.terms.wording, order.number, "version 2"):
        assert said in shown
    for entry in entries:
        for accepted in entry.texts:
            assert accepted.text_hash[:16] in shown
            read = browser.get(accepted.url)
            assert read.status_code == 200


def test_the_page_shows_nothing_of_anybody_else(alice: Customer, bob: Customer) -> None:
    order = paid(ordered(at_home(alice)))
    assert order.number not in text(signed_in(bob).get(PAGE))


def test_the_page_asks_the_same_however_much_was_accepted(
    alice: Customer, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    at_home(alice)
    for _each in range(3):
        paid(ordered(alice))
    browser = signed_in(alice)
    browser.get(PAGE)
    with django_assert_max_num_queries(12):
        browser.get(PAGE)


def test_nothing_accepted_is_said_in_words(alice: Customer, policy: PolicyVersion) -> None:
    imported = open_account(user=None, name="Eve Early", email="", now=LONG_AGO)
    user = User.objects.create_user("eve@example.com")
    Customer.objects.filter(pk=imported.pk).update(user=user)
    imported.refresh_from_db()
    assert "Nothing is recorded" in text(signed_in(imported).get(PAGE))
