"""What people write to us becomes a case, whichever way it comes (MAIL-1, OPT-5)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone, translation

from accounts.actors import Actor
from accounts.models import Customer
from notifications.attachments import Attachment, examined
from notifications.models import Case, CaseAttachment, CaseEvent, CaseMessage
from notifications.services.writing_back import confirm_receipt
from notifications.threads import find_thread, is_message_id, message_digest

__all__ = ["Attachment", "add_message", "find_thread", "note_event", "open_case"]

LONGEST_TEXT = 100_000
LONGEST_LINE = 200
CUT = "\n[...]"


@dataclass(frozen=True)
class Written:
    """What somebody wrote, and what its mail or form is known by."""

    text: str
    message_id: str = ""
    references: Sequence[str] = ()
    attachments: Sequence[Attachment] = ()
    form_id: str | None = None
    from_address: str = ""


def open_case(  # noqa: PLR0913  what a message is made of, by whichever way it comes
    *,
    topic: str,
    sender_address: str,
    sender_name: str,
    subject: str,
    text: str,
    actor: Actor,
    now: datetime | None = None,
    customer: Customer | None = None,
    order_ref: str = "",
    message_id: str = "",
    references: Sequence[str] = (),
    attachments: Sequence[Attachment] = (),
    form_id: str | None = None,
    is_proven: bool = False,
    confirm: bool = True,
    words: str | None = None,
) -> Case:
    """Make a case of a message, and write to its sender that we have it.

    Without a customer it belongs to the one with this address, if there is exactly one. A
    message that came before, by its form or its Message-ID, gives the case it made then.
    `confirm` is false for what no machine may answer (RFC 3834). `words` is what copies of it are
    known by (crowding).
    """
    now = now or timezone.now()
    customer = customer or _customer_with(sender_address)
    case = Case(
        topic=topic,
        customer=customer,
        is_proven=is_proven,
        sender_address=sender_address[:254] or (customer.email if customer else "") or None,
        sender_name=_line(sender_name),
        subject=_line(subject),
        order_ref=_line(order_ref, 40),
        words_digest=words,
        language=(customer.language if customer else translation.get_language()) or "en",
        received_at=now,
        waiting_since=now,
    )
    written = Written(text, message_id, references, attachments, form_id)
    try:
        return _opened(case, written, actor=actor, now=now, confirm=confirm)
    except IntegrityError:
        before = _before(written)
        if before is None:
            raise
        return before.case


def add_message(  # noqa: PLR0913  the same
    *,
    case: Case,
    text: str,
    actor: Actor,
    now: datetime | None = None,
    sender_address: str = "",
    message_id: str = "",
    references: Sequence[str] = (),
    attachments: Sequence[Attachment] = (),
    form_id: str | None = None,
) -> CaseMessage:
    """Add what the sender wrote next. The case waits for us again, and is unread again.

    Who writes from another address than the case has is shown to staff. A message that came
    before is not added again.
    """
    now = now or timezone.now()
    written = Written(text, message_id, references, attachments, form_id, sender_address)
    with transaction.atomic():
        held = Case.objects.select_for_update().get(pk=case.pk)
        if before := _before(written):
            return before
        message = _written_down(held, written, now)
        held.state, held.reviewed_at, held.emptied_at = Case.State.RECEIVED, None, None
        held.waiting_since = held.waiting_since or now
        held.save(update_fields=["state", "reviewed_at", "emptied_at", "waiting_since"])
        note_event(case=held, kind=CaseEvent.Kind.WRITTEN_AGAIN, actor=actor, now=now)
    return message


def note_event(
    *, case: Case, kind: CaseEvent.Kind, actor: Actor, now: datetime, assignee: int | None = None
) -> None:
    """Write down a step of a case."""
    CaseEvent.objects.create(
        case=case,
        kind=kind,
        actor_kind=actor.kind,
        actor_user_id=actor.user_id,
        assignee_id=assignee,
        recorded_at=now,
    )


@transaction.atomic
def _opened(case: Case, written: Written, *, actor: Actor, now: datetime, confirm: bool) -> Case:
    if before := _before(written):
        return before.case
    case.save(force_insert=True)
    message = _written_down(case, written, now)
    note_event(case=case, kind=CaseEvent.Kind.RECEIVED, actor=actor, now=now)
    if confirm:
        confirm_receipt(case=case, message=message, now=now)
    return case


def _written_down(case: Case, written: Written, now: datetime) -> CaseMessage:
    known = [each for each in written.references if is_message_id(each)]
    elsewhere = written.from_address[:254]
    if elsewhere.lower() == (case.sender_address or "").lower():
        elsewhere = ""
    digest = message_digest(written.message_id)
    message = CaseMessage.objects.create(
        case=case,
        direction=CaseMessage.Direction.IN,
        text=_bounded(written.text),
        other_address=elsewhere or None,
        written_at=now,
        message_id=written.message_id if digest else None,
        message_digest=digest,
        references=json.dumps([*known[:1], *known[1:][-7:]]) if known else None,
        form_id=written.form_id,
    )
    _keep_attachments(message, written.attachments)
    return message


def _keep_attachments(message: CaseMessage, attachments: Iterable[Attachment]) -> None:
    for kept in examined(attachments):
        CaseAttachment.objects.create(
            message=message,
            name=kept.name,
            size=kept.size,
            refusal=kept.refusal,
            key=kept.key,
            content=kept.content,
        )


def _before(written: Written) -> CaseMessage | None:
    """Return the message that the same form, or the same mail, made earlier."""
    messages = CaseMessage.objects.select_related("case")
    if written.form_id:
        return messages.filter(form_id=written.form_id).first()
    digest = message_digest(written.message_id)
    return messages.filter(message_digest=digest).first() if digest else None


def _customer_with(address: str) -> Customer | None:
    """Return the only customer who has this address; of two it is nobody's to say which."""
    if not address:
        return None
    customers = Customer.objects.served().with_address(address)[:2]
    return customers[0] if len(customers) == 1 else None


def _bounded(text: str) -> str:
    plain = text.replace("\r\n", "\n").replace("\0", "")
    return plain if len(plain) <= LONGEST_TEXT else plain[: LONGEST_TEXT - len(CUT)] + CUT


def _line(text: str, longest: int = LONGEST_LINE) -> str | None:
    """Return a text as one line that can be seen, or None for an empty one."""
    seen = "".join(each if each.isprintable() else " " for each in text)
    return " ".join(seen.split())[:longest] or None
