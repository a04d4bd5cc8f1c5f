"""What staff do for a customer who asked for it (OPT-4, OPT-5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.actors import Actor, Channel
from accounts.models import Customer, Mandate
from accounts.services.confiding import acting_on
from accounts.services.personal import (
    PersonalDetails,
    personal_details,
    record_changes,
    update_personal_information,
)
from bizsecure.core.work import nudge

CHANGE_DETAILS = "accounts.change_details"


@dataclass(frozen=True)
class Asked:
    """How, on which day and under which reference of ours a customer asked for something."""

    channel: Channel
    asked_on: date
    reference: str


@transaction.atomic
def record_mandate(
    *, customer: Customer, matter: Mandate.Matter, asked: Asked, actor: Actor, now: datetime
) -> Mandate:
    """Write down what the customer asked for, before it is done, in the same transaction."""
    Customer.objects.locked([customer.pk]).get()
    mandate = Mandate(
        customer=customer,
        matter=matter,
        channel=asked.channel,
        asked_on=asked.asked_on,
        reference=asked.reference,
        actor_kind=actor.kind,
        actor_user_id=actor.user_id,
        recorded_at=now,
    )
    Mandate.append(mandate)
    nudge(settings.NEWS_TASK)
    return mandate


@transaction.atomic
def change_details_for(
    *,
    customer: Customer,
    details: PersonalDetails,
    email: str | None = None,
    revision: int,
    asked: Asked,
    actor: Actor,
) -> set[str]:
    """Change what a customer asked us to change, and return the names of the changed fields.

    Nothing is written down when nothing differs, so sending a form twice is harmless. `email` is
    for customers without a sign-in alone: whoever has one proves a new address themselves. It
    counts as proven no longer. Refused with NO_RIGHT, LOOK_FIRST and CHANGED_MEANWHILE.
    """
    now = timezone.now()
    acting_on(customer=customer, right=CHANGE_DETAILS, actor=actor, now=now)
    return carry_out(
        customer=customer,
        details=details,
        email=email,
        revision=revision,
        asked=asked,
        actor=actor,
        now=now,
    )


@transaction.atomic
def carry_out(
    *,
    customer: Customer,
    details: PersonalDetails,
    email: str | None = None,
    revision: int,
    asked: Asked,
    actor: Actor,
    now: datetime,
) -> set[str]:
    """Change what differs, with the request that it is changed by; the right was looked at."""
    customer = Customer.objects.locked([customer.pk]).get()
    new_email = email if customer.user_id is None else None
    if details == personal_details(customer) and new_email in {None, customer.email}:
        return set()
    mandate = record_mandate(
        customer=customer, matter=Mandate.Matter.DETAILS, asked=asked, actor=actor, now=now
    )
    changed = update_personal_information(
        customer=customer,
        details=details,
        revision=revision,
        actor=actor,
        channel=asked.channel,
        mandate=mandate,
    )
    if new_email is not None and _change_email(customer, new_email, mandate, actor, now):
        changed = {*changed, "email"}
    return changed


def _change_email(
    customer: Customer, email: str, mandate: Mandate, actor: Actor, now: datetime
) -> bool:
    customer = Customer.objects.locked([customer.pk]).get()
    before = customer.email
    if before == email:
        return False
    customer.email, customer.email_verified_at = email, None
    customer.revision += 1
    customer.save(update_fields=["email", "email_verified_at", "revision"])
    record_changes(
        customer=customer,
        changes={"email": (before, email)},
        actor=actor,
        channel=Channel(mandate.channel),
        now=now,
        mandate=mandate,
    )
    return True
