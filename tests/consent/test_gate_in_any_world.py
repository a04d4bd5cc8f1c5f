"""In every history that can happen, the gate answers as the promises do: one by one and for all."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import product

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings

from consent.gate import allowing, may_use
from tests.builders import DAY, INSTANT, NEW_YORK
from tests.consent.law import History
from tests.consent.worlds import ALL_USES, ChangePlan, PersonPlan, World, plans


@pytest.mark.usefixtures("db")
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(plan=plans())
def test_the_gate_answers_as_the_promises_do(
    plan: tuple[list[ChangePlan], list[PersonPlan]],
) -> None:
    with transaction.atomic():
        world = World()
        now = world.live(*plan)
        for number, (moment, use) in enumerate(product(turns(world, now), ALL_USES)):
            permitted = {
                customer
                for person, customer in world.people.items()
                if world.history.permits(person, use, moment)
            }
            assert set(allowing(use, at=moment)) == permitted, (use, moment)
            # One customer at a time costs a query each, so they take turns.
            somebody = list(world.people.values())[number % len(world.people)]
            answer = may_use(somebody, use, at=moment)
            assert answer.allowed == (somebody in permitted), (use, moment, answer)
        transaction.set_rollback(True)


def turns(world: World, now: datetime) -> list[datetime]:
    """The moments at which an answer turns, the instants before them, now, and the far future."""
    history = world.history
    moments = {now, now + 3650 * DAY}
    for person, use, date in product(world.people, ALL_USES, dates(history)):
        before = history.permits(person, use, date - INSTANT)
        if before != history.permits(person, use, date):
            moments |= {date - INSTANT, date}
    return sorted(moments)


def dates(history: History) -> set[datetime]:
    """Every date by which the promises reckon."""
    reckoned = {version.effective_at for version in history.versions}
    for told in history.told:
        day = told.at.astimezone(NEW_YORK).replace(hour=0, minute=0, second=0, microsecond=0)
        reckoned |= {told.at + 30 * DAY, (day + 31 * DAY).astimezone(UTC)}
    return reckoned
