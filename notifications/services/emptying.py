"""Erasing what people wrote to us, when its time is over (MAIL-2)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.actors import SYSTEM
from accounts.models import Customer
from notifications.models import Case, CaseAttachment, CaseEvent, CaseLink, CaseMessage
from notifications.services.casework import note_event
from notifications.threads import LINK_LASTS

AT_A_TIME = 500
WHO = ("sender_address", "sender_name", "subject", "order_ref")


def empty_reviewed_cases() -> int:
    """Erase the content of cases that were discarded, or kept, long enough ago; return how many.

    States and times stay, as proof that each was read and answered.
    """
    now = timezone.now()
    after = {
        Case.State.DISCARDED: timedelta(days=settings.CASE_DISCARD_DAYS),
        Case.State.KEPT: timedelta(days=settings.CASE_KEEP_DAYS),
    }
    due = [
        key
        for state, days in after.items()
        for key in Case.objects.reviewed(state, now - days).values_list("pk", flat=True)[:AT_A_TIME]
    ]
    CaseLink.objects.filter(made_at__lt=now - LINK_LASTS).delete()
    return sum(_emptied(key, now) for key in due)


def erase_cases(*, customer: Customer, now: datetime) -> None:
    """Forget what this customer wrote and was answered; that there was a case stays."""
    for key in Case.objects.visible_to(customer).order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            case = Case.objects.select_for_update().get(pk=key)
            if case.state not in Case.REVIEWED:
                case.state, case.waiting_since = Case.State.DISCARDED, None
                case.reviewed_at = now
                case.save(update_fields=["state", "waiting_since", "reviewed_at"])
                note_event(case=case, kind=CaseEvent.Kind.DISCARDED, actor=SYSTEM, now=now)
            if case.emptied_at is None:
                _empty(case, now)


@transaction.atomic
def _emptied(key: int, now: datetime) -> bool:
    """Empty a case, unless its sender has just written again or somebody else was quicker."""
    case = Case.objects.select_for_update().get(pk=key)
    if case.state not in Case.REVIEWED or case.emptied_at is not None:
        return False
    _empty(case, now)
    return True


def _empty(case: Case, now: datetime) -> None:
    messages = CaseMessage.objects.filter(case=case)
    CaseAttachment.objects.filter(message__in=messages).delete()
    CaseLink.objects.filter(case=case).delete()
    messages.update(
        text=None,
        other_address=None,
        message_id=None,
        message_digest=None,
        references=None,
        form_id=None,
        mail=None,
    )
    for name in WHO:
        setattr(case, name, None)
    case.words_digest, case.emptied_at = None, now
    case.save(update_fields=[*WHO, "sender_digest", "words_digest", "emptied_at"])
    note_event(case=case, kind=CaseEvent.Kind.EMPTIED, actor=SYSTEM, now=now)
