"""The page with a switch for every declared use (CHANGE-3, OPT-1)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from time_machine import Traveller

from accounts.models import Customer
from consent.gate import may_use
from consent.models import Choice, PolicyVersion
from tests.builders import date_of, say_no, say_yes, tell
from tests.pages.browsing import signed_in, stored, text

ADDRESS = "/account/privacy/"
ALL = "product-news,uptime-watch,"


def save(client: Client, *on: str, shown: str = ALL, **more: str) -> Any:
    """Send the form with these switches on, as a browser does, and return the page after it."""
    data = {"shown": shown, **dict.fromkeys(on, "on"), **more}
    return client.post(ADDRESS, data, follow=True)


def decided(customer: Customer) -> list[tuple[str, str, str]]:
    """Return the customer's choices, the oldest first."""
    rows = Choice.objects.filter(customer=customer).order_by("sequence")
    return list(rows.values_list("use__key", "decision", "method"))


def switches(client: Client) -> dict[str, bool]:
    """Return which switches the page shows, and how they stand."""
    groups = client.get(ADDRESS).context["groups"]
    rows = [choice for group in groups for choice in group["choices"] if not choice.locked]
    return {choice.use_key: choice.allowed for choice in rows}


def test_a_new_use_is_off_and_an_opt_out_is_on_until_the_customer_decides(
    alice: Customer, change: PolicyVersion
) -> None:
    client = signed_in(alice)
    assert switches(client) == {"product-news": True, "uptime-watch": False}
    assert "You have not answered. Silence is a no." in text(client.get(ADDRESS))


def test_what_is_needed_has_no_switch(alice: Customer, change: PolicyVersion) -> None:
    page = text(signed_in(alice).get(ADDRESS))
    assert 'name="run-account"' not in page
    assert "BizSecure uses your name to do what run-account stands for." in page


def test_the_form_names_the_uses_that_it_shows(alice: Customer, change: PolicyVersion) -> None:
    page = text(signed_in(alice).get(ADDRESS))
    shown = page.partition('name="shown" value="')[2].partition('"')[0]
    assert set(filter(None, shown.split(","))) == {"product-news", "uptime-watch"}


def test_an_opt_out_counts_at_once_and_can_be_taken_back(
    alice: Customer, change: PolicyVersion
) -> None:
    client = signed_in(alice)
    assert "One choice is saved." in text(save(client))
    assert not may_use(alice, "product-news").allowed
    save(client, "product-news")
    assert may_use(alice, "product-news").allowed
    assert decided(alice) == [
        ("product-news", "refused", "panel"),
        ("product-news", "granted", "panel"),
    ]


def test_a_yes_to_what_is_coming_waits_for_its_day(
    alice: Customer, change: PolicyVersion, clock: Traveller
) -> None:
    tell(alice, change)
    client = signed_in(alice)
    page = text(save(client, "product-news", "uptime-watch"))
    assert switches(client)["uptime-watch"]
    assert "Not used before 5 February 2027" in page
    assert not may_use(alice, "uptime-watch").allowed
    clock.move_to(date_of(change))
    assert may_use(alice, "uptime-watch").allowed


def test_a_form_that_changes_nothing_says_so(alice: Customer, change: PolicyVersion) -> None:
    page = save(signed_in(alice), "product-news")
    assert "Nothing was changed." in text(page)
    assert decided(alice) == []


def test_a_form_sent_twice_is_written_down_once(alice: Customer, change: PolicyVersion) -> None:
    client = signed_in(alice)
    save(client, "uptime-watch")
    save(client, "uptime-watch")
    assert len(decided(alice)) == 2


def test_everything_optional_can_be_turned_off_with_one_button(
    alice: Customer, change: PolicyVersion
) -> None:
    client = signed_in(alice)
    say_yes(alice, change, "uptime-watch")
    save(client, "product-news", "uptime-watch", all_off="1")
    assert switches(client) == {"product-news": False, "uptime-watch": False}


def test_a_form_changes_no_more_than_the_page_showed(
    alice: Customer, change: PolicyVersion
) -> None:
    client = signed_in(alice)
    save(client, "uptime-watch", shown="product-news")
    assert decided(alice) == [("product-news", "refused", "panel")]
    save(client, "uptime-watch", shown="")
    save(client, "uptime-watch", shown="", all_off="1")
    client.post(ADDRESS)
    assert len(decided(alice)) == 1


@pytest.mark.parametrize(
    "shown",
    ["run-account", "no-such-use", "shown", "csrfmiddlewaretoken", ",,,", "\x00", "a" * 900, "é"],
)
def test_keys_that_the_page_does_not_offer_change_nothing(
    alice: Customer, change: PolicyVersion, shown: str
) -> None:
    client = signed_in(alice)
    before = stored(without="django_session")
    response = save(client, shown, shown=shown)
    assert response.status_code == 200
    assert "Nothing was changed." in text(response)
    assert stored(without="django_session") == before


def test_every_answer_stands_in_the_history_with_its_words(
    alice: Customer, change: PolicyVersion, clock: Traveller
) -> None:
    say_yes(alice, change, "uptime-watch")
    clock.shift(timedelta(days=1))
    say_no(alice, change, "uptime-watch")
    page = text(signed_in(alice).get(ADDRESS))
    history = page[page.index("What you decided") :]
    assert history.index("5 January 2027") < history.index("4 January 2027")
    assert history.count("May we use your name for uptime-watch?") == 2
    assert history.count("in your account") == 2


def test_a_customer_without_answers_is_told_what_will_stand_there(
    alice: Customer, change: PolicyVersion
) -> None:
    assert "No answers yet" in text(signed_in(alice).get(ADDRESS))


def test_another_customers_switches_stay_as_they_are(
    alice: Customer, bob: Customer, change: PolicyVersion
) -> None:
    save(signed_in(alice), customer=str(bob.pk), user=str(bob.user_id))
    assert decided(bob) == []
    assert may_use(bob, "product-news").allowed


def test_the_last_press_can_be_undone_and_done_again(
    alice: Customer, change: PolicyVersion
) -> None:
    browser = signed_in(alice)
    page = "/account/privacy/"
    assert "Undo" not in text(browser.get(page))
    browser.post(page, {"shown": "product-news,uptime-watch", "all_off": "1"})
    assert not may_use(alice, "product-news").allowed
    assert "Undo what I just changed" in text(browser.get(page))
    browser.post(page, {"undo": "1"})
    assert may_use(alice, "product-news").allowed
    browser.post(page, {"undo": "1"})
    assert not may_use(alice, "product-news").allowed
