"""What becomes of messages when an account is erased."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import Customer
from notifications.models import (
    InboundMail,
    MailBatch,
    MailBounce,
    MailContent,
    MailReading,
    OutgoingMail,
)

# How long we keep what we wrote to an address that belongs to no customer.
STRANGERS_FOR = timedelta(days=30)


def erase_messages(*, customer: Customer, now: datetime) -> None:
    """Forget every message to this customer, and where it went."""
    for kept_beside in (MailContent, MailBounce, MailReading):
        kept_beside.objects.filter(mail__customer=customer).delete()
    OutgoingMail.objects.filter(customer=customer).delete()


def erase_heard(*, customer: Customer, now: datetime) -> None:
    """Forget that mails were from or about this customer."""
    InboundMail.objects.filter(customer=customer).update(customer=None)


@transaction.atomic
def forget_mails_to_strangers() -> int:
    """Forget old mails to people who are no customers; return how many.

    Such as the answer to somebody who asked for a new password with an unknown address.
    """
    old = OutgoingMail.objects.filter(
        customer__isnull=True, queued_at__lt=timezone.now() - STRANGERS_FOR
    ).exclude(state__in=OutgoingMail.LIVE)
    keys = list(old.values_list("pk", flat=True)[:1000])
    MailContent.objects.filter(mail__in=keys).delete()
    MailBounce.objects.filter(mail__in=keys).delete()
    MailBatch.objects.single().filter(first_id__in=keys).delete()
    OutgoingMail.objects.filter(pk__in=keys).delete()
    return len(keys)
