"""May personal information be used for this? The one place that answers (CHANGE-2, CHANGE-3).

Whatever uses personal information for more than the service itself asks here first, and asks
again in the moment of use. The answer is computed from the policy in force, from what the
customer was told and when, and from what the customer chose. Nothing switches a use on: no
job, no flag. Silence is never a yes.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from enum import Enum
from typing import Any, cast

from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.utils import timezone

from accounts.models import Customer, CustomerQuerySet
from consent.audience import with_told_at
from consent.calendar import policy_zone
from consent.deadlines import earliest_effective, told_before
from consent.models import AddressOptOut, Choice, DeclaredUse, Notice, PolicyVersion

Basis, Decision = DeclaredUse.Basis, Choice.Decision


class Ground(Enum):
    """Why a use is allowed or denied."""

    ESSENTIAL = "needed for the service"
    NOT_REFUSED = "the customer has not said no"
    GRANTED = "the customer said yes"
    UNDECLARED = "no published policy declares this use"
    NOT_IN_POLICY = "the policy in force does not declare this use any more"
    NOT_YET_EFFECTIVE = "the policy that declares this use is not in force yet"
    ACCOUNT_CLOSED = "the account is closed, or about to be"
    REFUSED = "the customer said no"
    NOT_TOLD = "the customer was not told of the change"
    WAITING = "thirty days have not passed since the customer was told"
    NO_CHOICE = "the customer has not answered"


@dataclass(frozen=True)
class Answer:
    """The gate's answer. `binds_from` is when the thirty days of this customer end, if told."""

    allowed: bool
    ground: Ground
    binds_from: datetime | None = None


@dataclass(frozen=True)
class Evidence:
    """What the gate judges by: the customer, the last choice, and the first standing proof.

    `opted_out_at` is when the customer's mail address was last opted out of the use.
    """

    status: str
    joined_at: datetime
    decision: str | None
    chosen_under: int | None
    told_at: datetime | None
    chosen_at: datetime | None = None
    opted_out_at: datetime | None = None

    @property
    def is_refused(self) -> bool:
        """Whether the last word is a no, the customer's own or one that came with the address."""
        if self.opted_out_at is None or self.decision == Decision.REFUSED:
            return self.decision == Decision.REFUSED
        return self.chosen_at is None or self.chosen_at <= self.opted_out_at


def may_use(customer: Customer, use: str, *, at: datetime | None = None) -> Answer:
    """Return whether we may use this customer's information for `use` (a use's key).

    Two queries at most. Denied with the first of Ground's reasons that applies; an unknown
    key is denied as UNDECLARED.
    """
    now = at or timezone.now()
    declared = _declarations(use, now)
    current = _in_force(declared)
    if current is None:
        return Answer(allowed=False, ground=_why_not_in_force(declared, now))
    rows = _with_evidence(Customer.objects.filter(pk=customer.pk), current)
    columns = (column.name for column in fields(Evidence))
    return judge(Evidence(**rows.values(*columns).get()), current, now)


def allowing(use: str, *, at: datetime | None = None) -> CustomerQuerySet:
    """Return the customers of whom `may_use` says yes, as one query for any number of them."""
    now = at or timezone.now()
    current = _in_force(_declarations(use, now))
    if current is None:
        return Customer.objects.none()
    if current.basis == Basis.ESSENTIAL:
        return Customer.objects.served()
    if current.basis == Basis.OPT_OUT:
        return _not_refusing(current)
    return _granting(current, now)


def _not_refusing(declared: DeclaredUse) -> CustomerQuerySet:
    """Everybody whose last word is not a no, neither their own nor one of their address."""
    refused = _last_words(declared).filter(customer=OuterRef("pk"), decision=Decision.REFUSED)
    return Customer.objects.staying().filter(~Exists(refused), ~Exists(_opted_out(declared)))


def _granting(declared: DeclaredUse, now: datetime) -> CustomerQuerySet:
    """Those who said yes, under the version that brought the use in or later, and may be bound.

    Who may not be bound yet is taken out as a set of its own: either of two conditions, joined
    later or told, would be asked of one customer after the other.
    """
    introduced = introduction(declared)
    granted = _last_words(declared).filter(
        decision=Decision.GRANTED,
        version__number__gte=introduced.number,
        customer=OuterRef("pk"),
    )
    willing = Customer.objects.staying().filter(~Exists(_opted_out(declared)), Exists(granted))
    if introduced.base_id is None:
        return willing
    told = Notice.objects.proving(introduced).filter(
        customer=OuterRef("pk"), told_at__lt=told_before(now, policy_zone())
    )
    joined_before = Customer.objects.filter(joined_at__lt=_effective_at(introduced))
    not_bound_yet = joined_before.filter(~Exists(told), pk=OuterRef("pk"))
    return willing.filter(~Exists(not_bound_yet))


