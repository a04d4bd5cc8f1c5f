"""Who would be told of a draft, and by which way: counted in one query, and nothing is written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q

from accounts.models import Customer
from consent.drafts import earliest_after
from consent.models import PolicyVersion
from notifications.forecast import Forecast, forecast_of_draft


@dataclass(frozen=True)
class DryRun:
    """What telling of a draft would mean if it were published now.

    Each of the `affected` is in one of the three other numbers: whoever proved an address gets a
    mail; of the others, who can sign in sees it on the site; the rest get a letter. `earliest` is
    the earliest date the draft may have.
    """

    affected: int
    by_mail: int
    on_screen: int
    by_letter: int
    earliest: datetime | None
    forecast: Forecast | None


def dry_run(version: PolicyVersion, now: datetime) -> DryRun:
    """Return whom a draft would concern, as `audience.affected_by` has it of a published change."""
    base = PolicyVersion.objects.of(version.slug).published().order_by("-number").first()
    earliest = earliest_after(base)
    customers = Customer.objects.served()
    if base is None:
        # The first version of a policy is announced to nobody.
        customers = customers.none()
    elif version.effective_at is not None:
        customers = customers.filter(joined_at__lt=version.effective_at)
    proven = Q(email_verified_at__isnull=False)
    counts = customers.aggregate(
        affected=Count("pk"),
        by_mail=Count("pk", filter=proven),
        on_screen=Count("pk", filter=~proven & Q(user__isnull=False)),
        by_letter=Count("pk", filter=~proven & Q(user__isnull=True)),
    )
    affected, by_mail = counts["affected"], counts["by_mail"]
    forecast = (
        forecast_of_draft(version, affected=affected, by_mail=by_mail, now=now) if base else None
    )
    return DryRun(**counts, earliest=earliest, forecast=forecast)
