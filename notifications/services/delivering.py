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
from time import monotonic, sleep
from typing import Any

from django.conf import settings
from django.utils import timezone

from accounts.models import Customer
from consent.gate import allowing
from notifications.composing import message, return_path
from notifications.due import DueMail, Mail
from notifications.interrupting import Interruption
from notifications.journal import Journal
from notifications.letters import letter_as_bytes
from notifications.models import Campaign, MailBatch, OutgoingMail
from notifications.services.leasing import Claim, LostLease, claim_batch, put_off, release_batch
from notifications.services.pacing import allowed, rest
from notifications.services.places import Place, keep_place, taken_place
from notifications.services.settling import Result, record_noted, record_results
from notifications.signing import signer
from notifications.transport import (
    UNTRIED,
    AnyTransport,
    Delivery,
    Envelope,
    Outcome,
    Prepared,
    narrowed,
    transport_over,
    way_of,
)
from notifications.transport.address import wire_address

State = OutgoingMail.State
# A server may take ten minutes to answer the last mail of a commit; the lease outlasts that.
PART_OF_THE_LEASE = 4
# A worker that has to wait longer than so many seconds for its turn ends; the sweep starts another.
LONGEST_PAUSE = 10
UNUSABLE_ADDRESS = Delivery(Outcome.REFUSED)
# In the order of DueMail.
OF_THE_MAIL = ("pk", "campaign_id", "customer_id", "address", "attempts")
OF_THE_READER = ("customer__name", "language", "customer__email", "customer__status")


def deliver_due(*, seconds: float, single_only: bool = False) -> Counter[str]:
    """Deliver what is due, for about `seconds` at most; return the outcomes by name.

    Ends early when the mail server cannot be reached: the mails stay and are tried again. Without
    a place at the server (places.py) nothing is done.
    `single_only` leaves the campaigns to others.
    """
    outcomes: Counter[str] = Counter()
    deadline = monotonic() + seconds
    paced_until: datetime | None = None
    way = narrowed(way_of(settings.EMAIL_URL), settings.MAIL_CONNECTIONS)
    with (
        taken_place(connections=way.connections, for_single_mails=single_only) as place,
        transport_over(way) as transport,
    ):
        while place is not None and monotonic() < deadline:
            claim = claim_batch(now=timezone.now(), single_only=single_only)
            if claim is None:
                # What waits for its domain may be the only thing that is left.
                if paced_until is None or not _waited(paced_until, deadline):
                    break
                paced_until = None
                continue
            delivery = BatchDelivery(claim, place, transport, deadline, outcomes)
            try:
                with delivery.interruption:
                    delivery.run()
            except LostLease:
                continue
            paced_until = paced_until or delivery.put_off_until
            if transport.is_given_up or not _waited(delivery.server_free_at, deadline):
                break
    return outcomes


def _waited(until: datetime | None, deadline: float) -> bool:
    """Wait until the mail server may be offered more; return whether that was worth it."""
    if until is None:
        return True
    seconds = (until - timezone.now()).total_seconds()
    if seconds > min(LONGEST_PAUSE, deadline - monotonic()):
        return False
    sleep(max(0.0, seconds))
    return True


