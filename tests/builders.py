"""Small policies, customers and proofs, made by the same services that make the real ones.

Plain functions, so that a property test can build a world in every example. Times are instants
in UTC; `during` moves the clock for as long as a block lasts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from itertools import count
from zoneinfo import ZoneInfo

import time_machine
from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group
from django.utils import timezone

from accounts import confidentiality
from accounts.actors import SYSTEM, Actor
from accounts.models import Customer, StaffAccess, User
from accounts.roles import Role
from accounts.services.confiding import accept_terms, open_record
from accounts.services.opening import record_proven_address
from consent.models import PRIVACY, Choice, PolicyVersion
from consent.services.choosing import record_choices
from consent.services.joining import join
from consent.services.publishing import (
    UseDraft,
    VersionDraft,
    notice_period_ends,
    publish,
    save_draft,
)
from consent.services.telling import AcceptedMail, record_told_by_mail

NEW_YORK = ZoneInfo("America/New_York")
# Midnight in New York on the day the first policy is dated.
FOUNDED = datetime(2007, 1, 27, 5, tzinfo=UTC)
# A Monday morning in New York, far from any change of the clocks.
TODAY = datetime(2027, 1, 4, 15, tzinfo=UTC)
LONG_AGO = datetime(2020, 5, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
INSTANT = timedelta(microseconds=1)

_mails = count(1)


def during(moment: datetime) -> AbstractContextManager[object]:
    """Let the clock stand at `moment` inside the block."""
    return time_machine.travel(moment, tick=False)


def a_use(key: str, basis: str = "choice", *, question: str | None = None) -> UseDraft:
    """Return a use of its own purpose, with a question unless it is essential."""
    asked = "" if basis == "essential" else f"May we use your name for {key}?"
    return UseDraft(
        key=key,
        purpose=f"do what {key} stands for",
        data="name",
        recipient="BizSecure",
        ground="needed for the service" if basis == "essential" else "your choice",
        basis=basis,
        question=asked if question is None else question,
        if_yes="We do it.",
        if_no="We do not do it.",
    )


RUN_ACCOUNT = a_use("run-account", "essential")
PRODUCT_NEWS = a_use("product-news", "opt-out")
UPTIME_WATCH = a_use("uptime-watch")


def a_draft(
    number: int,
    *uses: UseDraft,
    effective_at: datetime | None = None,
    slug: str = PRIVACY,
    text: str | None = None,
) -> VersionDraft:
    """Return version `number` of a policy with these uses.

    Without a date the first version is as old as the company, and a later one takes effect as
    early as may be announced now.
    """
    earliest = FOUNDED if number == 1 else notice_period_ends(timezone.now())
    return VersionDraft(
        slug=slug,
        number=number,
        title="Privacy policy",
        summary=f"What version {number} says.",
        text=text or f"## Version {number}\n\nThe words of version {number}.",
        updated_on=timezone.localdate(timezone=NEW_YORK),
        effective_at=effective_at or earliest,
        uses=uses,
    )


def published(draft: VersionDraft) -> PolicyVersion:
    """Publish a draft and return the version, by hand of a member of staff."""
    return publish(version=save_draft(draft=draft, actor=SYSTEM), actor=SYSTEM)


def first_policy(*uses: UseDraft) -> PolicyVersion:
    """Publish version 1 as of the founding of the company."""
    with during(FOUNDED):
        return published(a_draft(1, *uses))


def date_of(version: PolicyVersion) -> datetime:
    """Return when a published version takes effect."""
    version.refresh_from_db()
    assert version.effective_at is not None
    return version.effective_at


def joined(
    name: str,
    *,
    at: datetime | None = None,
    seen: Sequence[PolicyVersion] = (),
    email: str | None = None,
) -> Customer:
    """Return somebody who became a customer, having seen these coming versions."""
    email = email or f"{name.split(maxsplit=1)[0].lower()}@example.com"
    with during(at or timezone.now()):
        user = User.objects.create_user(email)
        customer = join(user=user, name=name, seen=seen)
    return customer


def prove_address(customer: Customer) -> Customer:
    """Let the customer follow the link of the verification mail."""
    user = customer.user
    assert user is not None
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    record_proven_address(user=user, email=user.email)
    customer.refresh_from_db()
    return customer


def tell(
    customer: Customer, version: PolicyVersion, *, at: datetime | None = None, in_round: int = 0
) -> str:
    """Record that the customer's mail server took the notice; return its Message-ID."""
    moment = at or timezone.now()
    message_id = f"<m{next(_mails)}@bizsecure.com>"
    mail = AcceptedMail(customer.pk, customer.email, message_id, moment)
    with during(max(moment, timezone.now())):
        record_told_by_mail(version=version, in_round=in_round or version.round, mails=[mail])
    return message_id


def say_yes(customer: Customer, version: PolicyVersion, *uses: str) -> list[Choice]:
    """Record the customer's yes to these uses, given while signed in."""
    return _answer(customer, version, dict.fromkeys(uses, True))


def say_no(customer: Customer, version: PolicyVersion, *uses: str) -> list[Choice]:
    """Record the customer's no to these uses, given while signed in."""
    return _answer(customer, version, dict.fromkeys(uses, False))


def _answer(
    customer: Customer, version: PolicyVersion, answers: Mapping[str, bool]
) -> list[Choice]:
    return record_choices(
        customer=customer,
        version=version,
        answers=answers,
        method=Choice.Method.PANEL,
        actor=Actor.customer(customer.user),
    )


def member(role: Role, *, promised: bool = True, name: str = "") -> User:
    """Return a member of staff in this role, who has accepted the confidentiality terms."""
    user = User.objects.create_user(f"{name or role.name.lower()}@example.com", is_staff=True)
    user.groups.add(Group.objects.get(name=role.value))
    return promise(user) if promised else user


def promise(staff: User) -> User:
    """Let this member of staff accept the confidentiality terms."""
    accept_terms(number=confidentiality.NEWEST, actor=Actor.staff(staff))
    return staff


def look_at(customer: Customer, staff: User) -> StaffAccess:
    """Record that this member of staff opened the customer's record, for half an hour."""
    return open_record(
        customer=customer,
        reason=StaffAccess.Reason.QUESTION,
        words="Asked about the last invoice.",
        case_number="",
        actor=Actor.staff(staff),
    )
