"""Who needs a letter, because no mail tells them of a change or an announcement.

The same for both (CHANGE-2, THIRD-5): whoever must be told, is not, and has no mail on its way. A
mail goes to proven addresses alone, for an address that nobody proved may be anybody's. So
whoever never proved one, and whoever's mail came back, gets a letter.
"""

from __future__ import annotations

from typing import Any

from django.db.models import BooleanField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet

from accounts.models import Customer, CustomerQuerySet
from consent.audience import untold
from consent.models import PolicyVersion
from notifications.kinds import KindKey
from notifications.models import Announcement, OutgoingMail, OutgoingMailQuerySet, Telling

PROVEN = Q(email_verified_at__isnull=False) & ~Q(email="")


def letters_due(about: Announcement | PolicyVersion) -> CustomerQuerySet:
    """Return the customers who are to be told of this by letter, by their keys.

    Whoever proved an address and was not written to there is not among them: the next pass of
    the job does it.
    """
    # Found from the few that no mail reaches, each through an index, and not by asking of each
    # customer.
    unproven = Customer.objects.filter(email_verified_at__isnull=True).values("pk")
    out_of_reach = unproven.union(_came_back(about))
    coming = _mails(about).live().filter(customer=OuterRef("pk"))
    return _to_be_told(about).filter(~Exists(coming), pk__in=out_of_reach).order_by("pk")


def with_reasons(customers: CustomerQuerySet) -> CustomerQuerySet:
    """Add what the list says of why each needs a letter, beside whether a mail came back."""
    return customers.annotate(
        is_proven=ExpressionWrapper(PROVEN, output_field=BooleanField())
    ).select_related("user")


def _came_back(about: Announcement | PolicyVersion) -> QuerySet[Any, Any]:
    returned = _mails(about).returned().filter(address=F("customer__email"))
    return returned.values("customer")


def _mails(about: Announcement | PolicyVersion) -> OutgoingMailQuerySet:
    mails: OutgoingMailQuerySet = OutgoingMail.objects.all()
    if isinstance(about, Announcement):
        return mails.filter(campaign__announcement=about)
    return mails.filter(
        campaign__version=about,
        campaign__round=about.round,
        campaign__kind=KindKey.POLICY_NOTICE,
    )


def _to_be_told(about: Announcement | PolicyVersion) -> CustomerQuerySet:
    if not isinstance(about, Announcement):
        return untold(about)
    told = Telling.objects.standing().filter(announcement=about, customer=OuterRef("pk"))
    mine = Customer.objects.served().filter(addressed__announcement=about)
    return mine.filter(~Exists(told))
