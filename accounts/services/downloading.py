"""Making the file with everything we know about a customer, and deleting it again (OPT-3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from tempfile import TemporaryFile
from typing import IO

from django.db import transaction
from django.db.models import F
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from accounts.actors import SYSTEM, Actor
from accounts.archive import number_of_steps, write_archive
from accounts.event_kinds import EventKind
from accounts.holdings import holdings
from accounts.models import Customer, Download, DownloadPart
from accounts.services.logging_events import record_event
from bizsecure.core.errors import Refused
from bizsecure.core.sealed_file import SealingWriter, new_key, sealed_parts
from bizsecure.core.work import start_soon

TASK = "accounts.tasks.make_download"
KEPT = timedelta(hours=24)
MOST_A_DAY = 3
# Longer than a task may run, so that only a dead worker loses it.
LEASE = timedelta(minutes=20)
MOST_TRIES = 3

State = Download.State


class Reason(Enum):
    TOO_MANY = _(
        "You have had %(most)s downloads made within a day. Please come back in some hours."
    )


class LostLease(Exception):
    """Another worker makes this download now."""


@dataclass(frozen=True)
class Claim:
    """A download that this worker makes, as long as the epoch is still this one."""

    download: Download
    epoch: int

    def renew(self, now: datetime, **progress: int) -> None:
        """Hold the download a little longer and note how far it is."""
        mine = Download.objects.filter(pk=self.download.pk, epoch=self.epoch, state=State.RUNNING)
        if not mine.update(lease_until=now + LEASE, **progress):
            raise LostLease


@transaction.atomic
def request_download(*, customer: Customer, actor: Actor) -> Download:
    """Have a file made of everything. Asking while one is under way gives that one.

    Refused with TOO_MANY after a few within a day: making it costs more than asking for it.
    """
    now = timezone.now()
    Customer.objects.locked([customer.pk]).get()
    mine = Download.objects.visible_to(customer)
    under_way = mine.under_way().first()
    if under_way is not None:
        return under_way
    if mine.filter(requested_at__gt=now - KEPT).count() >= MOST_A_DAY:
        raise Refused(Reason.TOO_MANY, most=MOST_A_DAY)
    download = Download.objects.create(customer=customer, requested_at=now)
    _note(download, EventKind.DOWNLOAD_REQUESTED, actor, now)
    start_soon(TASK, download.pk)
    return download


def make_download(*, download_id: int) -> bool:
    """Make the file, if nobody else is making it; return whether it is ready.

    Killed at any line it is begun anew by whoever finds its lease over.
    """
    claim = _claim(download_id, timezone.now())
    if claim is None:
        return False
    try:
        # Only sealed bytes ever get into the file, and its name is gone before they do.
        with TemporaryFile() as file:
            key, size = _write(claim, file)
            _keep_parts(claim, file)
        _finish(claim, key, size)
    except LostLease:
        return False
    return True


def record_fetched(*, download: Download, actor: Actor) -> None:
    """Write down that the customer was given the file, before it is."""
    _note(download, EventKind.DOWNLOAD_FETCHED, actor, timezone.now())


def waiting_downloads() -> list[int]:
    """Return the keys of the downloads that a worker should make now."""
    return list(Download.objects.claimable(timezone.now()).values_list("pk", flat=True)[:100])


@transaction.atomic
def delete_old_files() -> int:
    """Delete the files whose day is over; return how many there were."""
    expired = Download.objects.expired(timezone.now())
    return _delete_files(list(expired.values_list("pk", flat=True)))


def _claim(download_id: int, now: datetime) -> Claim | None:
    """Take a download by compare-and-set on its epoch, and begin with nothing."""
    download = Download.objects.claimable(now).filter(pk=download_id).first()
    if download is None:
        return None
    mine = Download.objects.claimable(now).filter(pk=download.pk, epoch=download.epoch)
    if download.epoch >= MOST_TRIES:
        # Whatever ended it so often would end it again. The customer may ask anew.
        mine.update(state=State.FAILED, lease_until=None)
        return None
    steps = number_of_steps(holdings())
    taken = mine.update(
        state=State.RUNNING,
        epoch=F("epoch") + 1,
        lease_until=now + LEASE,
        steps=steps,
        steps_done=0,
        rows_written=0,
    )
    if not taken:
        return None
    DownloadPart.objects.filter(download=download).delete()
    return Claim(download, download.epoch + 1)


def _write(claim: Claim, file: IO[bytes]) -> tuple[bytes, int]:
    """Write the sealed archive; return its key and the size it has in clear."""
    customer = claim.download.customer
    key = new_key()
    writer = SealingWriter(key, file)

    def report(steps: int, rows: int) -> None:
        claim.renew(timezone.now(), steps_done=steps, rows_written=rows)

    with translation.override(customer.language), timezone.override(customer.zone):
        write_archive(writer, customer, holdings(), timezone.now(), report)
    writer.close()
    return key, writer.size


def _keep_parts(claim: Claim, file: IO[bytes]) -> None:
    file.seek(0)
    for number, part in enumerate(sealed_parts(file)):
        with transaction.atomic():
            claim.renew(timezone.now())
            DownloadPart.objects.create(download=claim.download, number=number, content=part)


@transaction.atomic
def _finish(claim: Claim, key: bytes, size: int) -> None:
    """Hand the file over to the customer, in place of an older one."""
    now = timezone.now()
    claim.renew(now)
    download = Download.objects.select_related("customer").get(pk=claim.download.pk)
    _note(download, EventKind.DOWNLOAD_MADE, SYSTEM, now)
    older = Download.objects.visible_to(download.customer).filter(state=State.READY)
    _delete_files(list(older.values_list("pk", flat=True)))
    download.state, download.key, download.size = State.READY, key.hex(), size
    download.ready_at, download.expires_at, download.lease_until = now, now + KEPT, None
    download.save(update_fields=["state", "key", "size", "ready_at", "expires_at", "lease_until"])


def _note(download: Download, kind: EventKind, actor: Actor, now: datetime) -> None:
    record_event(
        customer=download.customer, kind=kind, actor=actor, now=now, reference=str(download.uid)
    )


def _delete_files(downloads: list[int]) -> int:
    DownloadPart.objects.filter(download__in=downloads).delete()
    return Download.objects.filter(pk__in=downloads).update(state=State.GONE, key=None)
