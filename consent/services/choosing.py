"""Recording what customers decide."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.actors import Actor, ActorKind
from accounts.models import Customer, Mandate
from bizsecure.core.errors import Refused
from consent.models import AddressOptOut, Choice, DeclaredUse, PolicyVersion, Use
from consent.position import address_opt_outs, latest_choices
from consent.reasons import Reason
from consent.refusal_journal import note
from consent.services.telling import record_shown
from consent.standing import standings

Basis, Decision, Method = DeclaredUse.Basis, Choice.Decision, Choice.Method


@transaction.atomic
def record_choices(
    *,
    customer: Customer,
    version: PolicyVersion,
    answers: Mapping[str, bool],
    method: Choice.Method,
    actor: Actor,
    mandate: Mandate | None = None,
) -> list[Choice]:
    """Record yes or no to uses, by their keys, with the words of `version` that were seen.

    Counts at once and can be changed at any time (CHANGE-3). An answer that is already the
    customer's last one adds nothing, so sending a form twice is harmless. Refused with
    WITHDRAWN, UNDECLARED, NO_CHOICE_TO_MAKE for an essential use, SIGN_IN_FOR_YES, since a
    mail's link may be forwarded and can only say no, and ASKED_BY_CUSTOMER: staff decide nothing
    without a `mandate`.
    """
    now = timezone.now()
    Customer.objects.locked([customer.pk]).get()
    if PolicyVersion.objects.published().filter(pk=version.pk).first() is None:
        raise Refused(Reason.WITHDRAWN)
    declared = _declared(version, answers)
    if method == Method.MAIL_LINK and any(answers.values()):
        raise Refused(Reason.SIGN_IN_FOR_YES)
    if actor.kind == ActorKind.STAFF and mandate is None:
        raise Refused(Reason.ASKED_BY_CUSTOMER)
    last = latest_choices(customer, [row.use_id for row in declared.values()])
    opted_out = address_opt_outs(customer)
    rows = [
        _choice(customer, row, _decision(answer=answers[key]), method, actor, now, mandate)
        for key, row in declared.items()
        if _is_news(row, last.get(row.use_id), opted_out.get(row.use_id), answer=answers[key])
    ]
    if rows:
        _note_refusals(customer, rows, now)
        Choice.append(*rows)
    return rows


@transaction.atomic
def answer_change(
    *, customer: Customer, version: PolicyVersion, answers: Mapping[str, bool], actor: Actor
) -> list[Choice]:
    """Record the answers given on the page of a change, which thereby was shown too."""
    record_shown(version=version, customer=customer, actor=actor)
    return record_choices(
        customer=customer, version=version, answers=answers, method=Method.PANEL, actor=actor
    )


@transaction.atomic
def set_switches(*, customer: Customer, switches: Mapping[str, bool], actor: Actor) -> list[Choice]:
    """Record the switches of the page of choices that differ from how they stood.

    Each under the version that declares the use. Keys of essential or unknown uses are
    ignored: the page does not offer them, and no form may change more than the page shows.
    """
    Customer.objects.locked([customer.pk]).get()
    moved = [
        standing.declared
        for standing in standings(customer)
        if not standing.locked
        and switches.get(standing.use_key, standing.allowed) != standing.allowed
    ]
    rows: list[Choice] = []
    for declared in moved:
        rows += record_choices(
            customer=customer,
            version=declared.version,
            answers={declared.use.key: switches[declared.use.key]},
            method=Method.PANEL,
            actor=actor,
        )
    return rows


def refuse(
    *, customer: Customer, uses: Iterable[Use], method: Choice.Method, actor: Actor, now: datetime
) -> list[Choice]:
    """Record a no to each of these uses that the customer has not refused already.

    Under the newest version that lets customers choose; called under the customer's lock.
    """
    rows = DeclaredUse.objects.filter(use__in=[use.pk for use in uses], version__status="published")
    rows = rows.exclude(basis=Basis.ESSENTIAL).select_related("use").order_by("version__number")
    newest = {row.use_id: row for row in rows}
    last = latest_choices(customer, newest)
    refusals = [
        _choice(customer, row, Decision.REFUSED, method, actor, now)
        for key, row in newest.items()
        if key not in last or last[key].decision != Decision.REFUSED
    ]
    _note_refusals(customer, refusals, now)
    Choice.append(*refusals)
    return refusals


def _note_refusals(customer: Customer, rows: Iterable[Choice], now: datetime) -> None:
    note(
        customer=customer.number,
        address_digest=customer.address_digest or "",
        uses=[row.use.key for row in rows if row.decision == Decision.REFUSED],
        said_at=now,
    )


def _declared(version: PolicyVersion, answers: Mapping[str, bool]) -> dict[str, DeclaredUse]:
    rows = version.declared_uses.filter(use__key__in=answers)
    declared = {row.use.key: row for row in rows.select_related("use", "introduced_by")}
    if set(declared) != set(answers):
        raise Refused(Reason.UNDECLARED)
    if any(row.basis == Basis.ESSENTIAL for row in declared.values()):
        raise Refused(Reason.NO_CHOICE_TO_MAKE)
    return declared


def _is_news(
    declared: DeclaredUse, last: Choice | None, opted_out: AddressOptOut | None, *, answer: bool
) -> bool:
    if opted_out and (last is None or last.recorded_at <= opted_out.recorded_at):
        # What was said of the address is the last word, and no row of this customer's yet.
        return True
    if last is None:
        # A yes to what is used unless refused changes nothing; a no to a new use is an answer.
        return not (answer and declared.basis == Basis.OPT_OUT)
    introduced = declared.introduced_by
    if introduced is not None and last.version.number < introduced.number:
        return True
    return last.decision != _decision(answer=answer)


def _decision(*, answer: bool) -> Choice.Decision:
    return Decision.GRANTED if answer else Decision.REFUSED


def _choice(
    customer: Customer,
    declared: DeclaredUse,
    decision: Choice.Decision,
    method: Choice.Method,
    actor: Actor,
    now: datetime,
    mandate: Mandate | None = None,
) -> Choice:
    words = declared.words
    return Choice(
        customer=customer,
        use=declared.use,
        version_id=declared.version_id,
        decision=decision,
        method=method,
        question_hash=words.question_hash,
        language=words.language,
        mandate=mandate,
        actor_kind=actor.kind,
        actor_user_id=actor.user_id,
        recorded_at=now,
    )
