"""What the beat starts. Each task calls a service; what is to be done stands in the rows."""

from __future__ import annotations

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from bizsecure.core.work import begun
from notifications.journal import forget_old_notes
from notifications.services.announcing import announce_changes as announce
from notifications.services.announcing import has_unannounced_changes
from notifications.services.delivering import deliver_due
from notifications.services.emptying import empty_reviewed_cases
from notifications.services.erasing import forget_mails_to_strangers
from notifications.services.forgetting import forget_old_mails, merge_mail_tallies
from notifications.services.hearing import forget_heard, hear_waiting
from notifications.services.leasing import due_batches
from notifications.services.pacing import forget_old_paces
from notifications.services.polling import poll_inbox
from notifications.services.posting import DELIVER
from notifications.services.releasing import release_due
from notifications.services.sampling import sample_queue
from notifications.services.telling_events import tell_of_events

# Well under the broker's visibility timeout, after which a task would be handed out again.
DELIVERY_SECONDS = 300
FORGETTING_SECONDS = 60


@shared_task
def announce_changes() -> None:
    """Queue mails for everyone affected and neither told nor being told."""
    announce()
    forget_mails_to_strangers()
    empty_reviewed_cases()
    forget_old_notes()
    deliver_due_mail()


@shared_task
def deliver_due_mail() -> None:
    """Start deliveries for what is due; announce at once what was published since the last pass."""
    if has_unannounced_changes():
        announce()
    release_due()
    tell_of_events()
    for _each in range(min(due_batches(), settings.NOTICE_DELIVERIES)):
        # Later sweeps start what is needed then. Not so soon that a busy worker never gets to one.
        deliver_batches.apply_async(expires=DELIVERY_SECONDS)


@shared_task
def hear_mail() -> None:
    """Hear what is in the mailbox, and handle what was stored and not handled."""
    hear_waiting()
    if settings.INBOX_URL:
        poll_inbox(url=settings.INBOX_URL)
    forget_heard()


@shared_task
def keep_outbox_small() -> None:
    """Forget mails that were kept long enough, and keep their counts few."""
    merge_mail_tallies()
    forget_old_paces(now=timezone.now())
    forget_old_mails(seconds=FORGETTING_SECONDS)


@shared_task
def note_how_the_queue_stands() -> None:
    """Note how the outbox stands, for the staff's pictures."""
    sample_queue()


@shared_task
def deliver_batches() -> None:
    """Deliver due batches until none is left or the time is over."""
    deliver_due(seconds=DELIVERY_SECONDS)


@shared_task
def deliver_single_mails() -> None:
    """Deliver the mails that somebody waits for."""
    begun(DELIVER)
    deliver_due(seconds=DELIVERY_SECONDS, single_only=True)


@shared_task
def tell_news() -> None:
    """Write the mails about what has just happened to accounts, and not only at the next sweep."""
    begun(settings.NEWS_TASK)
    tell_of_events()
