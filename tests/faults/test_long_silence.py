"""With the scheduler off past the date of a change, nobody's thirty days shrink (CHANGE-2)."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Max
from django.utils import timezone

from accounts.models import Customer
from consent.calendar import policy_zone
from consent.deadlines import earliest_effective
from consent.gate import Ground, allowing, may_use
from consent.models import Notice
from tests.builders import DAY, INSTANT, during, say_yes
from tests.faults.works import CUSTOMERS, Works, a_change, check_that_everyone_was_told

USE = "uptime-watch"


def test_everyone_is_told_late_and_bound_only_after_thirty_days_of_their_own(works: Works) -> None:
    with during(timezone.now() - 60 * DAY):
        change = a_change()
    assert change.effective_at is not None
    assert change.effective_at < timezone.now() - 20 * DAY
    eager = Customer.objects.earliest("pk")
    say_yes(eager, change, USE)
    assert may_use(eager, USE).ground == Ground.NOT_TOLD
    assert works.report().held == CUSTOMERS

    works.beat()
    works.worker()

    check_that_everyone_was_told(works)
    report = works.report()
    assert (report.told, report.held, report.bounced) == (CUSTOMERS, CUSTOMERS, 0)
    last = Notice.objects.aggregate(last=Max("told_at"))["last"]
    assert report.earliest_lawful_date == earliest_effective(last, policy_zone())
    free = earliest_effective(Notice.objects.get(customer=eager).told_at, policy_zone())
    assert free - timezone.now() > 30 * DAY - timedelta(hours=1)
    assert may_use(eager, USE, at=free - INSTANT).ground == Ground.WAITING
    assert not allowing(USE, at=free - INSTANT).exists()
    assert list(allowing(USE, at=free)) == [eager]
    with during(report.earliest_lawful_date):
        assert works.report().held == 0
