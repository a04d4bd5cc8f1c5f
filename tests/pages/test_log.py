"""The account log, as its owner reads it and takes it away (DATA-2)."""

from __future__ import annotations

import csv
import io
import json
import tracemalloc
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from time_machine import Traveller

from accounts.account_log import every_entry, sources
from accounts.actors import Actor
from accounts.event_kinds import EventKind
from accounts.models import AccountEvent, Customer
from accounts.services.logging_events import record_event
from accounts.views.log import ENTRIES_A_PAGE
from bizsecure.core.spreadsheets import harmless
from consent.models import PolicyVersion
from tests.builders import DAY, TODAY, say_no, tell
from tests.pages.browsing import signed_in, stored, text
from tests.pages.conftest import Belongings

LOG, CSV, JSON = "/account/log/", "/account/log/log.csv", "/account/log/log.json"
# Session, user, customer and the banner; then every source of the log asks once or twice.
PAGE_QUERIES = 7 + 2 * len(sources())


def happened(customer: Customer, number: int, clock: Traveller | None = None) -> None:
    for _each in range(number):
        actor = Actor.customer(customer.user)
        kind = EventKind.SIGNED_IN
        record_event(customer=customer, kind=kind, actor=actor, now=TODAY, device="Safari on iOS")


def whole(response: Any) -> str:
    return b"".join(response.streaming_content).decode()


@pytest.fixture
def lived(belongings: Belongings, clock: Traveller) -> Client:
    """Give the browser of alice, to whom much happened today and something tomorrow."""
    alice = belongings.customer
    happened(alice, ENTRIES_A_PAGE)
    clock.move_to(TODAY + DAY)
    tell(alice, belongings.change)
    return signed_in(alice)


def test_each_line_says_what_happened_who_did_it_and_when(
    belongings: Belongings, clock: Traveller
) -> None:
    happened(belongings.customer, 1)
    page = text(signed_in(belongings.customer).get(LOG))
    assert "Signed in: Safari on iOS." in page
    assert "<b>Sign-in</b>" in page
    assert "<span>by you</span>" in page
    assert ">4 January 2027</h2>" in page
    assert ">10:00</time>" in page


def test_days_and_times_are_those_of_the_readers_zone(alice: Customer) -> None:
    happened(alice, 1)
    Customer.objects.filter(pk=alice.pk).update(time_zone="Asia/Tokyo")
    page = text(signed_in(alice).get(LOG))
    assert ">5 January 2027</h2>" in page
    assert ">00:00</time>" in page
    assert "Safari" not in text(signed_in(alice).get(LOG, {"until": "2027-01-04"}))


def test_older_entries_are_a_link_away_and_none_is_lost(lived: Client) -> None:
    first = lived.get(LOG)
    second = lived.get(LOG, {"before": str(first.context["log"].older)})
    entries = first.context["log"].entries + second.context["log"].entries
    customer = Customer.objects.get(name="Alice Adams")
    assert entries == list(every_entry(customer))
    assert second.context["log"].older is None
    assert "Newest" in text(second)


def test_the_filter_shows_a_kind_alone_and_keeps_it_from_page_to_page(lived: Client) -> None:
    page = lived.get(LOG, {"kind": "notice"})
    assert [entry.kind for entry in page.context["log"].entries] == ["notice"]
    page = lived.get(LOG, {"kind": "sign-in", "until": "2027-01-04"})
    assert len(page.context["log"].entries) == ENTRIES_A_PAGE
    assert "log.csv?kind=sign-in&until=2027-01-04" in text(page)


def test_the_filter_of_days_holds_both_ends(lived: Client) -> None:
    tomorrow = lived.get(LOG, {"since": "2027-01-05"})
    assert [entry.kind for entry in tomorrow.context["log"].entries] == ["notice"]
    long_ago = lived.get(LOG, {"until": "2020-05-01"})
    assert [entry.kind for entry in long_ago.context["log"].entries] == ["account"]
    nothing = lived.get(LOG, {"since": "2027-01-06"})
    assert "Nothing of this kind in these days" in text(nothing)


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"kind": "nonsense"}, 422),
        ({"kind": "a\0b"}, 422),
        ({"since": "yesterday"}, 422),
        ({"since": "0001-01-01"}, 422),
        ({"until": "9999-12-31"}, 422),
        ({"since": "2027-01-05", "until": "2027-01-04"}, 422),
        ({"before": "nonsense"}, 200),
        ({"before": "9" * 400}, 200),
        ({"before": f"{10**17}.events.{2**63}"}, 200),
        ({"before": "-62135596800000000.events.1"}, 200),
        ({"before": "0..0"}, 200),
        ({"before": "\0"}, 200),
    ],
)
@pytest.mark.parametrize("address", [LOG, CSV])
def test_nonsense_is_answered_calmly(
    lived: Client, address: str, asked: dict[str, str], status: int
) -> None:
    response = lived.get(address, asked)
    assert response.status_code == status
    if address == CSV and status == 200:
        whole(response)


