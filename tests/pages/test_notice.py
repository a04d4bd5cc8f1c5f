"""The page of a change: what it means, and the question (CHANGE-2, CHANGE-3)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from time_machine import Traveller

from accounts.actors import SYSTEM
from accounts.models import Customer
from consent.audience import told_of
from consent.models import Choice, Notice, PolicyVersion
from consent.services.publishing import reschedule, withdraw
from tests.builders import (
    DAY,
    PRODUCT_NEWS,
    RUN_ACCOUNT,
    TODAY,
    UPTIME_WATCH,
    a_draft,
    a_use,
    date_of,
    joined,
    prove_address,
    published,
    tell,
)
from tests.pages.browsing import signed_in, stored, text

ADDRESS = "/account/notices/2/"


def send(client: Client, **data: str) -> Any:
    return client.post(ADDRESS, data)


def answers(customer: Customer) -> dict[str, str]:
    """Return the customer's choices by the key of the use."""
    rows = Choice.objects.filter(customer=customer)
    return dict(rows.order_by("sequence").values_list("use__key", "decision"))


def test_the_page_says_what_changes_when_and_what_silence_means(
    alice: Customer, change: PolicyVersion
) -> None:
    page = text(signed_in(alice).get(ADDRESS))
    for words in (
        "What version 2 says.",
        "Silence means no.",
        "May we use your name for uptime-watch?",
        "The words of version <del>1</del>.",
        "The words of version <ins>2</ins>.",
    ):
        assert words in page
    assert "checked" not in page


def test_looking_at_it_is_no_proof_and_no_answer(alice: Customer, change: PolicyVersion) -> None:
    client = signed_in(alice)
    before = stored()
    page = text(client.get(ADDRESS))
    assert stored() == before
    assert "Your 30 days have not begun." in page


def test_whoever_was_told_sees_how_far_the_days_have_come(
    alice: Customer, change: PolicyVersion, clock: Traveller
) -> None:
    tell(alice, change)
    clock.shift(timedelta(days=12))
    page = text(signed_in(alice).get(ADDRESS))
    assert "4 January: you were told" in page
    assert "Today is day 12 of 32." in page
    assert "20 days are left" in page


def test_whoever_was_told_late_has_thirty_days_all_the_same(
    alice: Customer, change: PolicyVersion, clock: Traveller
) -> None:
    clock.shift(20 * DAY)
    tell(alice, change)
    page = text(signed_in(alice).get(ADDRESS))
    assert "Version 2, for you from 24 February 2027" in page


@pytest.mark.parametrize(("answer", "decision"), [("yes", "granted"), ("no", "refused")])
def test_an_answer_is_recorded_and_proves_that_the_notice_was_seen(
    alice: Customer, change: PolicyVersion, answer: str, decision: str
) -> None:
    client = signed_in(alice)
    assert send(client, **{"uptime-watch": answer}).status_code == 302
    page = text(client.get(ADDRESS))
    assert f"Saved: {answer}." in page
    assert f"You said {answer} on 4 January 2027." in page
    assert answers(alice) == {"uptime-watch": decision}
    assert alice in told_of(change)


def test_an_answer_can_be_changed_at_any_time(
    alice: Customer, change: PolicyVersion, clock: Traveller
) -> None:
    client = signed_in(alice)
    send(client, **{"uptime-watch": "yes"})
    clock.move_to(date_of(change) + 90 * DAY)
    client = signed_in(alice)
    assert "You can still change your answer at any time." in text(client.get(ADDRESS))
    send(client, **{"uptime-watch": "no"})
    assert answers(alice) == {"uptime-watch": "refused"}


def test_an_answer_sent_twice_is_written_down_once(alice: Customer, change: PolicyVersion) -> None:
    client = signed_in(alice)
    for _ in range(2):
        assert send(client, **{"uptime-watch": "yes"}).status_code == 302
    assert Choice.objects.filter(customer=alice).count() == 1
    assert Notice.objects.filter(customer=alice).count() == 1


def test_a_yes_says_from_when_it_counts(
    alice: Customer, change: PolicyVersion, clock: Traveller
) -> None:
    tell(alice, change)
    client = signed_in(alice)
    page = text(client.post(ADDRESS, {"uptime-watch": "yes"}, follow=True))
    assert "Saved: yes. It counts from 5 February 2027." in page
    clock.move_to(date_of(change) + DAY)
    client = signed_in(alice)
    client.post(ADDRESS, {"uptime-watch": "no"})
    page = text(client.post(ADDRESS, {"uptime-watch": "yes"}, follow=True))
    assert "Saved: yes. It counts from now on." in page


