"""Finding who must be told, and putting one mail for each into the outbox (CHANGE-2).

A pass looks at rows alone, so it may run at any time, twice at once, or after days of silence:
it always finds exactly those who are affected and neither told nor being told.

Of all customers it asks that when a change is new, and once a day. In between it asks of those
alone of whom something changed since, which triggers note (notifications/revisiting.py): nobody
else can have become one of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from accounts.models import CustomerQuerySet
from consent.audience import affected_by, told_of, untold
from consent.models import Notice, PolicyVersion
from notifications.composing import compose
from notifications.kinds import KindKey
from notifications.models import Campaign, CampaignQuerySet, CampaignWords, OutgoingMail, Revisit
from notifications.services.queueing import queue, without_mail

State = OutgoingMail.State
# How long those who were told hear that a date was moved or a change withdrawn, should their
# address change meanwhile. Mails are kept longer (forgetting).
CORRECTS_FOR = timedelta(days=60)
# How long a look at all customers is good for. What was restored or loaded past the triggers waits
# no longer than this.
LOOKS_THROUGH_EVERY = timedelta(days=1)


@dataclass
class Announced:
    """What a pass did, in numbers of campaigns and mails."""

    campaigns: int = 0
    queued: int = 0
    dropped: int = 0


def announce_changes() -> Announced:
    """Queue a mail for everyone who is affected by a change and neither told nor being told.

    Also tells those who were told when a date was moved or a change withdrawn, and drops
    what is no longer true from the outbox. Set-based: no customer is loaded into memory.
    """
    now = timezone.now()
    done = Announced(dropped=_stop_outdated(now))
    done.queued += _queue_for_the_changed(now)
    for version in PolicyVersion.objects.changes():
        done.queued += _look_through(_campaign(KindKey.POLICY_NOTICE, version, now, done), now)
        if _was_postponed(version, now):
            done.queued += _queue(_campaign(KindKey.POLICY_POSTPONED, version, now, done), now)
    told_of_it = Exists(Notice.objects.filter(version=OuterRef("pk")))
    withdrawn = PolicyVersion.objects.filter(status=PolicyVersion.Status.WITHDRAWN)
    for version in withdrawn.filter(told_of_it, withdrawn_at__gt=now - CORRECTS_FOR):
        done.queued += _queue(_campaign(KindKey.POLICY_WITHDRAWN, version, now, done), now)
    return done


def _was_postponed(version: PolicyVersion, now: datetime) -> bool:
    """Whether those who were told of an older date are still to hear of the new one."""
    this_round = version.campaigns.filter(round=version.round)
    moved = this_round.filter(effective_at__lt=version.effective_at)
    corrected_long_ago = this_round.filter(
        kind=KindKey.POLICY_POSTPONED,
        effective_at=version.effective_at,
        created_at__lt=now - CORRECTS_FOR,
    )
    return bool(moved.exists() and not corrected_long_ago.exists())


def has_unannounced_changes() -> bool:
    """Return whether a version was published or moved for which no mail is queued yet."""
    current = Campaign.objects.current().filter(version=OuterRef("pk"), kind=KindKey.POLICY_NOTICE)
    return PolicyVersion.objects.changes().filter(~Exists(current)).exists()


def overlooked() -> Iterator[tuple[Campaign, int]]:
    """Yield each campaign of which a pass would not find somebody, and how many it would not."""
    noted = Revisit.objects.values("customer")
    for campaign in _notices().filter(looked_through_at__isnull=False):
        unqueued = without_mail(campaign=campaign, customers=_audience(campaign))
        missed = unqueued.exclude(pk__in=noted).count()
        if missed:
            yield campaign, missed


def look_through_again() -> None:
    """Have the next pass ask of all customers."""
    Campaign.objects.update(looked_through_at=None)


@transaction.atomic
def _queue_for_the_changed(now: datetime) -> int:
    """Ask of those of whom something changed since the last pass.

    What others have not committed yet is not taken, and so is there for the next pass. The
    campaigns are read afterwards: one that comes later looks at what was taken here by itself.
    """
    if not Revisit.objects.update(taken=True):
        return 0
    taken = Revisit.objects.filter(taken=True)
    queued = sum(
        queue(
            campaign=campaign,
            customers=_audience(campaign).filter(pk__in=taken.values("customer")),
            now=now,
        )
        for campaign in _notices()
    )
    taken.delete()
    return queued


def _notices() -> CampaignQuerySet:
    campaigns: CampaignQuerySet = Campaign.objects.current().filter(kind=KindKey.POLICY_NOTICE)
    return campaigns.select_related("version").order_by("version__number", "pk")


def _look_through(campaign: Campaign, now: datetime) -> int:
    """Ask of all customers, unless that was done lately."""
    looked = campaign.looked_through_at
    # By a clock that was wrong and was put right it may have been done at a time to come.
    if looked is not None and now - LOOKS_THROUGH_EVERY < looked <= now:
        return 0
    with transaction.atomic():
        queued = _queue(campaign, now)
        Campaign.objects.filter(pk=campaign.pk).update(looked_through_at=now)
    return queued


@transaction.atomic
def _stop_outdated(now: datetime) -> int:
    live = Campaign.objects.filter(stopped_at__isnull=True)
    outdated = list(live.exclude(pk__in=Campaign.objects.current()).values_list("pk", flat=True))
    Campaign.objects.filter(pk__in=outdated).update(stopped_at=now)
    return OutgoingMail.objects.live().filter(campaign__in=outdated).update(state=State.DROPPED)


def _campaign(kind: KindKey, version: PolicyVersion, now: datetime, done: Announced) -> Campaign:
    occasion = {
        "kind": kind,
        "version": version,
        "round": version.round,
        "effective_at": version.effective_at,
    }
    campaign = Campaign.objects.filter(**occasion).first()
    if campaign is None:
        words = {**compose(kind, version), "created_at": now}
        # One transaction: nobody may be written to before every language has its words.
        with transaction.atomic():
            campaign, created = Campaign.objects.get_or_create(**occasion, defaults=words)
            if created:
                _translate(campaign, kind, version)
        done.campaigns += created
    return campaign


def _translate(campaign: Campaign, kind: KindKey, version: PolicyVersion) -> None:
    for language, _name in settings.LANGUAGES:
        if language != settings.LANGUAGE_CODE:
            words = compose(kind, version, language)
            CampaignWords.objects.create(campaign=campaign, language=language, **words)


def _audience(campaign: Campaign) -> CustomerQuerySet:
    version = campaign.change
    if campaign.kind == KindKey.POLICY_NOTICE:
        return untold(version)
    proofs = Notice.objects.standing().filter(version=version, customer=OuterRef("pk"))
    if campaign.kind == KindKey.POLICY_WITHDRAWN:
        # Whoever was told of an earlier date alone must hear of it, too.
        return affected_by(version).filter(Exists(proofs))
    mails = OutgoingMail.objects.filter(
        customer=OuterRef("pk"),
        campaign__version=version,
        campaign__round=version.round,
        campaign__kind=KindKey.POLICY_NOTICE,
    )
    with_the_new_date = mails.filter(campaign__effective_at=campaign.effective_at)
    with_an_old_date = mails.filter(
        campaign__effective_at__lt=campaign.effective_at, state=State.ACCEPTED
    )
    told_before = proofs.filter(round=version.round, told_at__lt=campaign.created_at)
    # A mail that was under way when the date moved is recorded as accepted only afterwards.
    told_the_old_date = Exists(told_before) | Exists(with_an_old_date)
    # Who was told of the new date from the start needs no correction.
    return told_of(version).filter(told_the_old_date, ~Exists(with_the_new_date))


def _queue(campaign: Campaign, now: datetime) -> int:
    return queue(campaign=campaign, customers=_audience(campaign), now=now)
