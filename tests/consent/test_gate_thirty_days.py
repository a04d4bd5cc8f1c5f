"""The gate and the thirty days: when a change binds a customer, however dates move (CHANGE-2)."""

from __future__ import annotations

from time_machine import Traveller

from accounts.actors import SYSTEM
from accounts.models import Customer
from consent.deadlines import earliest_effective
from consent.gate import Ground, may_use
from consent.models import PolicyVersion
from consent.services.publishing import reschedule
from consent.services.telling import retract_proof
from tests.builders import (
    DAY,
    FOUNDED,
    INSTANT,
    NEW_YORK,
    PRODUCT_NEWS,
    RUN_ACCOUNT,
    TODAY,
    UPTIME_WATCH,
    a_draft,
    a_use,
    date_of,
    first_policy,
    joined,
    published,
    say_yes,
    tell,
)
from tests.consent.asking import ground


def test_a_coming_use_is_denied_until_the_instant_of_its_date(
    alice: Customer, change: PolicyVersion, clock: Traveller
) -> None:
    tell(alice, change)
    say_yes(alice, change, "uptime-watch")
    assert ground(alice) == Ground.NOT_YET_EFFECTIVE
    clock.move_to(date_of(change) - INSTANT)
    assert ground(alice) == Ground.NOT_YET_EFFECTIVE
    clock.move_to(date_of(change))
    assert ground(alice) == Ground.GRANTED


def test_who_was_not_told_is_denied_whatever_the_calendar_says(
    alice: Customer, change: PolicyVersion, clock: Traveller
) -> None:
    say_yes(alice, change, "uptime-watch")
    clock.move_to(date_of(change) + 3650 * DAY)
    assert ground(alice) == Ground.NOT_TOLD


def test_who_was_told_late_waits_thirty_days_of_their_own(
    alice: Customer, change: PolicyVersion, clock: Traveller
) -> None:
    clock.move_to(date_of(change) + DAY)
    tell(alice, change)
    say_yes(alice, change, "uptime-watch")
    own_date = earliest_effective(date_of(change) + DAY, NEW_YORK)
    assert may_use(alice, "uptime-watch").binds_from == own_date
    assert ground(alice) == Ground.WAITING
    clock.move_to(own_date - INSTANT)
    assert ground(alice) == Ground.WAITING
    clock.move_to(own_date)
    assert ground(alice) == Ground.GRANTED


def test_a_bounce_after_the_date_takes_the_use_away_again(
    alice: Customer, change: PolicyVersion, clock: Traveller
) -> None:
    message_id = tell(alice, change)
    say_yes(alice, change, "uptime-watch")
    clock.move_to(date_of(change))
    assert ground(alice) == Ground.GRANTED
    retract_proof(message_id=message_id)
    assert ground(alice) == Ground.NOT_TOLD


def test_a_bounce_leaves_the_thirty_days_of_the_next_proof(
    alice: Customer, change: PolicyVersion, clock: Traveller
) -> None:
    bounced = tell(alice, change)
    clock.shift(5 * DAY)
    tell(alice, change)
    say_yes(alice, change, "uptime-watch")
    retract_proof(message_id=bounced)
    clock.move_to(date_of(change))
    assert ground(alice) == Ground.WAITING
    clock.move_to(earliest_effective(TODAY + 5 * DAY, NEW_YORK))
    assert ground(alice) == Ground.GRANTED


def test_being_told_twice_does_not_start_the_days_anew(
    alice: Customer, change: PolicyVersion, clock: Traveller
) -> None:
    tell(alice, change)
    say_yes(alice, change, "uptime-watch")
    clock.move_to(date_of(change) - DAY)
    tell(alice, change)
    clock.move_to(date_of(change))
    assert ground(alice) == Ground.GRANTED