def test_the_file_holds_the_whole_log(lived: Client) -> None:
    rows = list(csv.reader(io.StringIO(whole(lived.get(CSV)))))
    listed = json.loads(whole(lived.get(JSON)))
    assert rows[0] == ["at", "kind", "what", "who", "source", "row"]
    assert [list(map(str, row.values())) for row in listed] == rows[1:]
    assert len(listed) == len(list(every_entry(Customer.objects.get(name="Alice Adams"))))
    assert listed[-1]["what"] == "You joined under version 1 of our privacy policy."
    assert listed[-1]["at"] == "2020-05-01T08:00:00-04:00"


def test_a_file_is_an_attachment_and_holds_what_the_filter_shows(lived: Client) -> None:
    response = lived.get(JSON, {"kind": "notice"})
    assert "attachment" in response["Content-Disposition"]
    assert response["Content-Type"].startswith("application/json")
    assert [row["kind"] for row in json.loads(whole(response))] == ["Notice"]
    assert json.loads(whole(lived.get(JSON, {"since": "2027-01-06"}))) == []


@pytest.mark.parametrize("start", ["=1+1", "+1", "-1", "@SUM(1)", "\t=1", " =1", "\uff1d1"])
def test_a_spreadsheet_computes_nothing(start: str) -> None:
    assert harmless(start) == f"'{start}"
    assert harmless(f"a{start}") == f"a{start}"


def test_a_file_of_any_length_is_read_in_parts(
    alice: Customer, clock: Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    happened(alice, 30)
    monkeypatch.setattr("accounts.account_log.READ_AT_ONCE", 7)
    assert len(json.loads(whole(signed_in(alice).get(JSON)))) == 31


def happened_at_once(customer: Customer, number: int) -> None:
    """Let the customer sign in so often, quicker than one by one."""
    actor = Actor.customer(customer.user)
    row = record_event(customer=customer, kind=EventKind.SIGNED_IN, actor=actor, now=TODAY)
    like = {field.attname: getattr(row, field.attname) for field in row._meta.fields}
    del like["id"]
    AccountEvent.append(*[AccountEvent(**like) for _each in range(number)])


def test_ten_times_the_rows_take_no_more_memory(
    alice: Customer, clock: Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("accounts.account_log.READ_AT_ONCE", 50)
    client, peaks = signed_in(alice), []
    for number in (200, 1800):
        happened_at_once(alice, number)
        tracemalloc.start()
        answer: Any = client.get(CSV)
        assert sum(len(part.splitlines()) for part in answer.streaming_content) > number
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 2 * peaks[0]


@pytest.mark.parametrize("number", [1, 120])
def test_a_page_costs_the_same_however_long_the_log_is(
    alice: Customer, change: PolicyVersion, number: int
) -> None:
    happened_at_once(alice, number)
    tell(alice, change)
    say_no(alice, change, "uptime-watch")
    client = signed_in(alice)
    client.get(LOG)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(LOG).status_code == 200
    assert len(asked) <= PAGE_QUERIES


def test_nobody_reads_the_log_of_another(lived: Client, bob: Customer) -> None:
    his = signed_in(bob)
    place = quote(str(lived.get(LOG).context["log"].older))
    for address in (LOG, f"{LOG}?before={place}"):
        assert "Safari" not in text(his.get(address))
    assert "Safari" not in whole(his.get(CSV))
    for address in (LOG, CSV, JSON):
        assert Client().get(address)["Location"].startswith(reverse("account_login"))


def test_looking_writes_nothing(lived: Client, clock: Traveller) -> None:
    # But for the session, which notes when it was used last.
    before = stored(without="django_session")
    clock.shift(timedelta(minutes=1))
    lived.get(LOG)
    whole(lived.get(CSV))
    assert stored(without="django_session") == before
