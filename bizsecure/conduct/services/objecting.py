"""Objecting to a decision: the objection is a case like everything that people write to us."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import Customer
from bizsecure.conduct.models import Decision, Objection
from notifications.models import Case
from notifications.services.casework import open_case


@transaction.atomic
def object_to(*, decision: Decision, text: str, form_id: str, actor: Actor) -> Objection:
    """Begin a case in which the customer says why a decision is wrong (DISC-3).

    There is one for each decision, whether it stands or is over; what the customer writes later
    belongs to the same case.
    """
    now = timezone.now()
    customer = Customer.objects.locked([decision.customer_id]).get()
    before = Objection.objects.filter(decision=decision).select_related("case").first()
    if before is not None:
        return before
    case = open_case(
        topic=Case.Topic.CONDUCT,
        sender_address=customer.email,
        sender_name=customer.name,
        subject=_("Objection to %(number)s") % {"number": decision.number},
        text=text,
        actor=actor,
        now=now,
        customer=customer,
        form_id=form_id,
        is_proven=True,
    )
    return Objection.objects.create(decision=decision, case=case, recorded_at=now)
