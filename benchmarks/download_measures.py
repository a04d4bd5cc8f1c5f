"""What `benchmarks.download` measures. Imported once Django is set up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import timezone

from accounts.models import Customer, Download
from accounts.services.downloading import make_download
from benchmarks.database import new_database, peak_mb, timed
from benchmarks.loading import load_customers, load_events, publish_first


@dataclass(frozen=True)
class Made:
    """A download that was made: of how many rows, and what it took."""

    rows: int
    seconds: float
    octets: int
    peak_mb: float


def measure(*, rows: Sequence[int]) -> list[Made]:
    """Make a download of so many rows each, on a new database that is thrown away."""
    with new_database():
        publish_first()
        load_customers(len(rows))
        customers = Customer.objects.order_by("pk")
        return [_made(*each) for each in zip(customers, rows, strict=True)]


def _made(customer: Customer, rows: int) -> Made:
    load_events(customer, 1, rows, mine=1)
    download = Download.objects.create(customer=customer, requested_at=timezone.now())
    is_ready, seconds = timed(lambda: make_download(download_id=download.pk))
    if not is_ready:
        raise SystemExit("The download was not made.")
    download.refresh_from_db()
    return Made(rows, seconds, download.size or 0, peak_mb())
