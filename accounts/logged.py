"""What this room gives to the account log."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Exists, OuterRef
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from accounts.account_log import Before, LogEntry, LogKind, LogSource, register
from accounts.actors import ActorKind
from accounts.event_kinds import SIGN_IN_KINDS, SUBJECTS, EventKind
from accounts.fields import TOPICS
from accounts.models import AccountEvent, Customer, ProfileChange


def _changes(customer: Customer, before: Before, number: int) -> Iterator[LogEntry]:
    """What was saved together is one entry."""
    rows = ProfileChange.objects.filter(customer=customer)
    earlier = ProfileChange.objects.filter(
        customer=customer, revision=OuterRef("revision"), sequence__lt=OuterRef("sequence")
    )
    first = list(before.newest(rows.filter(~Exists(earlier)), number))
    topics: dict[int, dict[str, None]] = {row.revision: {} for row in first}
    saved = rows.filter(revision__in=topics).order_by("sequence")
    for revision, field in saved.values_list("revision", "field"):
        topics[revision][str(TOPICS.get(field, field))] = None
    for row in first:
        yield LogEntry(
            kind=LogKind.COLLECTED,
            at=row.recorded_at,
            row=row.pk,
            text=_changed(row.actor_kind) % get_text_list(list(topics[row.revision]), _("and")),
            actor_kind=row.actor_kind,
            actor_user_id=row.actor_user_id,
        )


def _changed(actor_kind: str) -> str:
    return {
        ActorKind.CUSTOMER.value: _("You changed your %s."),
        ActorKind.STAFF.value: _("Our staff changed your %s."),
    }.get(actor_kind, _("The portal changed your %s."))


def _events(customer: Customer, before: Before, number: int) -> Iterator[LogEntry]:
    rows = AccountEvent.objects.filter(customer=customer)
    if not before.wants(LogKind.ACCOUNT):
        rows = rows.filter(kind__in=SIGN_IN_KINDS)
    elif not before.wants(LogKind.SIGN_IN):
        rows = rows.exclude(kind__in=SIGN_IN_KINDS)
    for row in before.newest(rows, number):
        yield LogEntry(
            kind=LogKind.SIGN_IN if row.kind in SIGN_IN_KINDS else LogKind.ACCOUNT,
            at=row.recorded_at,
            row=row.pk,
            text=event_sentence(row),
            actor_kind=row.actor_kind,
            actor_user_id=row.actor_user_id,
        )


def event_sentence(event: AccountEvent) -> str:
    """Return what happened, in a sentence with the facts that are known."""
    facts = [str(SUBJECTS.get(event.subject, event.subject)), event.device]
    known = ", ".join(fact for fact in facts if fact)
    happened = str(EventKind(event.kind).label)
    return f"{happened}: {known}." if known else f"{happened}."


register(LogSource("changes", frozenset({LogKind.COLLECTED}), _changes))
register(LogSource("events", frozenset({LogKind.SIGN_IN, LogKind.ACCOUNT}), _events))
