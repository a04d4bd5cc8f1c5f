"""Making a download: once, whoever makes it and however often; and deleting it after a day."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta

import pytest
from django.db import connection
from time_machine import Traveller

from accounts import archive
from accounts.actors import Actor
from accounts.holdings import Holding, Row, holdings
from accounts.models import Customer, Download, DownloadPart
from accounts.services import downloading
from accounts.services.downloading import (
    KEPT,
    LEASE,
    MOST_A_DAY,
    MOST_TRIES,
    Reason,
    delete_old_files,
    make_download,
    request_download,
    waiting_downloads,
)
from accounts.services.erasing import keep
from bizsecure.core.errors import Refused
from bizsecure.core.sealed_file import opened
from tests.builders import INSTANT

State = Download.State


def asked_for(customer: Customer) -> Download:
    return request_download(customer=customer, actor=Actor.customer(customer.user))


def ready(customer: Customer) -> Download:
    download = asked_for(customer)
    assert make_download(download_id=download.pk)
    download.refresh_from_db()
    return download


def content(download: Download) -> zipfile.ZipFile:
    parts = download.parts.order_by("number").values_list("content", flat=True)
    file = b"".join(opened(bytes.fromhex(download.key or ""), map(bytes, parts)))
    assert len(file) == download.size
    return zipfile.ZipFile(io.BytesIO(file))


def test_it_holds_every_kind_that_a_room_declared(alice: Customer) -> None:
    file = content(ready(alice))
    kinds = {kind["key"] for kind in json.loads(file.read("manifest.json"))["kinds"]}
    assert kinds == {holding.key for holding in holdings()}
    (person,) = json.loads(file.read("json/personal.json"))
    assert (person["name"], person["email"]) == (alice.name, alice.email)


def test_asking_twice_makes_one(alice: Customer) -> None:
    assert asked_for(alice) == asked_for(alice)
    assert waiting_downloads() == [Download.objects.get().pk]


def test_being_made_twice_makes_one(alice: Customer) -> None:
    download = ready(alice)
    assert not make_download(download_id=download.pk)
    assert content(download).testzip() is None


def test_what_a_dead_worker_left_is_begun_anew(alice: Customer, clock: Traveller) -> None:
    download = asked_for(alice)
    claim = downloading._claim(download.pk, download.requested_at)
    assert claim is not None
    DownloadPart.objects.create(download=download, number=0, content=b"half a file")
    assert not make_download(download_id=download.pk)
    clock.shift(LEASE + INSTANT)
    assert waiting_downloads() == [download.pk]
    assert make_download(download_id=download.pk)
    download.refresh_from_db()
    assert content(download).testzip() is None
    # The first one was only slow, and comes too late.
    with pytest.raises(downloading.LostLease):
        claim.renew(download.requested_at)


def test_a_worker_that_lost_its_lease_leaves_the_file_alone(
    alice: Customer, clock: Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    download = asked_for(alice)

    def rows(_customer: Customer) -> list[Row]:
        # While this worker dozes, another one begins anew.
        Download.objects.filter(pk=download.pk).update(epoch=7)
        return []

    slow = Holding(key="x", title="", models=(), rows=lambda c: iter(rows(c)), erase=keep)
    monkeypatch.setattr(downloading, "holdings", lambda: (slow,))
    assert not make_download(download_id=download.pk)
    assert not DownloadPart.objects.exists()


def test_what_never_works_is_given_up(alice: Customer, clock: Traveller) -> None:
    download = asked_for(alice)
    Download.objects.filter(pk=download.pk).update(epoch=MOST_TRIES)
    assert not make_download(download_id=download.pk)
    download.refresh_from_db()
    assert download.state == State.FAILED
    assert asked_for(alice) != download


def test_a_few_a_day_are_enough(alice: Customer, bob: Customer, clock: Traveller) -> None:
    for _each in range(MOST_A_DAY):
        ready(alice)
    with pytest.raises(Refused) as refused:
        asked_for(alice)
    assert refused.value.reason == Reason.TOO_MANY
    asked_for(bob)
    clock.shift(KEPT)
    asked_for(alice)


def test_a_newer_file_takes_the_place_of_the_older(alice: Customer) -> None:
    older, newer = ready(alice), ready(alice)
    older.refresh_from_db()
    assert (older.state, older.key, older.parts.count()) == (State.GONE, None, 0)
    assert content(newer).testzip() is None


def test_it_is_deleted_after_a_day_with_its_key(alice: Customer, clock: Traveller) -> None:
    download = ready(alice)
    clock.shift(KEPT - INSTANT)
    assert delete_old_files() == 0
    clock.shift(timedelta(seconds=1))
    assert not Download.objects.to_be_had(download.requested_at + KEPT).exists()
    assert delete_old_files() == 1
    assert delete_old_files() == 0
    download.refresh_from_db()
    assert (download.state, download.key) == (State.GONE, None)
    assert not DownloadPart.objects.exists()


def test_nothing_of_it_lies_in_the_database_in_clear(alice: Customer) -> None:
    ready(alice)
    with connection.cursor() as cursor:
        cursor.execute("SELECT content FROM accounts_downloadpart")
        parts = b"".join(bytes(part) for (part,) in cursor.fetchall())
        cursor.execute("SELECT key FROM accounts_download")
        key = bytes(cursor.fetchone()[0])
    assert parts[:2] != b"PK"
    assert not [word for word in (b"everything.html", b"manifest") if word in parts]
    assert key.startswith(b"S1")


def test_its_steps_are_counted(alice: Customer) -> None:
    download = ready(alice)
    assert download.steps == download.steps_done == archive.number_of_steps(holdings())
    assert download.percent == 100
    assert download.rows_written >= 3
