"""What this room gives to the account log."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from accounts.account_log import Before, LogEntry, LogKind, LogSource, register
from accounts.actors import ActorKind
from accounts.event_kinds import SIGN_IN_KINDS, SUBJECTS, EventKind
from accounts.fields import TOPICS
from accounts.models import AccountEvent, Customer, ProfileChange


def _change_rows(customer: Customer, wanted: Before) -> QuerySet[ProfileChange]:
    """What was saved together is one entry: that of its first row."""
    earlier = ProfileChange.objects.filter(
        customer=customer, revision=OuterRef("revision"), sequence__lt=OuterRef("sequence")
    )
    return ProfileChange.objects.filter(~Exists(earlier), customer=customer)


def _changes(customer: Customer, rows: Sequence[Any]) -> Iterator[LogEntry]:
    topics: dict[int, dict[str, None]] = {row.revision: {} for row in rows}
    saved = ProfileChange.objects.filter(customer=customer, revision__in=topics)
    fields = saved.order_by("sequence").values_list("revision", "field")
    for revision, field in fields:
        topics[revision][str(TOPICS.get(field, field))] = None
    for row in rows:
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


def _event_rows(customer: Customer, wanted: Before) -> QuerySet[AccountEvent]:
    rows = AccountEvent.objects.filter(customer=customer)
    if not wanted.wants(LogKind.ACCOUNT):
        return rows.filter(kind__in=SIGN_IN_KINDS)
    if not wanted.wants(LogKind.SIGN_IN):
        return rows.exclude(kind__in=SIGN_IN_KINDS)
    return rows


def _events(customer: Customer, rows: Sequence[Any]) -> Iterator[LogEntry]:
    for row in rows:
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


register(LogSource("changes", frozenset({LogKind.COLLECTED}), _change_rows, _changes))
register(LogSource("events", frozenset({LogKind.SIGN_IN, LogKind.ACCOUNT}), _event_rows, _events))
