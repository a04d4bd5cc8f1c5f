"""What the tests of announcing and delivering ask of the outbox."""

from __future__ import annotations

from collections import Counter

from accounts.models import Customer
from accounts.services.opening import record_proven_address
from consent.audience import told_of
from consent.models import PolicyVersion
from notifications.kinds import KindKey
from notifications.models import MailBatch, OutgoingMail
from notifications.services.delivering import deliver_due
from tests.builders import LONG_AGO

NOTICE, POSTPONED, WITHDRAWN = (
    KindKey.POLICY_NOTICE,
    KindKey.POLICY_POSTPONED,
    KindKey.POLICY_WITHDRAWN,
)


def mails(kind: KindKey = NOTICE, *, state: str = "queued") -> list[str]:
    """Return to whom mails of this kind are in this state: addresses in their order."""
    rows = OutgoingMail.objects.filter(campaign__kind=kind, state=state)
    return sorted(rows.values_list("address", flat=True))


def mail_to(customer: Customer, kind: KindKey = NOTICE) -> OutgoingMail:
    """Return the customer's only mail of this kind."""
    mail: OutgoingMail = OutgoingMail.objects.get(customer=customer, campaign__kind=kind)
    return mail


def told(version: PolicyVersion) -> list[str]:
    """Return who counts as told, by address in order."""
    version.refresh_from_db()
    return sorted(told_of(version).values_list("email", flat=True))


def move_to(customer: Customer, address: str) -> None:
    """Let the customer prove another address, from which the mails go there."""
    assert customer.user is not None
    record_proven_address(user=customer.user, email=address)
    customer.refresh_from_db()


def a_crowd(customers: int) -> None:
    """Add so many customers of many years with proven addresses."""
    first = Customer.objects.count()
    Customer.objects.bulk_create(
        Customer(
            name=f"Customer {number}",
            email=f"customer{number}@example.com",
            email_verified_at=LONG_AGO,
            joined_at=LONG_AGO,
        )
        for number in range(first, first + customers)
    )


def deliver() -> Counter[str]:
    """Deliver what is due, and leave no batch in a worker's hands."""
    outcomes = deliver_due(seconds=60)
    assert not MailBatch.objects.filter(lease_until__isnull=False).exists()
    return outcomes
