"""Telling customers of decisions about them, in the transaction of the decision (DISC-3)."""

from __future__ import annotations

from django.db import transaction

from bizsecure.conduct.models import Decision, Review
from notifications.kinds import KindKey
from notifications.services.posting import post


@transaction.atomic
def tell_of_decision(*, decision: Decision) -> bool:
    """Write a mail about a decision; False where no address is known. The account shows it, too."""
    facts = {
        "number": decision.number,
        "step": decision.get_step_display(),
        "ground": decision.get_ground_display(),
        "service": decision.service.name if decision.service else "",
        "section": decision.section,
        "policy": decision.policy.number,
        "at": decision.recorded_at,
        "ends_at": decision.ends_at,
    }
    return _told(KindKey.CONDUCT_DECISION, decision, f"decision:{decision.pk}", facts)


@transaction.atomic
def tell_of_review(*, review: Review) -> bool:
    """Write a mail about what became of a decision."""
    facts = {"number": review.decision.number, "kind": review.kind, "at": review.recorded_at}
    return _told(KindKey.CONDUCT_REVIEW, review.decision, f"review:{review.pk}", facts)


def _told(kind: KindKey, decision: Decision, occasion: str, facts: dict[str, object]) -> bool:
    if not decision.customer.email:
        return False
    post(kind=kind, customer=decision.customer, facts=facts, occasion=occasion)
    return True