def test_being_told_of_an_older_change_is_not_being_told_of_this_one(
    alice: Customer, change: PolicyVersion, clock: Traveller
) -> None:
    clock.shift(INSTANT)
    newer = published(a_draft(3, RUN_ACCOUNT, PRODUCT_NEWS, UPTIME_WATCH, a_use("maps")))
    tell(alice, change)
    say_yes(alice, newer, "uptime-watch", "maps")
    clock.move_to(date_of(newer))
    assert ground(alice, "uptime-watch") == Ground.GRANTED
    assert ground(alice, "maps") == Ground.NOT_TOLD


def test_being_told_of_a_newer_change_is_not_being_told_of_this_one(
    alice: Customer, change: PolicyVersion, clock: Traveller
) -> None:
    newer = published(a_draft(3, RUN_ACCOUNT, PRODUCT_NEWS, UPTIME_WATCH, a_use("maps")))
    tell(alice, newer)
    say_yes(alice, newer, "uptime-watch", "maps")
    clock.move_to(date_of(newer))
    assert ground(alice, "uptime-watch") == Ground.NOT_TOLD
    assert ground(alice, "maps") == Ground.GRANTED


def test_an_earlier_date_makes_the_old_proof_worthless(
    alice: Customer, policy: PolicyVersion, clock: Traveller
) -> None:
    late = published(
        a_draft(2, RUN_ACCOUNT, PRODUCT_NEWS, UPTIME_WATCH, effective_at=TODAY + 90 * DAY)
    )
    tell(alice, late)
    say_yes(alice, late, "uptime-watch")
    sooner = reschedule(version=late, effective_at=TODAY + 40 * DAY, actor=SYSTEM)
    clock.move_to(date_of(sooner))
    assert ground(alice) == Ground.NOT_TOLD
    clock.move_to(TODAY + 120 * DAY)
    assert ground(alice) == Ground.NOT_TOLD


def test_a_later_date_costs_nobody_their_proof(
    alice: Customer, change: PolicyVersion, clock: Traveller
) -> None:
    tell(alice, change)
    say_yes(alice, change, "uptime-watch")
    announced = date_of(change)
    moved = reschedule(version=change, effective_at=announced + 10 * DAY, actor=SYSTEM)
    clock.move_to(announced)
    assert ground(alice) == Ground.NOT_YET_EFFECTIVE
    clock.move_to(date_of(moved))
    assert ground(alice) == Ground.GRANTED


def test_who_joins_in_the_window_and_saw_the_change_has_thirty_days_from_then(
    change: PolicyVersion, clock: Traveller
) -> None:
    clock.shift(20 * DAY)
    dave = joined("Dave Doe", seen=[change])
    say_yes(dave, change, "uptime-watch")
    clock.move_to(date_of(change))
    assert ground(dave) == Ground.WAITING
    clock.move_to(earliest_effective(TODAY + 20 * DAY, NEW_YORK))
    assert ground(dave) == Ground.GRANTED


def test_who_joins_in_the_window_without_seeing_the_change_must_be_told(
    change: PolicyVersion, clock: Traveller
) -> None:
    clock.move_to(date_of(change) - INSTANT)
    dave = joined("Dave Doe")
    say_yes(dave, change, "uptime-watch")
    clock.shift(100 * DAY)
    assert ground(dave) == Ground.NOT_TOLD


def test_who_joins_under_the_new_policy_needs_no_notice_but_still_a_yes(
    change: PolicyVersion, clock: Traveller
) -> None:
    clock.move_to(date_of(change))
    dave = joined("Dave Doe")
    assert ground(dave) == Ground.NO_CHOICE
    say_yes(dave, change, "uptime-watch")
    assert ground(dave) == Ground.GRANTED


def test_a_choice_of_the_first_policy_needs_no_notice_but_a_yes(db: None, clock: Traveller) -> None:
    first = first_policy(UPTIME_WATCH)
    dave = joined("Dave Doe", at=FOUNDED + DAY)
    assert ground(dave) == Ground.NO_CHOICE
    say_yes(dave, first, "uptime-watch")
    assert ground(dave) == Ground.GRANTED
