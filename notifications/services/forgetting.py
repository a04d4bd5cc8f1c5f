"""Taking old mails out of the outbox, a few at a time. Proofs of being told stay for ever.

Only what no later pass asks for is taken: a pass would write again to whoever is untold and has
no mail. So a mail about a change stays until its customer is told of it, or it was dropped.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from time import monotonic

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from bizsecure.core.counting import fill, merge
from consent.models import Notice
from notifications import telling_tallies
from notifications.kinds import KindKey
from notifications.models import (
    Addressee,
    MailBatch,
    MailBounce,
    MailContent,
    MailReading,
    MailTally,
    OutgoingMail,
    OutgoingMailQuerySet,
    Telling,
    TellingTally,
)
from notifications.tallying import KEY, TALLY, everything

AT_ONCE = 2000


def forget_old_mails(*, seconds: float) -> int:
    """Delete mails that are over and older than MAILS_KEPT_DAYS; return how many.

    For about `seconds` at most; the rest is left to the next run. Each transaction is small, so
    nobody waits for it, and a run that is killed has done what it has done.
    """
    before = timezone.now() - timedelta(days=settings.MAILS_KEPT_DAYS)
    deadline, forgotten, after = monotonic() + seconds, 0, 0
    while monotonic() < deadline:
        keys = list(_over(before).filter(pk__gt=after).values_list("pk", flat=True)[:AT_ONCE])
        if not keys:
            break
        after = keys[-1]
        forgotten += _forget(keys)
    return forgotten


def merge_mail_tallies() -> int:
    """Make one row of the many that count the same; return how many there were too many."""
    tellings = merge(telling_tallies.TALLY, telling_tallies.KEY, connection)
    return tellings + merge(TALLY, KEY, connection)


@transaction.atomic
def recount_mails() -> None:
    """Count mails, addressees and tellings anew. Nothing is sent for as long as that takes."""
    if connection.vendor == "postgresql":
        models = (OutgoingMail, MailTally, Telling, Addressee, TellingTally)
        tables = ", ".join(model._meta.db_table for model in models)
        with connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {tables} IN SHARE ROW EXCLUSIVE MODE")
    MailTally.objects.all().delete()
    fill(everything, connection)
    TellingTally.objects.all().delete()
    fill(telling_tallies.everything, connection)


def _over(before: datetime) -> OutgoingMailQuerySet:
    """Mails that came to an end long ago and that nobody will ask for, the oldest first."""
    told = Notice.objects.standing().filter(
        customer=OuterRef("customer"),
        version=OuterRef("campaign__version"),
        round=OuterRef("campaign__round"),
    )
    of_no_change = Q(campaign__version__isnull=True)
    a_correction = ~Q(campaign__kind=KindKey.POLICY_NOTICE)
    needless = of_no_change | a_correction | Q(state=OutgoingMail.State.DROPPED) | Exists(told)
    mails: OutgoingMailQuerySet = OutgoingMail.objects.filter(needless, queued_at__lt=before)
    return mails.exclude(state__in=OutgoingMail.LIVE).order_by("pk")


@transaction.atomic
def _forget(keys: list[int]) -> int:
    for kept_beside in (MailContent, MailBounce, MailReading):
        kept_beside.objects.filter(mail__in=keys).delete()
    forgotten, _of_what = OutgoingMail.objects.filter(pk__in=keys).delete()
    mails = OutgoingMail.objects.filter(pk__gte=OuterRef("first_id"), pk__lte=OuterRef("last_id"))
    done = MailBatch.objects.filter(due_at__isnull=True, first_id__lte=keys[-1])
    done.filter(last_id__gte=keys[0]).filter(~Exists(mails)).delete()
    return forgotten
