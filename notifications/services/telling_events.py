"""Mails about what happened to an account, found in the ledgers of the rooms below.

Those rooms know nothing of mail. Every sweep looks for rows of the kinds that are told by mail
and of which no mail was written yet; each is told once, however often and by however many
workers one looks.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import CharField, Exists, OuterRef, Q, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from accounts.actors import ActorKind, Channel
from accounts.done_on_request import what_was_done
from accounts.event_kinds import EventKind
from accounts.models import AccountEvent, Customer, Mandate, ProfileChange
from accounts.services.closing import TIME_TO_THINK
from notifications.kinds import KindKey
from notifications.models import MailContent
from notifications.services.posting import post

# What is older is no news to anybody. It bounds what a sweep looks at, and what a first start or
# an import of old records would send.
NEWS_FOR = timedelta(days=30)
AT_A_TIME = 500

EVENT_MAILS = {
    EventKind.RECOVERY_CODE_USED: KindKey.RECOVERY_CODE_USED,
    EventKind.DOWNLOAD_MADE: KindKey.DOWNLOAD_READY,
    EventKind.CLOSING_REQUESTED: KindKey.CLOSING_REQUESTED,
    EventKind.CLOSING_CANCELLED: KindKey.CLOSING_CANCELLED,
    EventKind.ACCOUNT_SUSPENDED: KindKey.ACCOUNT_SUSPENDED,
    EventKind.ACCOUNT_RESTORED: KindKey.ACCOUNT_RESTORED,
    EventKind.DISCLOSURE_TOLD: KindKey.DISCLOSURE_TOLD,
}
# By staff alone: of what customers do themselves, the pages of signing in tell them.
STAFF_EVENT_MAILS = {EventKind.FACTOR_REMOVED: KindKey.FACTOR_REMOVED}
# A change of address has its own mails, to the old address and the new one.
OWN_MAILS = ("email",)
BY_CUSTOMER = (Channel.PANEL,)
BY_STAFF = (Channel.PHONE, Channel.MAIL, Channel.LETTER, Channel.VISIT, Channel.IMPORT)


def tell_of_events() -> int:
    """Write a mail for each event and each change that was not told yet; return how many."""
    since = timezone.now() - NEWS_FOR
    told = sum(map(_told_of_event, _events(since))) + sum(map(_told_of_changes, _changes(since)))
    return told + sum(map(_told_of_decision, _decisions(since)))


def _events(since: datetime) -> list[AccountEvent]:
    by_staff = Q(kind__in=STAFF_EVENT_MAILS, actor_kind=ActorKind.STAFF)
    rows = AccountEvent.objects.filter(Q(kind__in=EVENT_MAILS) | by_staff, recorded_at__gte=since)
    return list(_untold(rows, "event", "pk").order_by("pk")[:AT_A_TIME])


def _decisions(since: datetime) -> list[Mandate]:
    """What staff wrote down that customers decided."""
    rows = Mandate.objects.filter(matter=Mandate.Matter.DECISION, recorded_at__gte=since)
    return list(_untold(rows, "request", "pk").order_by("pk")[:AT_A_TIME])


def _changes(since: datetime) -> Iterator[list[ProfileChange]]:
    """Yield what was saved together, as one list."""
    rows = ProfileChange.objects.filter(
        recorded_at__gte=since, channel__in=(*BY_CUSTOMER, *BY_STAFF)
    ).exclude(field__in=OWN_MAILS)
    together = _untold(rows, "change", "customer_id", "revision").order_by("customer", "revision")
    for customer, revision in together.values_list("customer", "revision").distinct()[:AT_A_TIME]:
        saved = rows.filter(customer=customer, revision=revision).select_related("customer")
        yield list(saved.order_by("sequence"))


def _untold(rows: Any, word: str, *columns: str) -> Any:
    """Keep the rows whose occasion, a word and some numbers, no mail was written about."""
    parts: list[Any] = [Value(word)]
    for column in columns:
        parts += [Value(":"), Cast(column, CharField())]
    named = rows.select_related("customer").annotate(occasion=Concat(*parts))
    return named.filter(~Exists(MailContent.objects.filter(occasion=OuterRef("occasion"))))


def _told_of_event(event: AccountEvent) -> bool:
    facts = {
        "at": event.recorded_at,
        "subject_key": event.subject,
        "by_staff": event.actor_kind == ActorKind.STAFF,
        "has_sign_in": event.customer.user_id is not None,
        "days": TIME_TO_THINK.days,
    }
    kind = {**EVENT_MAILS, **STAFF_EVENT_MAILS}[EventKind(event.kind)]
    return _told(kind, event.customer, f"event:{event.pk}", facts)


def _told_of_decision(mandate: Mandate) -> bool:
    facts = {
        "at": mandate.recorded_at,
        "asked_on": mandate.asked_on,
        "decided": what_was_done(mandate),
        "has_sign_in": mandate.customer.user_id is not None,
    }
    return _told(KindKey.DECIDED_FOR_YOU, mandate.customer, f"request:{mandate.pk}", facts)


def _told_of_changes(changes: list[ProfileChange]) -> bool:
    first = changes[0]
    by_staff = first.actor_kind == ActorKind.STAFF or first.channel in BY_STAFF
    kind = KindKey.CHANGED_FOR_YOU if by_staff else KindKey.DETAILS_CHANGED
    facts = {"at": first.recorded_at, "changed": sorted({change.field_label for change in changes})}
    return _told(kind, first.customer, f"change:{first.customer_id}:{first.revision}", facts)


def _told(kind: KindKey, customer: Customer, occasion: str, facts: dict[str, Any]) -> bool:
    if not customer.email:
        return False
    try:
        with transaction.atomic():
            post(kind=kind, customer=customer, facts=facts, occasion=occasion)
    except IntegrityError:
        # Another worker has just written the same.
        return False
    return True
