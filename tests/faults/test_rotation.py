"""Keys are rotated while the site writes, and whoever rotates is killed half-way."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from threading import Event, Thread

from pytest_django import DjangoDbBlocker, Settings

from accounts.models import Customer
from tests.faults.works import ROOT, kill, looking_into

OLD, NEW = bytes(range(32)), bytes(range(64, 96))
CUSTOMERS, BATCH, KILLED_AFTER = 120, 10, 4


def rotation(database_url: str) -> subprocess.Popen[bytes]:
    keys = ",".join(base64.b64encode(key).decode() for key in (NEW, OLD))
    return subprocess.Popen(
        [sys.executable, "manage.py", "rotate_keys", "--batch", str(BATCH), "--progress"],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": database_url, "CRYPTOGRAPHY_KEYS": keys},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def half_a_rotation(database_url: str) -> None:
    """Rotate, and be killed after some batches."""
    process = rotation(database_url)
    assert process.stderr is not None
    for _line in range(KILLED_AFTER):
        process.stderr.readline()
    kill(process)
    process.stderr.close()


@contextmanager
def site_that_writes(database_url: str, written: dict[int, str]) -> Iterator[None]:
    """Change one telephone number after the other while the block lasts, and note them down."""
    stop = Event()

    def write() -> None:
        with looking_into(database_url):
            for number in count():
                if stop.is_set():
                    return
                customer = Customer.objects.order_by("pk")[number * 7 % CUSTOMERS]
                customer.telephone = f"+1 {number}"
                customer.save(update_fields=["telephone"])
                written[customer.pk] = customer.telephone

    site = Thread(target=write)
    site.start()
    try:
        yield
    finally:
        stop.set()
        site.join()


def test_a_rotation_that_is_killed_half_way_under_load_loses_nothing(
    database_url: str, django_db_blocker: DjangoDbBlocker, settings: Settings
) -> None:
    settings.CRYPTOGRAPHY_KEYS = [OLD]
    with django_db_blocker.unblock(), looking_into(database_url):
        Customer.objects.bulk_create(
            Customer(name="Customer", telephone=f"{n}") for n in range(CUSTOMERS)
        )
        written = {customer.pk: str(customer.telephone) for customer in Customer.objects.all()}
        # Every process of the site knows both keys before any of them seals with the new one.
        settings.CRYPTOGRAPHY_KEYS = [NEW, OLD]
        with site_that_writes(database_url, written):
            half_a_rotation(database_url)
            out, problems = rotation(database_url).communicate(timeout=120)
        assert json.loads(out)["under_older_keys"] == {}, problems
        settings.CRYPTOGRAPHY_KEYS = [NEW]
        assert {each.pk: each.telephone for each in Customer.objects.all()} == written
