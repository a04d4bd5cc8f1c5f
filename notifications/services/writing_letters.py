"""Letters to those whom no mail tells: printing them, and recording that they were posted.

Both for changes of policy (CHANGE-2) and for announcements of which each must be told (THIRD-5).
"""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils import timezone

from accounts.actors import Actor
from accounts.services.claiming import issue_codes_for_letters
from accounts.services.confiding import acting_as
from accounts.services.exchanging import look_for_letters
from bizsecure.core.errors import Refused
from consent.calendar import policy_day
from consent.models import PolicyVersion
from consent.services.telling import record_told_by_letter
from notifications.letter_list import letters_due
from notifications.models import Announcement, LetterRun, PrintedLetter
from notifications.printing import letters_as_pdf
from notifications.reasons import Reason
from notifications.services.proving import record_letters

RIGHT = "notifications.write_letters"
LONGEST_WORDS = 200
# Of a run; whoever is beyond is in the next one.
MOST_LETTERS = 500


@transaction.atomic
def write_letters(*, about: Announcement | PolicyVersion, actor: Actor) -> bytes:
    """Return a letter for each customer whom no mail tells of this, a page each.

    They hold names and addresses: each is a look that its customer sees, written down before.
    Whoever has no sign-in finds the code for one; earlier codes stop working, so the letters of an
    earlier run are of no use any more. At most MOST_LETTERS at a time. Refused with NO_RIGHT and
    TERMS_FIRST.
    """
    now = timezone.now()
    staff, _role = acting_as(right=RIGHT, actor=actor, now=now)
    due = list(letters_due(about).prefetch_related("addresses")[:MOST_LETTERS])
    keys = [customer.pk for customer in due]
    look_for_letters(customers=keys, words=_about(about), right=RIGHT, actor=actor)
    codes = issue_codes_for_letters(customers=keys, right=RIGHT, actor=actor)
    if due:
        subject = (
            {"announcement": about}
            if isinstance(about, Announcement)
            else {
                "version": about,
                "round": about.round,
            }
        )
        run = LetterRun.objects.create(made_at=now, made_by=staff, **subject)
        PrintedLetter.objects.bulk_create(PrintedLetter(run=run, customer_id=key) for key in keys)
    return letters_as_pdf(about, due, codes)


@transaction.atomic
def record_posted(*, run: LetterRun, posted_on: date, actor: Actor) -> int:
    """Record that the letters of a run were posted on a day; return how many customers that tells.

    Said twice, it was once. The day is one on which they were there: not before they were printed,
    and not in the future. Refused with NO_RIGHT, TERMS_FIRST, WRONG_DAY, and REPRINTED where a
    later run made the codes in these letters useless.
    """
    now = timezone.now()
    staff, _role = acting_as(right=RIGHT, actor=actor, now=now)
    held: LetterRun = LetterRun.objects.select_for_update(of=("self",)).get(pk=run.pk)
    if held.posted_on is not None:
        return 0
    if not policy_day(held.made_at) <= posted_on <= policy_day(now):
        raise Refused(Reason.WRONG_DAY)
    if LetterRun.objects.about(held.about).filter(pk__gt=held.pk).exists():
        raise Refused(Reason.REPRINTED)
    held.posted_on, held.posted_by, held.recorded_at = posted_on, staff, now
    held.save(update_fields=["posted_on", "posted_by", "recorded_at"])
    return _told(held, posted_on, actor)


def _told(run: LetterRun, posted_on: date, actor: Actor) -> int:
    keys = list(run.letters.order_by("customer").values_list("customer", flat=True))
    about = run.about
    if isinstance(about, Announcement):
        return record_letters(announcement=about, customers=keys, posted_on=posted_on, actor=actor)
    return record_told_by_letter(
        version=about,
        in_round=run.round or 0,
        customers=keys,
        posted_on=posted_on,
        actor=actor,
    )


def _about(about: Announcement | PolicyVersion) -> str:
    subject = about.subject if isinstance(about, Announcement) else str(about)
    return f"A letter to you: {subject}"[:LONGEST_WORDS]
