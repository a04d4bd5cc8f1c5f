"""Writing a message to many, agreeing to it, and sending it: now, or when its time has come.

What can be refused asks the gate for every customer twice: here, when it is queued, and in the
moment of sending (delivering). What cannot be refused needs a second member of staff (OPT-2).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import IntegerField, Value
from django.utils import timezone
from django.utils.translation import gettext, override

from accounts.actors import Actor, ActorKind
from accounts.models import Customer, CustomerQuerySet, User
from bizsecure.core.errors import Refused
from consent.gate import allowing
from consent.services.transferring import Transfer, call_transfer_off, record_transfer
from notifications.announcement_words import compose_announcement, other_languages
from notifications.audiences import UnknownAudience, customers_of
from notifications.kinds import ANNOUNCED, KindKey
from notifications.models import Addressee, Announcement, Campaign, CampaignWords, OutgoingMail
from notifications.reasons import Reason
from notifications.services.posting import post_words
from notifications.services.queueing import queue

State = OutgoingMail.State
# How long somebody who proves another address is still written to.
KEEP_TRYING = timedelta(days=60)


@dataclass(frozen=True)
class AnnouncementDraft:
    """What staff write."""

    kind: str
    subject: str
    text: str
    audience: str
    audience_facts: Mapping[str, Any]
    buyer: str = ""
    part: str = ""
    happens_on: date | None = None
    translations: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@transaction.atomic
def write_announcement(
    *, draft: AnnouncementDraft, actor: Actor, announcement: Announcement | None = None
) -> Announcement:
    """Save a message to many. A change of its words takes an agreement back.

    Refused with NO_SUCH_KIND, NO_SUCH_AUDIENCE, NO_SUCH_LANGUAGE, HALF_TRANSLATED, NO_HOLES, and
    ALREADY_SENT.
    """
    if draft.kind not in ANNOUNCED:
        raise Refused(Reason.NO_SUCH_KIND)
    _refuse_words(draft)
    try:
        customers_of(draft.audience, draft.audience_facts)
    except UnknownAudience as unknown:
        raise Refused(Reason.NO_SUCH_AUDIENCE) from unknown
    row = _held(announcement) if announcement else Announcement()
    if row.campaign_id or row.cancelled_at:
        raise Refused(Reason.ALREADY_SENT)
    before = row.fingerprint if row.pk else ""
    for name, value in asdict(draft).items():
        setattr(row, name, value)
    if row.fingerprint != before:
        # Whoever changed the words is their author from now on, and cannot agree to them.
        row.written_by, row.written_at = User.objects.get(pk=actor.user_id or 0), timezone.now()
        row.agreed_by = row.agreed_at = row.release_at = None
        row.save()
    return row


def _refuse_words(draft: AnnouncementDraft) -> None:
    if not draft.translations.keys() <= set(other_languages()):
        raise Refused(Reason.NO_SUCH_LANGUAGE)
    written = [draft.text, draft.subject, draft.buyer, draft.part]
    for translated in draft.translations.values():
        if translated.keys() != {"subject", "text"} or not all(translated.values()):
            raise Refused(Reason.HALF_TRANSLATED)
        written += translated.values()
    if any("[[" in each for each in written):
        raise Refused(Reason.NO_HOLES)


@transaction.atomic
def agree(*, announcement: Announcement, fingerprint: str, actor: Actor) -> None:
    """Agree to what somebody else wrote: to exactly the words and the audience that were seen.

    Refused with OWN_AGREEMENT and CHANGED_MEANWHILE. Agreeing twice changes nothing.
    """
    row = _held(announcement)
    if row.fingerprint != fingerprint:
        raise Refused(Reason.CHANGED_MEANWHILE)
    if actor.kind != ActorKind.STAFF or actor.user_id == row.written_by_id:
        raise Refused(Reason.OWN_AGREEMENT)
    if row.agreed_at is None:
        row.agreed_by_id, row.agreed_at = actor.user_id, timezone.now()
        row.save(update_fields=["agreed_by", "agreed_at"])


@transaction.atomic
def plan(*, announcement: Announcement, at: datetime, actor: Actor) -> None:
    """Have it sent at a time, or with a time that has come, at the next sweep.

    Refused with NEEDS_TWO_PEOPLE, ALREADY_SENT, CANCELLED, and NOBODY.
    """
    row = _held(announcement)
    _refuse_if_over(row)
    if row.needs_agreement and row.agreed_at is None:
        raise Refused(Reason.NEEDS_TWO_PEOPLE)
    if not recipients(row).exists():
        raise Refused(Reason.NOBODY)
    row.release_at = at
    row.save(update_fields=["release_at"])


@transaction.atomic
def pause(*, announcement: Announcement, actor: Actor) -> None:
    """Hold back what has not gone out. Workers look before every commit. Refused if not sent."""
    _on_its_way(announcement).filter(paused_at__isnull=True).update(paused_at=timezone.now())


@transaction.atomic
def resume(*, announcement: Announcement, actor: Actor) -> None:
    """Let a paused message go on."""
    _on_its_way(announcement).update(paused_at=None)


@transaction.atomic
def cancel(*, announcement: Announcement, actor: Actor) -> int:
    """Stop it for good, and return how many mails will not go out. Cancelling twice is once."""
    now = timezone.now()
    row = _held(announcement)
    if row.cancelled_at is not None:
        return 0
    row.cancelled_at = now
    row.save(update_fields=["cancelled_at"])
    campaigns = Campaign.objects.filter(announcement=row)
    campaigns.filter(stopped_at__isnull=True).update(stopped_at=now)
    live = OutgoingMail.objects.live().filter(campaign__in=campaigns)
    if row.kind == KindKey.BUSINESS_TRANSFER and row.campaign_id is not None:
        call_transfer_off(transfer=transfer_of(row), now=now)
    return int(live.update(state=State.DROPPED))


@transaction.atomic
def send_test(*, announcement: Announcement, actor: Actor) -> None:
    """Send the mail, in each of its languages, to the member of staff who asks; to nobody else.

    What is essential could otherwise be written to anybody before a second person agrees.
    """
    address = User.objects.get(pk=actor.user_id or 0).email
    for language in announcement.languages:
        with override(language):
            words = compose_announcement(announcement, language)
            filled = {
                name: text.replace("[[name]]", gettext("customer")).replace("[[token]]", "example")
                for name, text in words.items()
            }
            post_words(kind=KindKey(announcement.kind), address=address, **filled)


def recipients(announcement: Announcement) -> CustomerQuerySet:
    """Return the customers it is for now: those who can refuse it, only if the gate allows."""
    customers = customers_of(announcement.audience, announcement.audience_facts)
    use = announcement.definition.use
    if use is None:
        return customers
    return customers.filter(pk__in=allowing(use).values("pk"))


def transfer_of(announcement: Announcement) -> Transfer:
    """Return what the register of disclosures is told of a transfer of business (THIRD-5)."""
    return Transfer(
        buyer=announcement.buyer,
        reference=f"T-{announcement.pk}",
        announced_by=announcement.written_by_id,
        agreed_by=announcement.agreed_by_id or announcement.written_by_id,
    )


def release_due() -> int:
    """Put into the outbox what is to be sent by now; return how many mails were queued.

    Safe to run at any time and twice at once: a message becomes a campaign once.
    """
    now = timezone.now()
    due = list(Announcement.objects.to_release(now).values_list("pk", flat=True))
    return sum(_release(key, now) for key in due) + _follow_up(now)


@transaction.atomic
def _release(key: int, now: datetime) -> int:
    row = Announcement.objects.to_release(now).filter(pk=key).select_for_update(of=("self",))
    announcement = row.first()
    if announcement is None:
        return 0
    campaign = _pinned(announcement, now)
    announcement.campaign = campaign
    announcement.save(update_fields=["campaign"])
    customers = recipients(announcement)
    if announcement.needs_agreement:
        _insert_addressees(announcement, customers)
        customers = Customer.objects.filter(addressed__announcement=announcement)
    if announcement.kind == KindKey.BUSINESS_TRANSFER:
        addressed = customers.values_list("pk", flat=True).order_by("pk")
        record_transfer(transfer=transfer_of(announcement), customers=list(addressed), now=now)
    return queue(campaign=campaign, customers=customers, now=now)


def _pinned(announcement: Announcement, now: datetime) -> Campaign:
    """Write down what goes out, in each language it is written in."""
    binding, *further = announcement.languages
    words = compose_announcement(announcement, binding)
    campaign: Campaign = Campaign.objects.create(kind=announcement.kind, created_at=now, **words)
    for language in further:
        words = compose_announcement(announcement, language)
        CampaignWords.objects.create(campaign=campaign, language=language, **words)
    return campaign


def _follow_up(now: datetime) -> int:
    """Queue again for addressees who are untold and have proved another address since."""
    queued = 0
    recent = Announcement.objects.told_of_each().filter(release_at__gt=now - KEEP_TRYING)
    for announcement in recent.select_related("campaign"):
        told = announcement.tellings.standing().values("customer")
        untold = Customer.objects.filter(addressed__announcement=announcement)
        untold = untold.exclude(pk__in=told).served()
        queued += queue(campaign=announcement.campaign, customers=untold, now=now)
    return queued


def _insert_addressees(announcement: Announcement, customers: CustomerQuerySet) -> None:
    """INSERT ... SELECT: exactly those whom it concerns now, with a mail address or without."""
    rows = customers.order_by("pk").annotate(
        concerning=Value(announcement.pk, output_field=IntegerField())
    )
    select, parameters = rows.values_list("concerning", "pk").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            # A name of our own table and nothing else is put into the text.
            f"INSERT INTO {Addressee._meta.db_table} (announcement_id, customer_id) "
            f"{select} ON CONFLICT DO NOTHING",
            parameters,
        )


def _held(announcement: Announcement) -> Announcement:
    row: Announcement = Announcement.objects.select_for_update(of=("self",)).get(pk=announcement.pk)
    return row


def _refuse_if_over(row: Announcement) -> None:
    if row.cancelled_at is not None:
        raise Refused(Reason.CANCELLED)
    if row.campaign_id is not None:
        raise Refused(Reason.ALREADY_SENT)


def _on_its_way(announcement: Announcement) -> Any:
    row = _held(announcement)
    if row.campaign_id is None or row.cancelled_at is not None:
        raise Refused(Reason.NOT_ON_ITS_WAY)
    return Campaign.objects.filter(announcement=row)
