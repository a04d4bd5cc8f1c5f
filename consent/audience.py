"""Which customers a change concerns, and who of them was told. Queries, never lists."""

from __future__ import annotations

from django.db.models import Exists, Min, OuterRef, Subquery

from accounts.models import Customer, CustomerQuerySet
from consent.models import Notice, PolicyVersion


def affected_by(version: PolicyVersion) -> CustomerQuerySet:
    """Customers who joined under an older version: the change must not bind them unannounced.

    A query and no snapshot, so that people who join inside the window are among them. Closed
    accounts are not: nothing new may be done with what the law makes us keep.
    """
    if version.base_id is None:
        return Customer.objects.none()
    return Customer.objects.served().filter(joined_at__lt=version.effective_at)


def told_of(version: PolicyVersion) -> CustomerQuerySet:
    """Affected customers with a standing proof of being told, in the current round."""
    return affected_by(version).filter(_told(version))


def untold(version: PolicyVersion) -> CustomerQuerySet:
    """Affected customers without a standing proof of being told, in the current round."""
    return affected_by(version).exclude(_told(version))


def with_told_at(customers: CustomerQuerySet, version: PolicyVersion) -> CustomerQuerySet:
    """Add `told_at`: when each was first told of the change, or None."""
    proofs = Notice.objects.proving(version).filter(customer=OuterRef("pk"))
    first = proofs.order_by().values("customer").annotate(first=Min("told_at")).values("first")
    return customers.annotate(told_at=Subquery(first))


def _told(version: PolicyVersion) -> Exists:
    return Exists(Notice.objects.proving(version).filter(customer=OuterRef("pk")))
