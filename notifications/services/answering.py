"""What staff do with a case: open, assign, note, answer, and keep or discard it after a review.

Each leaves a row in the log of the case, and can be done twice without anything happening twice.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import StaffAccess, User
from accounts.services.confiding import acting_as, open_record
from bizsecure.core.errors import Refused
from notifications.attachments import opened_content
from notifications.models import Case, CaseAttachment, CaseEvent, CaseMessage
from notifications.reasons import Reason
from notifications.services.casework import note_event
from notifications.services.writing_back import send_answer
from notifications.threads import message_digest

RIGHT = "notifications.answer_case"
Kind = CaseEvent.Kind
State = Case.State


@transaction.atomic
def read_case(*, case: Case, actor: Actor) -> Case:
    """Open a case: whoever opens it first has read it (MAIL-1)."""
    held = _held(case, actor)
    if held.state == State.RECEIVED:
        _set_read(held, actor, timezone.now())
    return held


@transaction.atomic
def assign_case(*, case: Case, assignee: User | None, actor: Actor) -> Case:
    """Say who looks after a case, or that nobody does."""
    held = _held(case, actor)
    if assignee is not None and not assignee.has_perm(RIGHT):
        raise Refused(Reason.CANNOT_ANSWER)
    if held.assigned_to_id == (assignee.pk if assignee else None):
        return held
    held.assigned_to = assignee
    held.save(update_fields=["assigned_to"])
    now = timezone.now()
    key = assignee.pk if assignee else None
    note_event(case=held, kind=Kind.ASSIGNED, actor=actor, now=now, assignee=key)
    return held


@transaction.atomic
def note(*, case: Case, text: str, actor: Actor, form_id: str | None = None) -> CaseMessage:
    """Add a note that the sender never sees."""
    held = _held(case, actor)
    if before := _of_form(held, form_id):
        return before
    now = timezone.now()
    note_event(case=held, kind=Kind.NOTED, actor=actor, now=now)
    return CaseMessage.objects.create(
        case=held,
        direction=CaseMessage.Direction.NOTE,
        text=text,
        author_id=actor.user_id,
        written_at=now,
        form_id=form_id,
    )


@transaction.atomic
def answer_case(*, case: Case, text: str, actor: Actor, form_id: str | None = None) -> CaseMessage:
    """Answer the sender by mail, in the thread that began with their message.

    Refused with NO_ADDRESS where nobody can be written to.
    """
    held = _held(case, actor)
    if before := _of_form(held, form_id):
        return before
    now = timezone.now()
    mail = send_answer(case=held, text=text, now=now)
    if mail is None:
        raise Refused(Reason.NO_ADDRESS)
    if held.read_at is None:
        _set_read(held, actor, now)
    held.state, held.waiting_since, held.reviewed_at = State.ANSWERED, None, None
    held.answered_at = held.answered_at or now
    held.save(update_fields=["state", "waiting_since", "reviewed_at", "answered_at"])
    note_event(case=held, kind=Kind.ANSWERED, actor=actor, now=now)
    return CaseMessage.objects.create(
        case=held,
        direction=CaseMessage.Direction.OUT,
        text=text,
        author_id=actor.user_id,
        written_at=now,
        message_id=mail.message_id,
        message_digest=message_digest(mail.message_id),
        form_id=form_id,
        mail=mail,
    )


def keep_case(*, case: Case, actor: Actor) -> Case:
    """Keep a case after its review, to improve the site by it (MAIL-2). Refused with UNREAD."""
    return _review(case, State.KEPT, Kind.KEPT, actor)


def discard_case(*, case: Case, actor: Actor) -> Case:
    """Discard a case after its review; its content goes after some days. Refused with UNREAD."""
    return _review(case, State.DISCARDED, Kind.DISCARDED, actor)


@transaction.atomic
def fetch_attachment(*, attachment: CaseAttachment, actor: Actor) -> bytes:
    """Return the content of a file, and write down that it was fetched."""
    case = _held(attachment.message.case, actor)
    if attachment.content is None:
        raise Refused(Reason.NOT_KEPT)
    note_event(case=case, kind=Kind.FETCHED, actor=actor, now=timezone.now())
    return opened_content(attachment)


@transaction.atomic
def _review(case: Case, state: Case.State, kind: CaseEvent.Kind, actor: Actor) -> Case:
    held = _held(case, actor)
    if held.state == State.RECEIVED:
        raise Refused(Reason.UNREAD)
    if held.state != state:
        now = timezone.now()
        held.state, held.waiting_since, held.reviewed_at = state, None, now
        held.save(update_fields=["state", "waiting_since", "reviewed_at"])
        note_event(case=held, kind=kind, actor=actor, now=now)
    return held


def _held(case: Case, actor: Actor) -> Case:
    """Return the case, held until the transaction ends, to staff who may work on it.

    Where it belongs to a customer, this is a look at the customer's record with the case as its
    reason, and the customer sees it (SEC-2). Refused with the reasons of that rule.
    """
    now = timezone.now()
    acting_as(right=RIGHT, actor=actor, now=now)
    held = Case.objects.select_for_update(of=("self",)).select_related("customer").get(pk=case.pk)
    if held.customer is not None:
        open_record(
            customer=held.customer,
            reason=StaffAccess.Reason.QUESTION,
            words="",
            case_number=held.number,
            actor=actor,
        )
    return held


def _set_read(held: Case, actor: Actor, now: datetime) -> None:
    held.state = State.READ
    if held.read_at is None:
        held.read_at, held.read_by_id = now, actor.user_id
    held.save(update_fields=["state", "read_at", "read_by"])
    note_event(case=held, kind=Kind.READ, actor=actor, now=now)


def _of_form(case: Case, form_id: str | None) -> CaseMessage | None:
    """Return what the same form wrote before."""
    return case.messages.filter(form_id=form_id).first() if form_id else None
