"""CHANGE-3: customers have a choice about each new use of their personal information.

A yes or no to each, changeable at any time, recorded with the version that was seen. Code that
uses personal information asks before it does, and silence is not a yes.
"""

from __future__ import annotations

import pytest
from time_machine import Traveller

from accounts.actors import SYSTEM
from accounts.models import Customer
from bizsecure.core.errors import Refused
from consent.gate import Ground, allowing, may_use
from consent.models import Choice, PolicyVersion
from consent.reasons import Reason
from consent.services.publishing import publish, save_draft
from tests.builders import (
    DAY,
    PRODUCT_NEWS,
    RUN_ACCOUNT,
    UPTIME_WATCH,
    a_draft,
    a_use,
    date_of,
    published,
    say_no,
    say_yes,
    tell,
)
from tests.cast import Thief
from tests.pages.browsing import signed_in


@pytest.mark.parametrize("basis", ["essential", "opt-out"])
def test_no_new_use_can_be_announced_that_begins_without_a_yes(
    policy: PolicyVersion, basis: str
) -> None:
    draft = save_draft(
        draft=a_draft(2, RUN_ACCOUNT, PRODUCT_NEWS, a_use("maps", basis)), actor=SYSTEM
    )
    with pytest.raises(Refused) as refusal:
        publish(version=draft, actor=SYSTEM)
    assert refusal.value.reason is Reason.NEW_USE_NEEDS_CHOICE


def test_silence_is_not_a_yes_however_long_it_lasts(
    alice: Customer, change: PolicyVersion, clock: Traveller
) -> None:
    tell(alice, change)
    browser = signed_in(alice)
    for address in ("/account/", "/account/notices/2/", "/account/privacy/"):
        browser.get(address)
    browser.post("/account/notices/2/", {"put_aside": "1"})
    clock.move_to(date_of(change) + 3650 * DAY)
    assert may_use(alice, "uptime-watch").ground is Ground.NO_CHOICE


def test_nothing_is_ticked_beforehand(alice: Customer, change: PolicyVersion) -> None:
    page = signed_in(alice).get("/account/notices/2/").text
    assert page.count('type="radio"') == 2
    assert "checked" not in page


def test_each_new_use_is_decided_by_itself(
    alice: Customer, policy: PolicyVersion, clock: Traveller
) -> None:
    change = published(a_draft(2, RUN_ACCOUNT, PRODUCT_NEWS, UPTIME_WATCH, a_use("maps")))
    browser = signed_in(alice)
    browser.post("/account/notices/2/", {"uptime-watch": "yes", "maps": "no"})
    clock.move_to(date_of(change) + DAY)
    assert may_use(alice, "uptime-watch").allowed
    assert may_use(alice, "maps").ground is Ground.REFUSED


def test_a_choice_can_be_changed_at_any_time_and_counts_at_once(
    alice: Customer, change: PolicyVersion, clock: Traveller
) -> None:
    tell(alice, change)
    clock.move_to(date_of(change))
    for on in (True, False, True, False):
        switched = {"uptime-watch": "on"} if on else {}
        signed_in(alice).post("/account/privacy/", {"shown": "uptime-watch", **switched})
        assert may_use(alice, "uptime-watch").allowed is on
        clock.shift(DAY)
    decisions = Choice.objects.filter(customer=alice).order_by("sequence")
    said = list(decisions.values_list("decision", flat=True))
    assert said == ["granted", "refused", "granted", "refused"]


def test_a_choice_is_recorded_with_the_version_and_the_words_that_were_seen(
    alice: Customer, change: PolicyVersion
) -> None:
    signed_in(alice).post("/account/notices/2/", {"uptime-watch": "yes"})
    choice = Choice.objects.get(customer=alice)
    declared = change.new_uses().get()
    assert (choice.version, choice.question_hash) == (change, declared.question_hash)
    assert choice.actor_user == alice.user
    history = signed_in(alice).get("/account/privacy/").text
    assert history.count(declared.question) == 2


def test_nobody_else_says_yes_for_a_customer(
    alice: Customer, bob: Customer, change: PolicyVersion, mallory: Thief, clock: Traveller
) -> None:
    for customer in (alice, bob):
        tell(customer, change)
    say_yes(bob, change, "uptime-watch")
    mallory.client.post(f"/choose/{mallory.token}/", {"uptime-watch": "yes"})
    mallory.client.post("/account/notices/2/", {"uptime-watch": "yes"})
    clock.move_to(date_of(change))
    assert list(allowing("uptime-watch")) == [bob]


def test_whoever_may_be_used_for_something_is_asked_of_the_gate_at_that_moment(
    alice: Customer, bob: Customer, change: PolicyVersion, clock: Traveller
) -> None:
    for customer in (alice, bob):
        tell(customer, change)
        say_yes(customer, change, "uptime-watch")
    assert not allowing("uptime-watch").exists()
    clock.move_to(date_of(change))
    assert set(allowing("uptime-watch")) == {alice, bob}
    say_no(alice, change, "uptime-watch")
    assert set(allowing("uptime-watch")) == {bob}
