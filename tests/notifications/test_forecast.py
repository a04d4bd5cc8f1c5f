"""Staff learn days before that a date cannot be kept, and what would help."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from time_machine import Traveller

from accounts.actors import SYSTEM
from accounts.models import Customer, User
from accounts.roles import Role
from consent.calendar import policy_zone
from consent.deadlines import told_before
from consent.models import PolicyVersion
from consent.services.telling import record_shown
from notifications.forecast import Forecast, Prospect, forecast_of
from notifications.models import Campaign, OutgoingMail
from notifications.services.announcing import announce_changes
from tests.builders import DAY, TODAY, date_of, member, tell
from tests.notifications.outbox import a_crowd
from tests.pages.browsing import signed_in_as

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("untold", "waiting", "per_hour", "hours_left", "begun", "prospect"),
    [
        (0, 0, 0.0, 24, True, Prospect.FINISHED),
        (900, 900, 100.0, 24, True, Prospect.IN_TIME),
        (900, 900, 100.0, 9, True, Prospect.TOO_SLOW),
        (900, 900, 100.0, 8, True, Prospect.TOO_SLOW),
        (900, 900, 0.0, 24, True, Prospect.STANDS_STILL),
        (900, 0, 0.0, 24, True, Prospect.OUT_OF_REACH),
        (900, 900, 0.0, 24, False, Prospect.IN_TIME),
        (900, 0, 100.0, 0, True, Prospect.MISSED),
        (0, 0, 100.0, 0, True, Prospect.FINISHED),
        # A rate at which nobody alive would see the end of it.
        (900, 900, 1e-9, 24, True, Prospect.TOO_SLOW),
    ],
)
def test_how_it_looks(
    untold: int,
    waiting: int,
    per_hour: float,
    hours_left: int,
    begun: bool,
    prospect: Prospect,
) -> None:
    forecast = Forecast(
        now=TODAY,
        tell_by=TODAY + hours_left * HOUR,
        untold=untold,
        waiting=waiting,
        per_hour=per_hour,
        began_at=TODAY - HOUR if begun else TODAY,
    )

    assert forecast.prospect == prospect
    assert forecast.is_in_danger == (prospect not in {Prospect.FINISHED, Prospect.IN_TIME})
    assert forecast.sentence


def test_the_forecast_is_made_of_what_was_told_in_the_last_hour(
    change: PolicyVersion, clock: Traveller
) -> None:
    a_crowd(6)
    announce_changes()
    clock.shift(3 * HOUR)
    for customer in Customer.objects.order_by("pk")[:2]:
        tell(customer, change)
        OutgoingMail.objects.filter(customer=customer).update(
            state="accepted", accepted_at=timezone.now()
        )
    clock.shift(HOUR / 2)

    forecast = forecast_of(change, timezone.now())

    assert forecast is not None
    assert (forecast.untold, forecast.waiting, forecast.per_hour) == (4, 4, 2.0)
    assert forecast.done_at == timezone.now() + 2 * HOUR
    assert forecast.tell_by == told_before(date_of(change), policy_zone())
    assert forecast.prospect == Prospect.IN_TIME

    clock.shift(2 * HOUR)

    later = forecast_of(change, timezone.now())
    assert later is not None
    assert later.prospect == Prospect.STANDS_STILL


def test_there_is_no_forecast_where_nobody_is_to_be_told(policy: PolicyVersion) -> None:
    assert forecast_of(policy, timezone.now()) is None


def test_staff_see_on_the_page_of_the_telling_that_letters_are_needed(
    change: PolicyVersion, alice: Customer, bob: Customer, clock: Traveller
) -> None:
    announce_changes()
    record_shown(version=change, customer=alice, actor=SYSTEM)
    OutgoingMail.objects.update(state="refused")
    clock.shift(DAY)
    browser = signed_in_as(member(Role.PRIVACY))

    for address in (f"/admin/notifications/campaign/progress/{change.pk}/", "/admin/"):
        assert "No mail reaches 1 customer." in browser.get(address).text
    assert Campaign.objects.count() == 1
    assert User.objects.filter(is_staff=True).count() == 1
