"""Recording that customers were told of a change, and taking it back when they were not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import transaction
from django.utils import timezone

from accounts.actors import SYSTEM, Actor
from accounts.digests import address_digest
from accounts.models import Customer
from consent.calendar import policy_zone
from consent.deadlines import letter_arrived
from consent.models import Notice, PolicyVersion

Channel = Notice.Channel


class AcceptedMail(NamedTuple):
    """That the mail server of a customer took the mail that tells of a change."""

    customer_id: int
    address: str
    message_id: str
    at: datetime


@transaction.atomic
def record_told_by_mail(
    *, version: PolicyVersion, in_round: int, mails: Sequence[AcceptedMail]
) -> None:
    """Record the proof for each accepted mail of a round, once however often it is reported."""
    now = timezone.now()
    posted_at = version.published_at or now
    fresh = {(mail.customer_id, mail.message_id): mail for mail in mails}
    customers = {mail.customer_id for mail in mails}
    list(Customer.objects.locked(customers).values_list("pk"))
    # By customer, which is how the database finds proofs without reading all of them.
    proofs = Notice.objects.filter(
        customer__among=customers, version=version, retracts__isnull=True
    )
    for key in proofs.values_list("customer_id", "message_id"):
        fresh.pop(key, None)
    Notice.append_many(
        [_told_by(mail, posted_at, now) for mail in fresh.values()],
        {
            "version_id": version.pk,
            "round": in_round,
            "channel": Channel.MAIL,
            "retracts_id": None,
            "actor_kind": SYSTEM.kind,
            "actor_user_id": SYSTEM.user_id,
        },
    )


def _told_by(mail: AcceptedMail, posted_at: datetime, now: datetime) -> dict[str, Any]:
    # The clocks of two machines differ: no proof is older than the change it is of, and none is
    # younger than its recording.
    told_at = max(mail.at, posted_at)
    return {
        "customer_id": mail.customer_id,
        "told_at": told_at,
        "recorded_at": max(now, told_at),
        "address_digest": address_digest(mail.address),
        "message_id": mail.message_id,
    }


@transaction.atomic
def record_shown(*, version: PolicyVersion, customer: Customer, actor: Actor) -> None:
    """Record that the customer, signed in, had the notice in front of them and pressed a button.

    Once a round. The page alone proves nothing: opening it changes nothing.
    """
    now = timezone.now()
    Customer.objects.locked([customer.pk]).get()
    shown = Notice.objects.proving(version).filter(customer=customer, channel=Channel.SHOWN)
    if not shown.exists():
        Notice.append(_notice(version, customer.pk, actor, now, channel=Channel.SHOWN))


@transaction.atomic
def record_told_by_letter(
    *,
    version: PolicyVersion,
    in_round: int,
    customers: Sequence[int],
    posted_on: date,
    actor: Actor,
) -> int:
    """Record that letters about a round of a change were posted; return how many were news.

    Once for a customer and a round. They count as received, and the thirty days begin, when
    such a letter has arrived nearly everywhere (deadlines.letter_arrived).
    """
    now = timezone.now()
    told_at = letter_arrived(posted_on, policy_zone())
    keys = list(Customer.objects.locked(customers).values_list("pk", flat=True))
    proofs = Notice.objects.standing().filter(version=version, round=in_round)
    written = proofs.filter(channel=Channel.LETTER, customer__in=keys)
    fresh = sorted(set(keys) - set(written.values_list("customer_id", flat=True)))
    facts = {"round": in_round, "channel": Channel.LETTER, "told_at": told_at}
    Notice.append(*(_notice(version, key, actor, now, **facts) for key in fresh))
    return len(fresh)


@transaction.atomic
def retract_proof(*, message_id: str) -> bool:
    """Take back the proof of a mail that bounced; return whether there was one to take back.

    The customer is untold again, unless another proof stands. Bouncing twice changes nothing.
    """
    now = timezone.now()
    proof = Notice.objects.standing().filter(message_id=message_id).exclude(message_id="").first()
    if proof is None:
        return False
    Customer.objects.locked([proof.customer_id]).get()
    if Notice.objects.filter(retracts=proof).exists():
        return False
    retraction = _notice(
        proof.version,
        proof.customer_id,
        SYSTEM,
        now,
        round=proof.round,
        channel=proof.channel,
        message_id=message_id,
        retracts=proof,
    )
    Notice.append(retraction)
    return True


def record_told_at_sign_up(
    *, versions: Sequence[PolicyVersion], customer: Customer, actor: Actor, now: datetime
) -> None:
    """Record that the sign-up page showed these coming changes to somebody who then joined."""
    Notice.append(
        *(
            _notice(version, customer.pk, actor, now, channel=Channel.SIGN_UP)
            for version in versions
        )
    )


def _notice(
    version: PolicyVersion, customer_id: int, actor: Actor, now: datetime, **facts: Any
) -> Notice:
    usual = {"round": version.round, "told_at": now, "recorded_at": now}
    return Notice(
        customer_id=customer_id,
        version_id=version.pk,
        actor_kind=actor.kind,
        actor_user_id=actor.user_id,
        **{**usual, **facts},
    )
