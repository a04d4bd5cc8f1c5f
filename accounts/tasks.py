"""What the beat and the pages start in this room. What is to be done stands in the rows."""

from __future__ import annotations

from celery import shared_task

from accounts.services import changing_address, closing, downloading

# Stale by the next sweep, which starts again what is still to be done.
SWEEP_SECONDS = 60
ERASING_SECONDS = 60 * 60


@shared_task
def make_download(number: int) -> None:
    """Make one download, unless somebody else does."""
    downloading.make_download(download_id=number)


@shared_task
def look_after_downloads() -> None:
    """Delete what is too old, and start what was asked for and is not being made."""
    downloading.delete_old_files()
    for number in downloading.waiting_downloads():
        make_download.apply_async((number,), expires=SWEEP_SECONDS)


@shared_task
def erase_closed_accounts() -> None:
    """Start erasing each account whose owner has had the time to think again."""
    for number in closing.due_closings():
        erase_account.apply_async((number,), expires=ERASING_SECONDS)


@shared_task
def erase_account(number: int) -> None:
    """Erase one account, if its closing is still due and nothing is in the way."""
    closing.carry_out(closing_id=number)


@shared_task
def let_address_changes_lapse() -> None:
    """Give up the changes of address that nobody has proven in time."""
    changing_address.let_address_changes_lapse()
