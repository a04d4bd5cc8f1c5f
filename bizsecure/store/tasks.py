"""What the beat starts in the shop. What is to be done stands in the rows."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from bizsecure.store.services.checking_cards import ask_about_open_checks
from bizsecure.store.services.erasing import forget_old_records
from bizsecure.store.services.paying import settle_due
from bizsecure.store.services.sweeping import sweep
from bizsecure.store.services.watching import stop_what_was_taken_back, watch_what_may_be_watched


@shared_task
def sweep_shop() -> None:
    """Look after services, partners and reminders."""
    sweep()


@shared_task
def ask_gateway() -> None:
    """Ask what became of payments and checks whose time has come: the gateway has called."""
    ask_about_open_checks()
    settle_due(now=timezone.now())


@shared_task
def keep_watches_as_chosen() -> None:
    """Pass on what customers said about being watched: first every no, then every yes."""
    stop_what_was_taken_back()
    watch_what_may_be_watched()


@shared_task
def forget_what_is_kept_long_enough() -> None:
    """Forget whom old invoices went to, once the law no longer wants it kept."""
    forget_old_records(now=timezone.now())
