"""What staff leave behind when they look at a record: for the account log and the holdings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.account_log import Before, LogEntry, LogKind, LogSource, register
from accounts.actors import ActorKind
from accounts.holdings import Holding, Row, declare, leave_out
from accounts.models import Customer, FactorRemoval, Mandate, StaffAccess
from accounts.services import erasing

ROWS_AT_ONCE = 2000
LOOKED = {
    StaffAccess.Way.OPENED.value: _("Our staff (%(role)s) opened your record %(reason)s."),
    StaffAccess.Way.EXPORTED.value: _("Our staff (%(role)s) exported your record %(reason)s."),
    StaffAccess.Way.COMPARED.value: _(
        "Our staff (%(role)s) compared your record with a file %(reason)s."
    ),
}


def _looks(customer: Customer) -> Iterator[Row]:
    rows = StaffAccess.objects.visible_to(customer).order_by("sequence")
    for row in rows.iterator(chunk_size=ROWS_AT_ONCE):
        yield {
            "recorded_at": row.recorded_at,
            "what": row.get_way_display(),
            "role": row.get_role_display(),
            "reason": row.get_reason_display(),
            "in_words": row.words,
            "case_number": row.case_number,
            "sequence": row.sequence,
            "row_hash": row.row_hash,
        }


def _look_rows(customer: Customer, wanted: Before) -> QuerySet[StaffAccess]:
    return StaffAccess.objects.visible_to(customer)


def _entries(customer: Customer, rows: Sequence[Any]) -> Iterator[LogEntry]:
    for row in rows:
        yield LogEntry(
            kind=LogKind.STAFF,
            at=row.recorded_at,
            row=row.pk,
            text=look_sentence(row),
            actor_kind=ActorKind.STAFF,
            actor_user_id=row.actor_user_id,
        )


def _requests(customer: Customer) -> Iterator[Row]:
    rows = Mandate.objects.filter(customer=customer).select_related("letter").order_by("sequence")
    for row in rows.iterator(chunk_size=ROWS_AT_ONCE):
        yield {
            "recorded_at": row.recorded_at,
            "asked_on": row.asked_on,
            "way": row.get_channel_display(),
            "matter": row.get_matter_display(),
            "reference": row.reference,
            "letter_sent_at": row.letter.sent_at if hasattr(row, "letter") else None,
            "sequence": row.sequence,
            "row_hash": row.row_hash,
        }


def _removals(customer: Customer) -> Iterator[Row]:
    for row in FactorRemoval.objects.filter(customer=customer).order_by("pk").iterator():
        yield {
            "asked_for": row.asked_at,
            "decided_at": row.decided_at,
            "agreed": row.is_agreed,
        }


def _asked_rows(customer: Customer, wanted: Before) -> QuerySet[Mandate]:
    return Mandate.objects.filter(customer=customer)


def _asked(customer: Customer, rows: Sequence[Any]) -> Iterator[LogEntry]:
    for row in rows:
        yield LogEntry(
            kind=LogKind.ACCOUNT,
            at=row.recorded_at,
            row=row.pk,
            text=request_sentence(row),
            actor_kind=ActorKind.STAFF,
            actor_user_id=row.actor_user_id,
        )


def request_sentence(mandate: Mandate) -> str:
    """Return what a customer asked for, and how, as the customer reads it."""
    return gettext("Our staff wrote down your request of %(day)s (%(reference)s): %(matter)s.") % {
        "day": date_format(mandate.asked_on),
        "reference": mandate.reference,
        "matter": mandate.get_matter_display(),
    }


def look_sentence(look: StaffAccess) -> str:
    """Return who looked, in which role and why, as the customer reads it."""
    facts = {"role": look.get_role_display(), "reason": look.get_reason_display()}
    text = LOOKED[look.way] % facts
    if look.words:
        text += gettext(" In their words: “%s”") % look.words
    if look.case_number:
        text += gettext(" Case %s.") % look.case_number
    return text


register(LogSource("staff-looks", frozenset({LogKind.STAFF}), _look_rows, _entries))
register(LogSource("requests", frozenset({LogKind.ACCOUNT}), _asked_rows, _asked))
declare(
    Holding(
        key="staff-looks",
        title=_("Looks of our staff"),
        models=("accounts.StaffAccess",),
        rows=_looks,
        erase=erasing.keep,
        keeps=_(
            "Which role of our staff looked at your record, when and why, so that it can be "
            "checked that nobody looked without a reason."
        ),
    )
)
declare(
    Holding(
        key="requests",
        title=_("What you asked our staff to do"),
        models=("accounts.Mandate", "accounts.MandateLetter"),
        rows=_requests,
        erase=erasing.keep,
        keeps=_("On which day you asked for what, so that what our staff did can be checked."),
    )
)
declare(
    Holding(
        key="factor-removals",
        title=_("Removals of your second factor by our staff"),
        models=("accounts.FactorRemoval",),
        rows=_removals,
        erase=erasing.keep,
        keeps=_("That two of our staff decided about it, and when, without your name."),
    )
)
leave_out(
    "accounts.ConfidentialityAcceptance", because="It names members of staff and nobody else."
)