def _opted_out(declared: DeclaredUse) -> QuerySet[AddressOptOut]:
    """What was said against the use of a customer's address; a yes that is younger outweighs it."""
    younger = _last_words(declared).filter(
        customer=OuterRef(OuterRef("pk")), recorded_at__gt=OuterRef("recorded_at")
    )
    return AddressOptOut.objects.filter(
        ~Exists(younger), use=declared.use_id, digest=OuterRef("address_digest")
    )


def _last_words(declared: DeclaredUse) -> QuerySet[Choice]:
    """What each customer decided last."""
    later = Choice.objects.filter(
        use=declared.use_id, customer=OuterRef("customer"), sequence__gt=OuterRef("sequence")
    )
    return Choice.objects.filter(~Exists(later), use=declared.use_id)


def judge(evidence: Evidence, declared: DeclaredUse, now: datetime) -> Answer:
    """Return the gate's answer about a declared use, from evidence that is at hand."""
    if evidence.status == Customer.Status.CLOSED:
        return Answer(allowed=False, ground=Ground.ACCOUNT_CLOSED)
    if declared.basis == Basis.ESSENTIAL:
        return Answer(allowed=True, ground=Ground.ESSENTIAL)
    if evidence.status == Customer.Status.CLOSING:
        return Answer(allowed=False, ground=Ground.ACCOUNT_CLOSED)
    if evidence.is_refused:
        return Answer(allowed=False, ground=Ground.REFUSED)
    if declared.basis == Basis.OPT_OUT:
        return Answer(allowed=True, ground=Ground.NOT_REFUSED)
    return _judge_choice(evidence, introduction(declared), now)


def _judge_choice(evidence: Evidence, introduced: PolicyVersion, now: datetime) -> Answer:
    binds_from = None
    if introduced.base_id is not None and evidence.joined_at < _effective_at(introduced):
        if evidence.told_at is None:
            return Answer(allowed=False, ground=Ground.NOT_TOLD)
        binds_from = earliest_effective(evidence.told_at, policy_zone())
        if binds_from > now:
            return Answer(allowed=False, ground=Ground.WAITING, binds_from=binds_from)
    # A yes to a use that was withdrawn does not come back with the use.
    if evidence.decision is None or (evidence.chosen_under or 0) < introduced.number:
        return Answer(allowed=False, ground=Ground.NO_CHOICE, binds_from=binds_from)
    return Answer(allowed=True, ground=Ground.GRANTED, binds_from=binds_from)


def _with_evidence(customers: CustomerQuerySet, declared: DeclaredUse) -> CustomerQuerySet:
    """Add what each last decided and under which version, said of the address, and was told."""
    choices = Choice.objects.filter(use=declared.use_id, customer=OuterRef("pk"))
    latest = choices.order_by("-sequence")
    of_address = AddressOptOut.objects.filter(
        use=declared.use_id, digest=OuterRef("address_digest")
    )
    opted_out = of_address.order_by("-recorded_at")
    customers = customers.annotate(
        decision=Subquery(latest.values("decision")[:1]),
        chosen_under=Subquery(latest.values("version__number")[:1]),
        chosen_at=Subquery(latest.values("recorded_at")[:1]),
        opted_out_at=Subquery(opted_out.values("recorded_at")[:1]),
    )
    return with_told_at(customers, introduction(declared))


def _declarations(use: str, now: datetime) -> list[Any]:
    """The published declarations of a use, the newest first, and which version is in force."""
    newest = PolicyVersion.objects.filter(slug=OuterRef("version__slug")).effective(now)
    rows = DeclaredUse.objects.filter(use__key=use, version__status="published")
    return list(
        rows.annotate(number_in_force=Subquery(newest.values("number")[:1]))
        .select_related("use", "version", "introduced_by")
        .order_by("-version__number")
    )


def _in_force(declared: list[Any]) -> DeclaredUse | None:
    return next((row for row in declared if row.version.number == row.number_in_force), None)


def introduction(declared: DeclaredUse) -> PolicyVersion:
    """The version that brought the use in. Publishing a version records it for every use."""
    return cast("PolicyVersion", declared.introduced_by)


def _effective_at(version: PolicyVersion) -> datetime:
    """The date of a published version; the database has none without."""
    return cast("datetime", version.effective_at)


def _why_not_in_force(declared: list[Any], now: datetime) -> Ground:
    if not declared:
        return Ground.UNDECLARED
    coming = any(row.version.effective_at > now for row in declared)
    return Ground.NOT_YET_EFFECTIVE if coming else Ground.NOT_IN_POLICY
