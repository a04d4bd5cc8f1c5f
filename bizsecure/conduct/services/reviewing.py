"""Looking at a decision again: it is upheld by somebody else, lifted, or over in time."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.actors import SYSTEM, Actor
from accounts.models import Customer
from accounts.services.confiding import acting_on
from accounts.services.data_keys import obtain_key
from bizsecure.conduct.models import WORDS, Decision, Objection, Review
from bizsecure.conduct.reasons import Reason
from bizsecure.conduct.services.telling import tell_of_review
from bizsecure.core.errors import Refused
from bizsecure.store.services.withholding import release_service

REVIEW = "conduct.review_decision"
AT_ONCE = 200
Kind = Review.Kind


@transaction.atomic
def lift(*, decision: Decision, words: str, actor: Actor) -> Review:
    """Take a decision back, undo what can be undone, and tell the customer why.

    Lifted twice, it is lifted once. Refused with NO_RIGHT, LOOK_FIRST, UNEXPLAINED, and IS_OVER
    for one whose time is over.
    """
    now = timezone.now()
    _look(decision, words, actor, now)
    ended = decision.reviews.filter(kind__in=Review.ENDING).first()
    if ended is not None and ended.kind == Kind.LIFTED:
        return ended
    if ended is not None:
        raise Refused(Reason.IS_OVER)
    return _write(decision, Kind.LIFTED, words, actor, now)


@transaction.atomic
def uphold(*, decision: Decision, words: str, actor: Actor) -> Review:
    """Let a decision stand that the customer objected to, and tell the customer why.

    Somebody does it who did not decide; the database holds that as well. Refused with NO_RIGHT,
    LOOK_FIRST, UNEXPLAINED, NO_OBJECTION, OWN_DECISION and IS_OVER.
    """
    now = timezone.now()
    _look(decision, words, actor, now)
    if not Objection.objects.filter(decision=decision).exists():
        raise Refused(Reason.NO_OBJECTION)
    if decision.actor_user_id == actor.user_id:
        raise Refused(Reason.OWN_DECISION)
    before = {review.kind: review for review in decision.reviews.all()}
    if Kind.UPHELD in before:
        return before[Kind.UPHELD]
    if before:
        raise Refused(Reason.IS_OVER)
    return _write(decision, Kind.UPHELD, words, actor, now)


def end_what_is_over() -> int:
    """End each decision whose time is over, and tell its customer; return how many."""
    now = timezone.now()
    due = Decision.objects.due(now).select_related("customer", "service__line__order")
    return sum(_end(decision=decision, now=now) for decision in due[:AT_ONCE])


@transaction.atomic
def _end(*, decision: Decision, now: datetime) -> bool:
    Customer.objects.locked([decision.customer_id]).get()
    if decision.reviews.filter(kind__in=Review.ENDING).exists():
        return False
    _write(decision, Kind.ENDED, "", SYSTEM, now)
    return True


def _look(decision: Decision, words: str, actor: Actor, now: datetime) -> None:
    acting_on(customer=decision.customer, right=REVIEW, actor=actor, now=now)
    if not words.strip():
        raise Refused(Reason.UNEXPLAINED)
    Customer.objects.locked([decision.customer_id]).get()


def _write(
    decision: Decision, kind: Review.Kind, words: str, actor: Actor, now: datetime
) -> Review:
    key = obtain_key(customer=decision.customer)
    review = Review(
        customer=decision.customer,
        decision=decision,
        kind=kind,
        words=key.seal(words.strip(), WORDS) if words.strip() else None,
        actor_kind=actor.kind,
        actor_user_id=actor.user_id,
        recorded_at=now,
    )
    Review.append(review)
    if kind in Review.ENDING and decision.service is not None:
        others = Decision.objects.in_effect().filter(service=decision.service)
        if not others.exists():
            release_service(service=decision.service, actor=actor, now=now)
    tell_of_review(review=review)
    return review
