"""Handing the outbox over to the mail server, batch by batch.

Any number of workers may run, die or run twice. A worker holds a batch by a lease
(leasing.py); what the server said is recorded every few mails, together with the proof of being
told and with the lease renewed, in one transaction (settling.py). A worker that finds its lease
taken over stops. So a worker killed at any line loses nobody. What it had not committed stands in
the journal of its machine; without one, at most the mails since its last commit go out again,
under the same Message-ID (docs/notices.md).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from math import inf
from time import monotonic
from typing import Any

from django.conf import settings
from django.utils import timezone

from accounts.models import Customer
from consent.gate import allowing
from notifications.composing import message, return_path
from notifications.due import DueMail, Mail
from notifications.journal import Journal
from notifications.letters import letter_as_bytes
from notifications.models import Campaign, MailBatch, OutgoingMail
from notifications.services.leasing import Claim, LostLease, claim_batch, release_batch
from notifications.services.settling import Result, record_noted, record_results
from notifications.signing import signer
from notifications.transport import UNTRIED, Delivery, Envelope, Outcome, Server, Transport
from notifications.transport.address import wire_address

State = OutgoingMail.State
# A server may take ten minutes to answer the last mail of a commit; the lease outlasts that.
PART_OF_THE_LEASE = 4
UNUSABLE_ADDRESS = Delivery(Outcome.REFUSED)
# In the order of DueMail.
OF_THE_MAIL = ("pk", "campaign_id", "customer_id", "address", "attempts")
OF_THE_READER = ("customer__name", "customer__email", "customer__status")


def deliver_due(*, seconds: float, single_only: bool = False) -> Counter[str]:
    """Deliver what is due, for about `seconds` at most; return the outcomes by name.

    Ends early when the mail server cannot be reached: the mails stay and are tried again.
    `single_only` leaves the campaigns to others.
    """
    outcomes: Counter[str] = Counter()
    deadline = monotonic() + seconds
    with Transport(Server.from_url(settings.EMAIL_URL)) as transport:
        while monotonic() < deadline:
            claim = claim_batch(now=timezone.now(), single_only=single_only)
            if claim is None:
                break
            try:
                BatchDelivery(claim, transport, deadline, outcomes).run()
            except LostLease:
                continue
            if transport.is_given_up:
                break
    return outcomes


class BatchDelivery:
    """One batch on its way: mails are read, made, handed over and recorded in one flow.

    What is under way on the connections goes on while the mails before are recorded.
    """

    def __init__(
        self, claim: Claim, transport: Transport, deadline: float, outcomes: Counter[str]
    ) -> None:
        self._claim, self._transport, self._deadline = claim, transport, deadline
        self._outcomes = outcomes
        self._signer = signer()
        self._journal = Journal(claim.batch, claim.epoch)
        self._unrecorded: list[Result] = []
        self._stops_at = 0.0
        self._restart_lease_guard()

    def run(self) -> None:
        """Deliver the batch, count the outcomes, and give it back. Raises LostLease."""
        record_noted(claim=self._claim, keys=self._journal.left_behind())
        self._journal.start()
        try:
            for result in self._transport.send_many(self._envelopes()):
                self._take(result)
        finally:
            # Whatever ended it, what the server has said until then is recorded.
            self._record()
        self._journal.end()
        release_batch(claim=self._claim, rests=self._transport.is_given_up)

    def _take(self, result: Result) -> None:
        mail, delivery = result
        # What the server was never offered stays as it is: nobody tried it.
        if delivery is UNTRIED:
            return
        if delivery.outcome is Outcome.ACCEPTED:
            self._journal.note(mail.pk)
        self._unrecorded.append(result)
        if len(self._unrecorded) >= settings.NOTICE_COMMIT_EVERY:
            self._record()

    def _record(self) -> None:
        results, self._unrecorded = self._unrecorded, []
        if results:
            record_results(claim=self._claim, results=results)
            self._journal.clear()
            self._outcomes.update(delivery.outcome.value for _mail, delivery in results)
            self._restart_lease_guard()

    def _restart_lease_guard(self) -> None:
        self._stops_at = monotonic() + settings.NOTICE_LEASE_SECONDS / PART_OF_THE_LEASE

    def _may_go_on(self) -> bool:
        """Whether another message may be started: on a lease that is fresh, and in time."""
        now = monotonic()
        return now < self._stops_at and now < self._deadline and not self._transport.is_given_up

    def _envelopes(self) -> Iterator[Envelope[Mail]]:
        """Make each message while the server is busy with the ones before."""
        last = 0
        while not _must_make_way(self._claim):
            fresh_until = monotonic() + (
                settings.NOTICE_FRESH_SECONDS if self._claim.batch.campaign else inf
            )
            now, mails = timezone.now(), _next_mails(self._claim, after=last)
            if not mails:
                return
            for mail in mails:
                if not self._may_go_on():
                    return
                # The first one always goes on, however slow the database is.
                if monotonic() > fresh_until and mail is not mails[0]:
                    break
                last = mail.pk
                try:
                    content = self._signed(_content(mail, now))
                    yield Envelope(mail, return_path(mail.pk), mail.address, content, fresh_until)
                except ValueError:
                    # An address no server could take must not hold up those behind it. Anything
                    # else is our own fault, and no reason to count a customer as unreachable.
                    if _is_usable(mail.address):
                        raise
                    self._unrecorded.append((mail, UNUSABLE_ADDRESS))

    def _signed(self, content: bytes) -> bytes:
        return self._signer.signed(content) if self._signer else content


def _must_make_way(claim: Claim) -> bool:
    """Return whether a single mail, for which somebody waits, is due while this is a campaign."""
    if claim.batch.campaign_id is None:
        return False
    return bool(MailBatch.objects.single().claimable(timezone.now()).exists())


def _next_mails(claim: Claim, after: int = 0) -> Sequence[DueMail]:
    """Return the next mails to send, read at the last moment: addresses and policies may change."""
    mails = claim.batch.mails().filter(pk__gt=after)
    if claim.batch.campaign_id is None:
        due = mails.due(timezone.now()).select_related("content")
        return [
            DueMail(mail.pk, None, mail.customer_id, mail.address, mail.attempts, letter=mail)
            for mail in due
        ]
    campaign = Campaign.objects.current().filter(pk=claim.batch.campaign_id).first()
    if campaign is None:
        mails.live().update(state=State.DROPPED)
    elif campaign.paused_at is not None:
        return []
    columns = mails.due(timezone.now()).order_by("pk").values_list(*OF_THE_MAIL, *OF_THE_READER)
    while rows := list(columns[: settings.NOTICE_COMMIT_EVERY]):
        rightful = _rightful(campaign, rows)
        if len(rightful) == len(rows):
            return rightful
        outdated = {row[0] for row in rows} - {mail.pk for mail in rightful}
        mails.live().filter(pk__in=sorted(outdated)).update(state=State.DROPPED)
    return []


def _rightful(campaign: Campaign | None, rows: Sequence[Sequence[Any]]) -> list[DueMail]:
    """Leave out mails that must not go out any more; for what can be refused, ask the gate."""
    mails = [
        DueMail(*mail)
        for *mail, email, status in rows
        if mail[OF_THE_MAIL.index("address")] == email and status != Customer.Status.CLOSED
    ]
    use = campaign.definition.use if campaign else None
    if use is None:
        return mails
    allowed = allowing(use).filter(pk__in=[mail.customer_id for mail in mails])
    willing = set(allowed.values_list("pk", flat=True))
    return [mail for mail in mails if mail.customer_id in willing]


def _content(mail: DueMail, now: datetime) -> bytes:
    return letter_as_bytes(mail.letter, now) if mail.letter else message(mail, now)


def _is_usable(address: str) -> bool:
    try:
        wire_address(address)
    except ValueError:
        return False
    return True
