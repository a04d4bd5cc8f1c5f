"""The page of the download: asked for by its owner alone, proven a moment ago, and only once."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from time_machine import Traveller

from accounts.actors import Actor
from accounts.event_kinds import EventKind
from accounts.models import AccountEvent, Customer, Download
from accounts.services.downloading import KEPT, MOST_A_DAY, make_download, request_download
from tests.pages.browsing import just_proven, signed_in, text

PAGE = "/account/download/"


@pytest.fixture
def ready(alice: Customer) -> Download:
    """Give a file of alice's that is there to be had."""
    download = request_download(customer=alice, actor=Actor.customer(alice.user))
    make_download(download_id=download.pk)
    download.refresh_from_db()
    return download


def fetch(client: Client, download: Download, method: str = "post") -> Any:
    return getattr(client, method)(reverse("download_file", args=[download.uid]))


def test_she_asks_sees_how_far_it_is_and_gets_it(alice: Customer) -> None:
    client = just_proven(signed_in(alice))
    assert "Put my file together" in text(client.get(PAGE))
    assert client.post(PAGE).status_code == 302
    assert client.post(PAGE).status_code == 302
    assert "waiting to be put together" in text(client.get(PAGE))
    download = Download.objects.get()
    make_download(download_id=download.pk)
    assert "It is ready" in text(client.get(PAGE))
    response = fetch(client, download)
    file = b"".join(response.streaming_content)
    assert response["Content-Length"] == str(len(file))
    assert response["Content-Disposition"].startswith('attachment; filename="bizsecure-2027-')
    assert response["Cache-Control"] == "no-store"
    assert alice.email in zipfile.ZipFile(io.BytesIO(file)).read("everything.html").decode()
    kinds = (
        AccountEvent.objects.filter(customer=alice).order_by("pk").values_list("kind", flat=True)
    )
    assert list(kinds) == [
        *(EventKind.DOWNLOAD_REQUESTED, EventKind.DOWNLOAD_MADE, EventKind.DOWNLOAD_FETCHED)
    ]


def test_who_was_not_asked_lately_is_asked_first(alice: Customer, ready: Download) -> None:
    client = signed_in(alice)
    assert client.get(PAGE).status_code == 302
    assert client.post(PAGE).status_code == 403
    assert fetch(client, ready).status_code == 403
    assert Download.objects.count() == 1


def test_nobody_else_gets_it(bob: Customer, ready: Download) -> None:
    assert fetch(just_proven(signed_in(bob)), ready).status_code == 404
    assert fetch(Client(), ready).status_code == 302


def test_opening_its_address_hands_out_nothing(alice: Customer, ready: Download) -> None:
    response = fetch(just_proven(signed_in(alice)), ready, "get")
    assert response["Location"] == PAGE


def test_a_file_of_yesterday_is_not_handed_out(
    alice: Customer, ready: Download, clock: Traveller
) -> None:
    clock.shift(KEPT)
    client = just_proven(signed_in(alice))
    response = client.post(reverse("download_file", args=[ready.uid]), follow=True)
    assert "That file is deleted." in text(response)
    assert "Put my file together" in text(response)


def test_too_many_are_refused_in_a_sentence(alice: Customer) -> None:
    for _each in range(MOST_A_DAY):
        download = request_download(customer=alice, actor=Actor.customer(alice.user))
        Download.objects.filter(pk=download.pk).update(state=Download.State.FAILED)
    client = just_proven(signed_in(alice))
    assert "had 3 downloads made" in text(client.post(PAGE, follow=True))
    assert "could not be made" in text(client.get(PAGE))
