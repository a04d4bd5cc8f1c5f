"""Telling of decisions by letter whom no mail reaches (DISC-3)."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import Customer
from accounts.services.confiding import acting_on
from accounts.services.writing_letters import SEND_LETTERS
from bizsecure.conduct.models import Decision, DecisionLetter, Review
from bizsecure.conduct.reasons import Reason
from bizsecure.core.errors import Refused


@transaction.atomic
def record_letter(*, decision: Decision, upto: int, actor: Actor) -> int:
    """Record that a letter about a decision is in the post; return how many rows say so.

    It tells of the decision and of what became of it, up to the review with the key `upto` that
    stood in the letter when it was printed (0 for none): what comes later is due again. Said twice,
    it is one letter. Refused with NO_RIGHT, LOOK_FIRST, and TOLD_BY_MAIL for whom mails reach.
    """
    now = timezone.now()
    customer = Customer.objects.locked([decision.customer_id]).get()
    staff = acting_on(customer=customer, right=SEND_LETTERS, actor=actor, now=now)
    if not Decision.objects.of_whom_no_mail_reaches().filter(pk=decision.pk).exists():
        raise Refused(Reason.TOLD_BY_MAIL)
    told: list[Review | None] = [*decision.reviews.filter(letter__isnull=True, pk__lte=upto)]
    if not decision.letters.filter(review__isnull=True).exists():
        told.insert(0, None)
    for review in told:
        DecisionLetter.objects.create(decision=decision, review=review, sent_by=staff, sent_at=now)
    return len(told)
