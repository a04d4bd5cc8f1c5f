"""What customers must be told and have not confirmed yet: the banner, and the page behind it."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, QuerySet

from accounts.asked_often import asked_often
from accounts.models import Customer
from notifications.models import Addressee, Announcement, Telling


def announcements_for(customer: Customer) -> QuerySet[Announcement]:
    """Return what this customer was addressed with, messages that were stopped too."""
    mine = Addressee.objects.filter(announcement=OuterRef("pk"), customer=customer)
    found: QuerySet[Announcement] = Announcement.objects.filter(
        Exists(mine), campaign__isnull=False
    )
    return found


def unconfirmed_announcements(customer: Customer) -> QuerySet[Announcement]:
    """Return the messages whose button the customer has not pressed."""
    shown = Telling.objects.filter(
        announcement=OuterRef("pk"), customer=customer, channel=Telling.Channel.SHOWN
    )
    return announcements_for(customer).filter(~Exists(shown), cancelled_at__isnull=True)


open_announcements = asked_often(unconfirmed_announcements)
