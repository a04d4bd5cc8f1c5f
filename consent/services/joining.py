"""Becoming a customer under the policy in force (CHANGE-4)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.actors import SYSTEM, Actor
from accounts.models import ClaimCode, Customer, User
from accounts.services.claiming import claim_account
from accounts.services.opening import open_account
from consent.models import PRIVACY, Acceptance, PolicyVersion
from consent.services.opting_out import carry_over
from consent.services.telling import record_told_at_sign_up


@transaction.atomic
def join(*, user: User, name: str, seen: Sequence[PolicyVersion]) -> Customer:
    """Open the account of somebody who has read the policy in force and what is coming.

    `seen` are the versions the sign-up page showed. Those coming count as told at sign-up;
    their new uses stay off until the thirty days have passed and the customer says yes. What
    the address was opted out of before stays off (OPT-1).
    """
    now = timezone.now()
    actor = Actor.customer(user)
    customer = open_account(user=user, name=name, email=user.email, now=now)
    accept_policy_in_force(customers=[customer], actor=actor)
    coming = [version for version in seen if version.effective_at and version.effective_at > now]
    record_told_at_sign_up(versions=coming, customer=customer, actor=actor, now=now)
    carry_over(customer=customer, now=now)
    return customer


@transaction.atomic
def join_by_code(*, claim: ClaimCode, user: User, actor: Actor) -> Customer:
    """Give a customer of ours the sign-in `user`, under the policy in force (OPT-4, CHANGE-4).

    The choices that were recorded for the customer until now stay as they are.
    """
    customer = claim_account(claim=claim, user=user, actor=actor)
    if not Acceptance.objects.filter(customer=customer).exists():
        accept_policy_in_force(customers=[customer], actor=actor)
    return customer


def accept_policy_in_force(*, customers: Sequence[Customer], actor: Actor = SYSTEM) -> None:
    """Record under which version of the privacy policy each of these customers joined."""
    now = timezone.now()
    versions = list(PolicyVersion.objects.of(PRIVACY).effective(now))
    Acceptance.append(
        *(
            Acceptance(
                customer=customer,
                version=version,
                text_hash=version.text_hash,
                actor_kind=actor.kind,
                actor_user_id=actor.user_id,
                recorded_at=now,
            )
            for customer in customers
            if (version := _in_force_at(versions, customer.joined_at)) is not None
        )
    )


def _in_force_at(versions: Sequence[PolicyVersion], moment: datetime) -> PolicyVersion | None:
    """The first of `versions`, the newest first, that was in force at a moment."""
    return next((row for row in versions if row.effective_at and row.effective_at <= moment), None)
