"""Customers in files: every one who goes into a file, or is compared with one, is a look."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import Enum

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.actors import Actor
from accounts.models import Customer, StaffAccess
from accounts.services.acting import Asked, carry_out
from accounts.services.confiding import acting_as
from accounts.services.personal import PersonalDetails
from bizsecure.core.errors import Refused

EXPORT, IMPORT = "accounts.export_customers", "accounts.import_customers"
MOST_AT_ONCE = 1000


class Reason(Enum):
    TOO_MANY = _("At most %(most)s customers at a time.")
    NOBODY = _("None of these numbers belongs to a customer.")


@transaction.atomic
def export_customers(
    *,
    numbers: Iterable[str],
    reason: StaffAccess.Reason,
    words: str,
    case_number: str,
    actor: Actor,
) -> list[Customer]:
    """Return these customers with their addresses, each look written down first (SEC-2).

    Refused with NO_RIGHT, TERMS_FIRST, TOO_MANY and NOBODY.
    """
    now = timezone.now()
    keys = _keys(numbers)
    _look(keys, StaffAccess.Way.EXPORTED, reason, words, case_number, EXPORT, actor, now)
    rows = Customer.objects.filter(pk__in=keys).prefetch_related("addresses")
    return list(rows.order_by("number"))


@transaction.atomic
def look_to_compare(*, numbers: Iterable[str], case_number: str, actor: Actor) -> None:
    """Write down that these records are compared with a file, before anything of them shows."""
    reason = StaffAccess.Reason.QUALITY
    way, now = StaffAccess.Way.COMPARED, timezone.now()
    _look(_keys(numbers), way, reason, "", case_number, IMPORT, actor, now)


@transaction.atomic
def look_for_letters(*, customers: Iterable[int], words: str, right: str, actor: Actor) -> None:
    """Write down that names and addresses of these customers go into letters (SEC-2).

    `words` say which letter it is; the customers read them. Refused with NO_RIGHT, TERMS_FIRST.
    """
    way, reason = StaffAccess.Way.EXPORTED, StaffAccess.Reason.OTHER
    _look(list(customers), way, reason, words, "", right, actor, timezone.now())


@transaction.atomic
def import_details(
    *, customer: Customer, details: PersonalDetails, revision: int, asked: Asked, actor: Actor
) -> set[str]:
    """Change what a file says differently, and return the names of the changed fields.

    Personal information alone: no file says yes or no for anybody. The same file once more
    changes nothing. Refused with NO_RIGHT, TERMS_FIRST and CHANGED_MEANWHILE.
    """
    now = timezone.now()
    acting_as(right=IMPORT, actor=actor, now=now)
    return carry_out(
        customer=customer, details=details, revision=revision, asked=asked, actor=actor, now=now
    )


def _keys(numbers: Iterable[str]) -> list[int]:
    wanted = set(numbers)
    if len(wanted) > MOST_AT_ONCE:
        raise Refused(Reason.TOO_MANY, most=MOST_AT_ONCE)
    keys = list(Customer.objects.filter(number__in=wanted).values_list("pk", flat=True))
    if not keys:
        raise Refused(Reason.NOBODY)
    return keys


def _look(
    keys: list[int],
    way: StaffAccess.Way,
    reason: StaffAccess.Reason,
    words: str,
    case_number: str,
    right: str,
    actor: Actor,
    now: datetime,
) -> None:
    _staff, role = acting_as(right=right, actor=actor, now=now)
    StaffAccess.append(
        *(
            StaffAccess(
                customer=customer,
                way=way,
                role=role,
                reason=reason,
                words=words,
                case_number=case_number,
                actor_kind=actor.kind,
                actor_user_id=actor.user_id,
                recorded_at=now,
            )
            for customer in Customer.objects.locked(keys)
        )
    )
