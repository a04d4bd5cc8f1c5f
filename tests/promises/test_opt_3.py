"""OPT-3: customers access and modify their personal information in the control panel.

Seeing it, changing it, the history of changes, taking all of it along, and having it erased.
"""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import asdict, replace
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from time_machine import Traveller

from accounts.holdings import holdings
from accounts.models import Customer
from accounts.services.downloading import make_download
from accounts.services.personal import PersonalDetails, personal_details
from tests.builders import DAY, TODAY
from tests.pages.browsing import just_proven, signed_in, stored, text
from tests.pages.conftest import DETAILS, Belongings, belongings

__all__ = ["belongings"]

NEW = PersonalDetails(
    name="Alicia Brown",
    telephone="+49 30 901820",
    time_zone="Europe/Berlin",
    street="Gerberstraße 3",
    extra="Hinterhaus",
    city="Potsdam",
    region="New York",
    postcode="14467",
    country="DE",
    company="Braun und Tochter",
    postal_street="Postfach 7",
    postal_extra="Zimmer 2",
    postal_city="Werder",
    postal_region="New Jersey",
    postal_postcode="14542",
    postal_country="FR",
)


def filled_in(client: Client) -> dict[str, Any]:
    """Return what the page's form holds, as a browser would send it."""
    form = client.get(reverse("personal")).context["form"]
    return {name: form[name].value() or "" for name in form.fields}


def save(client: Client, **typed: Any) -> str:
    sent = {**filled_in(client), **typed}
    return text(client.post(reverse("personal"), sent, follow=True))


def known(customer: Customer) -> PersonalDetails:
    return personal_details(Customer.objects.get(pk=customer.pk))


def told(customer: Customer) -> list[tuple[str, Any]]:
    """Return what the control panel tells of changes, and of when, the newest first."""
    events = signed_in(customer).get(reverse("overview")).context["events"]
    return [(event.text, event.at) for event in events if event.text.startswith("You changed")]


def test_the_customer_sees_everything_that_is_known(belongings: Belongings) -> None:
    client = signed_in(belongings.customer)
    shown = filled_in(client)
    assert {name: shown[name] for name in asdict(DETAILS)} == asdict(DETAILS)
    assert belongings.customer.email in text(client.get(reverse("personal")))


@pytest.mark.parametrize("field", sorted(asdict(NEW).keys() - {"language"}))
def test_the_customer_changes_each_piece_alone(belongings: Belongings, field: str) -> None:
    typed = {field: asdict(NEW)[field]}
    assert "Saved." in save(signed_in(belongings.customer), **typed)
    assert known(belongings.customer) == replace(DETAILS, **typed)


def test_the_customer_changes_everything_at_once(belongings: Belongings) -> None:
    assert "Saved." in save(signed_in(belongings.customer), **asdict(NEW))
    assert known(belongings.customer) == NEW


def test_the_customer_takes_back_what_need_not_be_known(belongings: Belongings) -> None:
    needed = {"name", "time_zone", "language"}
    emptied = dict.fromkeys(asdict(DETAILS).keys() - needed, "")
    assert "Saved." in save(signed_in(belongings.customer), **emptied)
    assert known(belongings.customer) == replace(DETAILS, **emptied)


def test_the_customer_reads_what_changed_and_when(alice: Customer, clock: Traveller) -> None:
    clock.move_to(TODAY + DAY)
    save(signed_in(alice), telephone=NEW.telephone)
    clock.move_to(TODAY + 2 * DAY)
    save(signed_in(alice), street=NEW.street, city=NEW.city)
    assert told(alice) == [
        ("You changed your billing address.", TODAY + 2 * DAY),
        ("You changed your telephone number.", TODAY + DAY),
    ]
    assert NEW.street not in str(told(alice))


def test_the_customer_reads_what_each_piece_was_and_became(
    belongings: Belongings, clock: Traveller
) -> None:
    clock.move_to(TODAY + DAY)
    client = signed_in(belongings.customer)
    save(client, telephone=NEW.telephone)
    change = client.get(reverse("history")).context["changes"][0]
    assert (change.row.field_label, change.old, change.new) == (
        "telephone number",
        DETAILS.telephone,
        NEW.telephone,
    )
    assert (change.who, change.at) == ("you", TODAY + DAY)
    page = text(client.get(reverse("history")))
    assert "in the control panel" in page
    assert "under policy version 1" in page


def test_looking_changes_nothing(belongings: Belongings) -> None:
    client = signed_in(belongings.customer)
    before = stored()
    for name in ("overview", "personal", "history"):
        assert client.get(reverse(name)).status_code == 200
    assert stored() == before


def test_nobody_else_sees_or_changes_it(belongings: Belongings, bob: Customer) -> None:
    others = (Client(), signed_in(bob))
    for client in others:
        page = text(client.get(reverse("personal"), follow=True))
        assert [secret for secret in belongings.secrets if secret in page] == []
    typed = {**asdict(NEW), "revision": bob.revision, "customer": belongings.customer.pk}
    for client in others:
        client.post(reverse("personal"), typed)
    assert known(belongings.customer) == DETAILS
    assert known(bob) == NEW


def taken_along(customer: Customer) -> dict[str, str]:
    """Return the files of everything, as the customer gets them from the page."""
    client = just_proven(signed_in(customer))
    client.post(reverse("download"))
    download = customer.downloads.latest("pk")
    make_download(download_id=download.pk)
    answer: Any = client.post(reverse("download_file", args=[download.uid]))
    archive = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    return {name: archive.read(name).decode() for name in archive.namelist()}


def test_all_of_it_can_be_taken_along(belongings: Belongings) -> None:
    files = taken_along(belongings.customer)
    kinds = {kind["key"]: kind for kind in json.loads(files["manifest.json"])["kinds"]}
    assert set(kinds) == {holding.key for holding in holdings()}
    for secret in belongings.secrets:
        assert secret in files["everything.html"], secret
    for key, kind in kinds.items():
        rows = json.loads(files[f"json/{key}.json"])
        assert len(rows) == kind["rows"]
        # Flat, and a table: each row has the same columns, in the same order.
        assert len({tuple(row) for row in rows}) <= 1, key
        assert not [v for row in rows for v in row.values() if isinstance(v, (dict, list))], key


def test_what_others_own_is_not_in_it(belongings: Belongings, bob: Customer) -> None:
    everything = "".join(taken_along(bob).values())
    assert [secret for secret in belongings.secrets if secret in everything] == []


def left_of(customer: Customer) -> dict[str, set[str]]:
    """Return where a word that gives her away still stands, table by table."""
    words = ("alice", "adams", "555-0142", DETAILS.street.lower(), DETAILS.extra.lower())
    found: dict[str, set[str]] = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT * FROM "{table}"')
            text_of_rows = str([[str(value).lower() for value in row] for row in cursor])
            if here := {word for word in words if word in text_of_rows}:
                found[table] = here
    return found


def test_once_it_is_erased_only_what_the_law_demands_says_who_it_was(
    belongings: Belongings,
) -> None:
    customer = Customer.objects.get(pk=belongings.customer.pk)
    assert "accounts_customer" in left_of(customer)
    with transaction.atomic():
        for holding in reversed(holdings()):
            holding.erase(customer=customer, now=timezone.now())
    assert set(left_of(customer)) <= {"store_billingdetails"}
