"""Acting against what does harm: on a ground of the policy, with evidence, and told at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import Customer
from accounts.services.confiding import acting_on
from accounts.services.data_keys import obtain_key
from bizsecure.conduct.grounds import LASTING, Ground, Step, section_of
from bizsecure.conduct.models import EVIDENCE, MATTER, Decision
from bizsecure.conduct.reasons import Reason
from bizsecure.conduct.services.telling import tell_of_decision
from bizsecure.core.errors import Refused
from bizsecure.store.models import HeldService
from bizsecure.store.services.withholding import withhold_service
from consent.calendar import policy_day, policy_zone
from consent.models import ACCEPTABLE_USE, PolicyVersion
from consent.rendering import Section

TAKE = "conduct.take_decision"


@dataclass(frozen=True)
class Act:
    """What a member of staff does. `key` makes a form that is sent twice one decision.

    `matter` says what it is about and `evidence` what it rests on; the customer reads both.
    """

    key: UUID
    step: Step
    ground: Ground
    happened_on: date
    matter: str
    evidence: str
    service: HeldService | None = None
    ends_at: datetime | None = None


@transaction.atomic
def decide(*, customer: Customer, act: Act, actor: Actor) -> Decision:
    """Record a decision about a customer's communication or service, carry it out, and tell.

    Refused with NO_RIGHT and LOOK_FIRST, with what `check` refuses, and with ACCOUNT_CLOSED for
    whoever is no customer any more.
    """
    now = timezone.now()
    acting_on(customer=customer, right=TAKE, actor=actor, now=now)
    held = Customer.objects.locked([customer.pk]).get()
    before: Decision | None = Decision.objects.filter(uid=act.key, customer=held).first()
    if before is not None:
        return before
    if held.status == Customer.Status.CLOSED:
        raise Refused(Reason.ACCOUNT_CLOSED)
    version, section = check(customer=held, act=act, now=now)
    key = obtain_key(customer=held)
    decision = Decision(
        uid=act.key,
        customer=held,
        step=act.step,
        ground=act.ground,
        policy=version,
        section=section.number or section.title[:16],
        service=act.service,
        happened_on=act.happened_on,
        ends_at=act.ends_at,
        matter=key.seal(act.matter.strip(), MATTER),
        evidence=key.seal(act.evidence.strip(), EVIDENCE),
        actor_kind=actor.kind,
        actor_user_id=actor.user_id,
        recorded_at=now,
    )
    Decision.append(decision)
    if act.service is not None and not withhold_service(service=act.service, actor=actor, now=now):
        raise Refused(Reason.NO_SUCH_SERVICE)
    tell_of_decision(decision=decision)
    return decision


def check(*, customer: Customer, act: Act, now: datetime) -> tuple[PolicyVersion, Section]:
    """Return the version on which an act rests and the section of its ground, or refuse.

    A version never applies to what was done before it took effect. Refused with NOT_HAPPENED,
    UNEXPLAINED, HAS_NO_DURATION, ENDS_BEFORE, NO_SUCH_SERVICE and NOT_IN_POLICY.
    """
    if act.happened_on > policy_day(now):
        raise Refused(Reason.NOT_HAPPENED)
    if not act.matter.strip() or not act.evidence.strip():
        raise Refused(Reason.UNEXPLAINED)
    if act.ends_at is not None and act.step not in LASTING:
        raise Refused(Reason.HAS_NO_DURATION)
    if act.ends_at is not None and act.ends_at <= now:
        raise Refused(Reason.ENDS_BEFORE)
    if (act.step == Step.SUSPENDED) != (act.service is not None):
        raise Refused(Reason.NO_SUCH_SERVICE)
    if act.service is not None and act.service.customer_id != customer.pk:
        raise Refused(Reason.NO_SUCH_SERVICE)
    end_of_day = datetime.combine(act.happened_on, time.max, policy_zone())
    version = PolicyVersion.objects.of(ACCEPTABLE_USE).in_force(min(now, end_of_day))
    section = section_of(act.ground, version) if version else None
    if version is None or section is None:
        raise Refused(Reason.NOT_IN_POLICY)
    return version, section
