"""Recording what the mail server said, together with the proofs that customers were told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from notifications.due import Mail
from notifications.models import MailContent, OutgoingMail
from notifications.models.outbox import LONGEST_WAIT
from notifications.services.leasing import Claim, renew_lease
from notifications.services.pacing import learn
from notifications.services.proving import record_proofs
from notifications.transport import Delivery, Outcome

State = OutgoingMail.State
# How long a mail that a server does not take for now is tried (RFC 5321, 4.5.4.1).
GIVE_UP_AFTER = timedelta(hours=72)

Result = tuple[Mail, Delivery]


@transaction.atomic
def record_results(
    *, claim: Claim, results: Sequence[Result], seconds: float | None = None
) -> None:
    """Record what became of these mails, with the proofs and the renewed lease (CHANGE-2).

    All of it or nothing; raises LostLease if the batch is not ours any more. `seconds` is how
    long the answers took to come, for the speed of what follows.
    """
    now = timezone.now()
    renew_lease(claim=claim, now=now)
    accepted = [mail for mail, delivery in results if delivery.outcome == Outcome.ACCEPTED]
    rows = OutgoingMail.objects.filter(pk__among=[mail.pk for mail in accepted])
    rows.update(state=State.ACCEPTED, accepted_at=now, attempts=F("attempts") + 1)
    campaign = claim.batch.campaign
    if accepted and campaign and campaign.definition.proves_told:
        record_proofs(campaign=campaign, mails=accepted, now=now)
    others = [result for result in results if result[1].outcome != Outcome.ACCEPTED]
    failed = [_failed(mail, delivery, now) for mail, delivery in others]
    OutgoingMail.objects.bulk_update(failed, ["state", "due_at", "reply_code", "attempts"])
    if campaign and seconds is not None:
        learn(results=results, seconds=seconds, now=now)
    if campaign is None:
        settled = [mail.pk for mail in accepted] + [row.pk for row in failed if not row.is_live]
        MailContent.objects.filter(mail__in=settled).update(secrets=None)


def record_noted(*, claim: Claim, keys: Sequence[int]) -> None:
    """Record what a former owner of the batch noted as accepted, and was killed before recording.

    Also of mails that were called back since: they were sent. Raises LostLease.
    """
    unrecorded = Q(state__in=[*OutgoingMail.LIVE, State.DROPPED])
    for at in range(0, len(keys), settings.NOTICE_COMMIT_EVERY):
        noted = claim.batch.mails().filter(
            unrecorded, pk__in=keys[at : at + settings.NOTICE_COMMIT_EVERY]
        )
        results = [(mail, Delivery(Outcome.ACCEPTED)) for mail in noted]
        record_results(claim=claim, results=results)


def _failed(mail: Mail, delivery: Delivery, now: datetime) -> OutgoingMail:
    """The row of a mail after a try that was no success."""
    row = OutgoingMail(
        pk=mail.pk,
        state=State.DEFERRED,
        due_at=now + _wait(mail.attempts),
        reply_code=delivery.code,
        attempts=mail.attempts + 1,
    )
    if delivery.outcome == Outcome.REFUSED:
        row.state, row.due_at = State.REFUSED, now
    elif _tried_for(mail.attempts) >= GIVE_UP_AFTER:
        row.state, row.due_at = State.FAILED, now
    return row


def _wait(attempts: int) -> timedelta:
    seconds: int = settings.NOTICE_RETRY_SECONDS * 2 ** min(attempts, 10)
    return min(timedelta(seconds=seconds), LONGEST_WAIT)


def _tried_for(attempts: int) -> timedelta:
    """How long a mail has been tried. Time in which the server or we were away is no trying."""
    return sum(map(_wait, range(attempts)), timedelta())
