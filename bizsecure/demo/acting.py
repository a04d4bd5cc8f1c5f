"""What was done in the demonstration about conduct that harms, and who objected (DISC-3)."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

from django.utils import timezone

from accounts import confidentiality
from accounts.actors import Actor
from accounts.models import Customer, StaffAccess, User
from accounts.services.confiding import accept_terms, open_record
from bizsecure.conduct.grounds import Ground, Step
from bizsecure.conduct.models import Decision
from bizsecure.conduct.services.deciding import Act, decide
from bizsecure.conduct.services.objecting import object_to
from bizsecure.conduct.services.reviewing import lift
from bizsecure.demo.orders import SITE
from consent.calendar import policy_day

BLOCKED_FOR = timedelta(days=14)


def act_on_conduct(*, dana: Customer, support: User, officer: User) -> None:
    """Let support act against two customers; dana was right to object, the other one waits."""
    accept_terms(number=confidentiality.NEWEST, actor=Actor.staff(officer))
    decision = _block(
        dana,
        support,
        matter=f"Mails that the contact form of {SITE} sent last night, 4,212 of them.",
        evidence="Our mail server counted them, and 31 of those who got one complained.",
    )
    object_to(
        decision=decision,
        text="Nobody here sent them: strangers filled in the form. It asks a question now.",
        form_id=uuid4().hex,
        actor=Actor.customer(dana.user),
    )
    _look(dana, officer)
    lift(
        decision=decision,
        words="The mails came from strangers, and the form does not let them any more.",
        actor=Actor.staff(officer),
    )
    other = Customer.objects.exclude(pk=dana.pk).order_by("pk").first()
    if other is not None:
        waiting = _block(
            other,
            support,
            matter="A mailing to 40,000 addresses that was sent from your server yesterday.",
            evidence="312 complaints within an hour, and the addresses come from a list for sale.",
        )
        object_to(
            decision=waiting,
            text="Everybody on that list agreed to be written to. I can show it.",
            form_id=uuid4().hex,
            actor=Actor.customer(),
        )


def _block(customer: Customer, staff: User, *, matter: str, evidence: str) -> Decision:
    _look(customer, staff)
    now = timezone.now()
    act = Act(
        key=uuid4(),
        step=Step.BLOCKED,
        ground=Ground.SPAM,
        happened_on=policy_day(now),
        matter=matter,
        evidence=evidence,
        ends_at=now + BLOCKED_FOR,
    )
    return decide(customer=customer, act=act, actor=Actor.staff(staff))


def _look(customer: Customer, staff: User) -> None:
    open_record(
        customer=customer,
        reason=StaffAccess.Reason.SECURITY,
        words="Mail that was complained about",
        case_number="",
        actor=Actor.staff(staff),
    )
