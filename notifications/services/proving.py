"""Recording that customers were told: each way, each time, with proof."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.actors import SYSTEM, Actor
from accounts.digests import address_digest
from accounts.models import Customer
from consent.calendar import policy_zone
from consent.deadlines import letter_arrived
from consent.services.telling import AcceptedMail, record_told_by_mail
from notifications.due import Mail
from notifications.models import Announcement, Campaign, OutgoingMail, Telling

Channel = Telling.Channel


def record_proofs(*, campaign: Campaign, mails: Sequence[Mail], now: datetime) -> None:
    """Record for each of these accepted mails that its customer was told.

    Of a change of policy (CHANGE-2), or of what staff had to announce (SEC-4, THIRD-5).
    """
    if campaign.version_id is None:
        _record_announced(campaign.announcement, mails, now)
        return
    record_told_by_mail(
        version=campaign.change,
        in_round=campaign.round or 0,
        mails=[
            AcceptedMail(mail.customer_id or 0, mail.address, mail.message_id, now)
            for mail in mails
        ],
    )


@transaction.atomic
def _record_announced(announcement: Announcement, mails: Sequence[Mail], now: datetime) -> None:
    """Record the proof for each mail, once however often it is reported."""
    by_customer = {mail.customer_id or 0: mail for mail in mails}
    list(Customer.objects.locked(by_customer).values_list("pk"))
    # A proof that was taken back stays so, whatever is reported of the same mail later.
    proven = Telling.objects.filter(
        announcement=announcement,
        retracts__isnull=True,
        channel=Channel.MAIL,
        customer__in=list(by_customer),
    )
    for customer_id, message_id in proven.values_list("customer_id", "message_id"):
        if by_customer[customer_id].message_id == message_id:
            del by_customer[customer_id]
    Telling.append(
        *(
            _telling(
                announcement,
                customer_id,
                SYSTEM,
                now,
                channel=Channel.MAIL,
                address_digest=address_digest(mail.address),
                message_id=mail.message_id,
            )
            for customer_id, mail in by_customer.items()
        )
    )


@transaction.atomic
def record_read_here(*, announcement: Announcement, customer: Customer, actor: Actor) -> None:
    """Record that the customer, signed in, had the message in front of them and pressed a button.

    Once; opening the page alone proves nothing and changes nothing.
    """
    now = timezone.now()
    Customer.objects.locked([customer.pk]).get()
    shown = Telling.objects.filter(
        announcement=announcement, customer=customer, channel=Channel.SHOWN
    )
    if not shown.exists():
        Telling.append(_telling(announcement, customer.pk, actor, now, channel=Channel.SHOWN))


@transaction.atomic
def record_letters(
    *, announcement: Announcement, customers: Sequence[int], posted_on: date, actor: Actor
) -> int:
    """Record that letters to these customers were posted; return to how many for the first time.

    They count as received when such a letter has arrived nearly everywhere, as letters about a
    change of policy do.
    """
    now = timezone.now()
    told_at = letter_arrived(posted_on, policy_zone())
    keys = list(Customer.objects.locked(customers).values_list("pk", flat=True))
    written = Telling.objects.filter(
        announcement=announcement, channel=Channel.LETTER, customer__in=keys
    )
    fresh = sorted(set(keys) - set(written.values_list("customer_id", flat=True)))
    Telling.append(
        *(
            _telling(announcement, key, actor, now, channel=Channel.LETTER, told_at=told_at)
            for key in fresh
        )
    )
    return len(fresh)


@transaction.atomic
def retract_telling(*, mail: OutgoingMail) -> bool:
    """Take back the proof of a mail that bounced; return whether there was one to take back.

    The addressee is untold again, unless another proof stands. Bouncing twice changes nothing.
    """
    now = timezone.now()
    Customer.objects.locked([mail.customer_id or 0]).get()
    proofs = Telling.objects.standing().filter(customer=mail.reader, channel=Channel.MAIL)
    proof = proofs.filter(message_id=mail.message_id).select_related("announcement").first()
    if proof is None:
        return False
    retraction = _telling(
        proof.announcement,
        proof.customer_id,
        SYSTEM,
        now,
        channel=Channel.MAIL,
        message_id=proof.message_id,
        retracts=proof,
    )
    Telling.append(retraction)
    return True


def _telling(
    announcement: Announcement, customer_id: int, actor: Actor, now: datetime, **facts: Any
) -> Telling:
    return Telling(
        announcement=announcement,
        customer_id=customer_id,
        recorded_at=now,
        actor_kind=actor.kind,
        actor_user_id=actor.user_id,
        **{"told_at": now, **facts},
    )
