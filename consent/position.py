"""Where one customer stands in one moment: what was posted, and what the customer said.

Read when it is first asked for, and once: a page makes one and hands it on.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import cached_property

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from accounts.asked_often import asked_often
from accounts.models import Customer
from consent.models import AddressOptOut, Choice, PolicyVersion
from consent.posted import Posted, posted_for


class Position:
    """What is known of a customer when a page is opened. Nothing of it outlives the page."""

    def __init__(self, customer: Customer, now: datetime | None = None) -> None:
        self.customer = customer
        self.now = now or timezone.now()

    @cached_property
    def posted(self) -> Posted:
        """Every version, and when the customer was told of it."""
        return posted_for(self.customer)

    @cached_property
    def choices(self) -> dict[int, Choice]:
        """The customer's last choice about each use that has one."""
        return {row.use_id: row for row in _last_choices(self.customer)}

    @cached_property
    def opted_out(self) -> dict[int, AddressOptOut]:
        """What the customer's mail address was last opted out of, by use."""
        return address_opt_outs(self.customer)

    def version(self, key: int) -> PolicyVersion:
        """Return a posted version by its key."""
        return self.posted.standing[key].version


def latest_choices(customer: Customer, uses: Iterable[int]) -> dict[int, Choice]:
    """Return the customer's last choice about each of these uses that has one."""
    wanted = set(uses)
    return {row.use_id: row for row in _last_choices(customer) if row.use_id in wanted}


def address_opt_outs(customer: Customer) -> dict[int, AddressOptOut]:
    """Return what the customer's mail address was last opted out of, by use."""
    return {row.use_id: row for row in _opt_outs(customer)}


@asked_often
def _last_choices(customer: Customer) -> QuerySet[Choice]:
    later = Choice.objects.filter(
        customer=customer, use=OuterRef("use"), sequence__gt=OuterRef("sequence")
    )
    rows = Choice.objects.filter(~Exists(later), customer=customer)
    # Of the version its number is asked for, not its text.
    of_version = ("text", "notes", "summary")
    return rows.select_related("version").defer(*(f"version__{name}" for name in of_version))


@asked_often
def _opt_outs(customer: Customer) -> QuerySet[AddressOptOut]:
    rows = AddressOptOut.objects.filter(digest=customer.address_digest)
    return rows.order_by("recorded_at", "pk")