def test_putting_it_aside_proves_that_it_was_seen_and_answers_nothing(
    alice: Customer, change: PolicyVersion
) -> None:
    client = signed_in(alice)
    page = text(client.post(ADDRESS, {"put_aside": "1", "uptime-watch": "yes"}, follow=True))
    assert "Put aside. Nothing new begins without your yes." in page
    assert answers(alice) == {}
    assert alice in told_of(change)


@pytest.mark.parametrize("sent", [{}, {"uptime-watch": ""}, {"uptime-watch": "maybe"}])
def test_a_form_without_an_answer_says_what_is_missing(
    alice: Customer, change: PolicyVersion, sent: dict[str, str]
) -> None:
    client = signed_in(alice)
    before = stored()
    response = send(client, **sent)
    page = text(response)
    assert response.status_code == 422
    assert page.index('id="error-summary"') < page.index("<h1>")
    target = page.partition('role="alert"')[2].partition('href="#')[2].partition('"')[0]
    assert f'id="{target}"' in page
    assert stored() == before


def test_several_questions_are_answered_together(
    alice: Customer, policy: PolicyVersion, clock: Traveller
) -> None:
    published(a_draft(2, RUN_ACCOUNT, UPTIME_WATCH, a_use("dns-watch")))
    client = signed_in(alice)
    assert send(client, **{"uptime-watch": "yes"}).status_code == 422
    assert answers(alice) == {}
    send(client, **{"uptime-watch": "yes", "dns-watch": "no"})
    assert answers(alice) == {"uptime-watch": "granted", "dns-watch": "refused"}


def test_an_answer_to_what_was_not_asked_is_not_taken(
    alice: Customer, change: PolicyVersion
) -> None:
    send(signed_in(alice), **{"uptime-watch": "no", "product-news": "no", "run-account": "no"})
    assert answers(alice) == {"uptime-watch": "refused"}


def test_a_change_without_a_question_asks_to_be_read(
    alice: Customer, policy: PolicyVersion, clock: Traveller
) -> None:
    version = published(a_draft(2, RUN_ACCOUNT, PRODUCT_NEWS, text="## Other\n\nOther words."))
    client = signed_in(alice)
    page = text(client.get(ADDRESS))
    assert "there is nothing for you to decide" in page
    assert "I have read this" in page
    page = text(client.post(ADDRESS, follow=True))
    assert "Thank you." in page
    assert 'class="callout"' not in page
    assert alice in told_of(version)


def test_there_is_no_page_for_what_is_no_change_for_the_customer(
    alice: Customer, change: PolicyVersion, clock: Traveller
) -> None:
    late = prove_address(joined("Lee Late", at=date_of(change) + DAY))
    assert signed_in(late).get(ADDRESS).status_code == 404
    for number in ("0", "1", "3", "99999999999999999999999"):
        address = f"/account/notices/{number}/"
        assert signed_in(alice).get(address).status_code == 404
        assert signed_in(alice).post(address, {"put_aside": "1"}).status_code == 404


def test_a_withdrawn_change_has_no_page_and_takes_no_answer(
    alice: Customer, change: PolicyVersion
) -> None:
    withdraw(version=change, actor=SYSTEM)
    client = signed_in(alice)
    assert client.get(ADDRESS).status_code == 404
    assert send(client, **{"uptime-watch": "yes"}).status_code == 404
    assert answers(alice) == {}


def test_an_earlier_date_brings_the_notice_back(
    alice: Customer, policy: PolicyVersion, clock: Traveller
) -> None:
    change = published(
        a_draft(2, RUN_ACCOUNT, PRODUCT_NEWS, UPTIME_WATCH, effective_at=TODAY + 90 * DAY)
    )
    client = signed_in(alice)
    send(client, put_aside="1")
    assert 'class="callout"' not in text(client.get(reverse("overview")))
    reschedule(version=change, effective_at=TODAY + 60 * DAY, actor=SYSTEM)
    assert 'class="callout"' in text(client.get(reverse("overview")))
    assert "Your 30 days have not begun." in text(client.get(ADDRESS))


def test_the_navigation_counts_what_is_to_decide(alice: Customer, change: PolicyVersion) -> None:
    client = signed_in(alice)
    assert "to decide" in text(client.get(reverse("personal")))
    send(client, **{"uptime-watch": "no"})
    assert "to decide" not in text(client.get(reverse("personal")))
