"""A yes lets a partner watch, a no stops it, and both are in the register (CHANGE-3)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from time_machine import Traveller

from accounts.models import Customer
from bizsecure.local.partners import Partners
from bizsecure.store.models import HeldService
from bizsecure.store.services.watching import (
    PAUSE,
    key_of,
    stop_what_was_taken_back,
    watch_what_may_be_watched,
)
from consent.models import Disclosure, PolicyVersion
from tests.builders import DAY, TODAY, UPTIME_WATCH, a_draft, published, say_no, say_yes, tell
from tests.store.buying import at_home, held
from tests.store.partnering import partners_at_work

SITE = "whitlock-press.example"


@pytest.fixture
def partners() -> Iterator[Partners]:
    """Give the twins of the partners."""
    with partners_at_work() as twins:
        yield twins


@pytest.fixture
def change(policy: PolicyVersion) -> PolicyVersion:
    """Give the version that brings the watching."""
    return published(a_draft(2, UPTIME_WATCH))


@pytest.fixture
def service(alice: Customer, change: PolicyVersion, clock: Traveller) -> HeldService:
    """Give alice's hosting, forty days after she was told of the change."""
    [hosting] = held(at_home(alice))
    HeldService.objects.filter(pk=hosting.pk).update(site=SITE)
    tell(alice, change)
    clock.move_to(TODAY + 40 * DAY)
    hosting.refresh_from_db()
    return hosting


def kinds() -> list[str]:
    return list(Disclosure.objects.order_by("sequence").values_list("kind", flat=True))


def test_without_a_yes_nothing_is_given(service: HeldService, partners: Partners) -> None:
    assert watch_what_may_be_watched() == 0
    assert stop_what_was_taken_back() == 0
    assert (partners.received, kinds()) == ([], [])


def test_a_yes_is_used_once_and_a_no_is_passed_on(
    service: HeldService, change: PolicyVersion, partners: Partners
) -> None:
    alice = service.customer
    say_yes(alice, change, "uptime-watch")
    assert watch_what_may_be_watched() == 1
    assert watch_what_may_be_watched() == 0
    [watch] = partners.received
    assert watch["customer"]["site-address"] == SITE
    assert set(watch["customer"]) == {"name", "email", "billing-address", "site-address"}
    assert stop_what_was_taken_back() == 0
    say_no(alice, change, "uptime-watch")
    assert stop_what_was_taken_back() == 1
    assert stop_what_was_taken_back() == 0
    assert partners.received[-1]["customer"] == {"our-reference": key_of(service)}
    assert kinds() == ["given", "stop"]
    say_yes(alice, change, "uptime-watch")
    assert watch_what_may_be_watched() == 0  # not twice within an hour


def test_a_stop_that_does_not_arrive_is_sent_again(
    service: HeldService, change: PolicyVersion, partners: Partners, clock: Traveller
) -> None:
    say_yes(service.customer, change, "uptime-watch")
    watch_what_may_be_watched()
    Customer.objects.filter(pk=service.customer_id).update(status=Customer.Status.CLOSED)
    partners.faults.extend([503] * 3)
    assert stop_what_was_taken_back() == 0
    assert stop_what_was_taken_back() == 0
    clock.shift(PAUSE)
    assert stop_what_was_taken_back() == 1
    assert kinds() == ["given", "stop", "stop"]


def test_who_may_have_got_something_without_an_answer_is_told_to_stop_as_well(
    service: HeldService, change: PolicyVersion, partners: Partners
) -> None:
    say_yes(service.customer, change, "uptime-watch")
    partners.faults.extend(["drop"] * 3)
    assert watch_what_may_be_watched() == 0
    say_no(service.customer, change, "uptime-watch")
    assert stop_what_was_taken_back() == 1


def test_whom_nothing_reached_is_told_nothing(
    service: HeldService, change: PolicyVersion, partners: Partners
) -> None:
    say_yes(service.customer, change, "uptime-watch")
    partners.faults.append(403)
    watch_what_may_be_watched()
    say_no(service.customer, change, "uptime-watch")
    assert stop_what_was_taken_back() == 0
    assert kinds() == ["given"]
