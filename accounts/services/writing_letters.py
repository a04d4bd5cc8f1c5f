"""Telling by letter what our staff did for customers whom no mail reaches (OPT-4)."""

from __future__ import annotations

from enum import Enum

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.actors import Actor
from accounts.models import Customer, Mandate, MandateLetter
from accounts.services.confiding import acting_on
from bizsecure.core.errors import Refused

SEND_LETTERS = "accounts.send_letters"


class Reason(Enum):
    NOT_DUE = _("No letter is due for this request.")


@transaction.atomic
def record_letter(*, mandate: Mandate, actor: Actor) -> MandateLetter:
    """Record that the letter about this request is in the post; said twice, it is one letter.

    Refused with NO_RIGHT, LOOK_FIRST, and NOT_DUE for who is told by mail.
    """
    now = timezone.now()
    customer = Customer.objects.locked([mandate.customer_id]).get()
    staff = acting_on(customer=customer, right=SEND_LETTERS, actor=actor, now=now)
    sent = MandateLetter.objects.filter(mandate=mandate).first()
    if sent is not None:
        return sent
    if not Mandate.objects.to_be_told_by_letter().filter(pk=mandate.pk).exists():
        raise Refused(Reason.NOT_DUE)
    return MandateLetter.objects.create(mandate=mandate, sent_by=staff, sent_at=now)