class BatchDelivery:
    """One batch on its way: mails are read, made, handed over and recorded in one flow.

    What is under way on the connections goes on while the mails before are recorded.
    """

    def __init__(
        self,
        claim: Claim,
        place: Place,
        transport: AnyTransport,
        deadline: float,
        outcomes: Counter[str],
    ) -> None:
        self._claim, self._place = claim, place
        self._transport, self._deadline = transport, deadline
        self._outcomes = outcomes
        self._signer = signer()
        self._journal = Journal(claim.batch, claim.epoch)
        self._unrecorded: list[Result] = []
        self._commit_every: int = settings.NOTICE_COMMIT_EVERY
        self._stops_at = 0.0
        self.interruption = Interruption()
        """Ctrl-C, which ends the batch after what is under way, recorded like the rest."""
        self.server_free_at: datetime | None = None
        """When the mail server may be offered more, if that is not yet (pacing)."""
        self.put_off_until: datetime | None = None
        """When the first mail may go that has to wait for its domain."""
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
        if self._transport.was_dismissed:
            rest(now=timezone.now())
        release_batch(
            claim=self._claim,
            rests=self._transport.is_given_up,
            rests_until=self.server_free_at,
        )

    def _take(self, result: Result) -> None:
        mail, delivery = result
        # What the server was never offered stays as it is: nobody tried it.
        if delivery is UNTRIED:
            return
        if delivery.outcome is Outcome.ACCEPTED:
            self._journal.note(mail.pk)
        self._unrecorded.append(result)
        if len(self._unrecorded) >= self._commit_every:
            self._record()

    def _record(self) -> None:
        results, self._unrecorded = self._unrecorded, []
        if results:
            seconds = monotonic() - self._recorded_at
            record_results(claim=self._claim, results=results, seconds=seconds)
            keep_place(place=self._place, now=timezone.now())
            self._journal.clear()
            self._outcomes.update(delivery.outcome.value for _mail, delivery in results)
            self._restart_lease_guard()

    def _restart_lease_guard(self) -> None:
        self._recorded_at = monotonic()
        self._stops_at = self._recorded_at + settings.NOTICE_LEASE_SECONDS / PART_OF_THE_LEASE

    def _may_go_on(self) -> bool:
        """Whether another message may be started: on a lease that is fresh, and in time."""
        if self.interruption.has_come or self._transport.is_given_up:
            return False
        now = monotonic()
        return now < self._stops_at and now < self._deadline

    def _envelopes(self) -> Iterator[Envelope[Mail]]:
        """Make each message while the server is busy with the ones before."""
        last = 0
        while self.server_free_at is None and not _must_make_way(self._claim):
            fresh_until = monotonic() + (
                settings.NOTICE_FRESH_SECONDS if self._claim.batch.campaign else inf
            )
            now, mails = timezone.now(), _next_mails(self._claim, after=last)
            if not mails:
                return
            permitted = self._permitted(mails, now)
            for mail in permitted:
                if not self._may_go_on():
                    return
                # The first one always goes on, however slow the database is.
                if monotonic() > fresh_until and mail is not permitted[0]:
                    break
                last = mail.pk
                yield from self._made(mail, now, fresh_until)
            else:
                last = mails[-1].pk

    def _made(self, mail: DueMail, now: datetime, fresh_until: float) -> Iterator[Envelope[Mail]]:
        try:
            content = self._signed(_content(mail, now))
            yield Envelope(mail, return_path(mail.pk), mail.address, content, fresh_until)
        except ValueError:
            # An address no server could take must not hold up those behind it. Anything
            # else is our own fault, and no reason to count a customer as unreachable.
            if _is_usable(mail.address):
                raise
            self._unrecorded.append((mail, UNUSABLE_ADDRESS))

    def _permitted(self, mails: Sequence[DueMail], now: datetime) -> Sequence[DueMail]:
        """Leave those for later that would be too fast; somebody waits for a single mail."""
        if self._claim.batch.campaign_id is None:
            return mails
        pace = allowed(mails=mails, now=now)
        if pace.later:
            put_off(claim=self._claim, until=pace.later)
            self.put_off_until = self.put_off_until or min(pace.later.values())
        self.server_free_at = pace.server_free_at
        return pace.now

    def _signed(self, content: bytes | Prepared) -> bytes | Prepared:
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


def _content(mail: DueMail, now: datetime) -> bytes | Prepared:
    return letter_as_bytes(mail.letter, now) if mail.letter else message(mail, now)


def _is_usable(address: str) -> bool:
    try:
        wire_address(address)
    except ValueError:
        return False
    return True
