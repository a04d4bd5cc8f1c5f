"""Who has it, for each customer; and how often it happens, for everybody (THIRD-3, DISC-2)."""

from __future__ import annotations

import csv
import json
from io import StringIO

import pytest
from django.core.cache import cache
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from time_machine import Traveller

from accounts.actors import SYSTEM
from accounts.models import Customer
from consent.grounds import DataField, LegalGround, Purpose
from consent.models import Disclosure, DisclosureOutcome, PolicyVersion, Recipient
from consent.models.entries import Telling
from consent.services.disclosing import authorise, record_outcome
from consent.transparency import as_rows, yearly_counts
from tests.builders import TODAY, a_use, first_policy
from tests.consent.registering import given_by_staff
from tests.pages.browsing import signed_in

PAGE = "/account/disclosures/"
REPORT = "/transparency/"


@pytest.fixture(autouse=True)
def _forgetful(db: None) -> None:
    cache.clear()


@pytest.fixture
def policy(db: None, clock: Traveller) -> PolicyVersion:
    """Give a policy that declares what GeoTrust gets."""
    return first_policy(a_use("deliver-certificate", "essential"))


def bought_a_certificate(customer: Customer, order: str = "O-2345678923") -> Disclosure:
    grant = authorise(
        customer=customer,
        recipient="geotrust",
        purpose=Purpose.DELIVER_CERTIFICATE,
        fields=[DataField.NAME, DataField.BILLING_ADDRESS],
        ground=LegalGround.PURCHASE,
        reference=order,
        actor=SYSTEM,
    )
    outcome = DisclosureOutcome.Outcome.DELIVERED
    record_outcome(grant=grant, outcome=outcome, their_reference="GT-77")
    return Disclosure.objects.get(pk=grant.disclosure_id)


def test_the_page_says_who_got_what_when_and_why(alice: Customer) -> None:
    bought_a_certificate(alice)
    given_by_staff(alice)
    shown = signed_in(alice).get(PAGE).text
    for said in (
        "GeoTrust",
        "Billing address and name",
        "To issue the certificate you bought",
        'href="/account/orders/O-2345678923/"',
        "received",
        "Circuit Court of Multnomah County",
        "the law requires it",
        "Subpoena 27-CV-0042",
        "once, on 4 January 2027",
    ):
        assert said in shown


def test_where_nobody_got_anything_the_page_says_so(alice: Customer) -> None:
    assert "Nobody received anything" in signed_in(alice).get(PAGE).text


def test_what_may_not_be_told_is_on_no_page_and_in_no_file(alice: Customer) -> None:
    given_by_staff(alice, telling=Telling.BARRED, barred_by="18 U.S.C. 2705(b)")
    client = signed_in(alice)
    for address in (PAGE, f"{PAGE}who.csv", f"{PAGE}who.json", "/account/log/", "/account/"):
        assert "Multnomah" not in client.get(address).text


def test_another_customer_sees_nothing_of_hers(alice: Customer, bob: Customer) -> None:
    bought_a_certificate(alice)
    client = signed_in(bob)
    for address in (PAGE, f"{PAGE}who.csv", f"{PAGE}who.json"):
        assert "GeoTrust" not in client.get(address).text
    assert Client().get(PAGE).status_code == 302


def test_the_files_hold_every_line(alice: Customer) -> None:
    bought_a_certificate(alice)
    given_by_staff(alice, party="=HYPERLINK(1)")
    client = signed_in(alice)
    answer = client.get(f"{PAGE}who.csv")
    rows = list(csv.DictReader(StringIO(answer.text)))
    assert [row["given_to"] for row in rows] == ["'=HYPERLINK(1)", "GeoTrust"]
    assert rows[1]["information"] == "billing address, name"
    assert (rows[1]["outcome"], rows[1]["their_reference"]) == ("received", "GT-77")
    assert rows[1]["recorded_at"] == "2027-01-04T10:00:00-05:00"
    assert f"who-has-it-{alice.number}.csv" in answer.headers["Content-Disposition"]
    read = json.loads(client.get(f"{PAGE}who.json").text)
    assert [row["given_to"] for row in read] == ["=HYPERLINK(1)", "GeoTrust"]


@pytest.mark.parametrize("number", [1, 30])
def test_the_page_costs_the_same_for_one_line_and_for_thirty(
    alice: Customer, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _each in range(number):
        bought_a_certificate(alice)
    client = signed_in(alice)
    client.get(PAGE)
    with django_assert_num_queries(6):
        client.get(PAGE)


def test_small_numbers_are_masked_and_grounds_without_any_are_said(
    alice: Customer, clock: Traveller
) -> None:
    for _each in range(12):
        given_by_staff(alice)
    for _each in range(3):
        bought_a_certificate(alice)
    [year] = yearly_counts(TODAY)
    by_staff = {count.ground: count.shown for count in year.by_staff}
    assert by_staff == {
        LegalGround.HARM: "none",
        LegalGround.LAW: "12",
        LegalGround.SERVICE: "none",
        LegalGround.INTERESTS: "none",
        LegalGround.ORDER: "none",
        LegalGround.CRIME: "none",
    }
    assert [count.shown for count in year.by_the_portal] == ["fewer than 10", "none", "none"]
    assert [count.shown for count in year.by_transfer] == ["none"]
    assert {row[4] for row in as_rows([year])} == {"disclosures", 0, 12, "<10"}


@pytest.mark.parametrize("number", [1, 2, 9])
def test_all_small_numbers_look_alike(alice: Customer, clock: Traveller, number: int) -> None:
    for _each in range(number):
        given_by_staff(alice)
    [year] = yearly_counts(TODAY)
    [law] = [count for count in year.by_staff if count.ground == LegalGround.LAW]
    assert (law.shown, law.width, law.kind) == ("fewer than 10", 6, Recipient.Kind.COURT)


def test_a_year_is_one_of_the_policy(alice: Customer, clock: Traveller) -> None:
    clock.move_to(TODAY.replace(month=1, day=1, hour=4, minute=59))
    given_by_staff(alice, telling=Telling.BARRED, barred_by="a law")
    years = yearly_counts(TODAY)
    assert [(year.year, year.is_over) for year in years] == [(2027, False), (2026, True)]
    assert {count.number for count in years[1].by_staff} == {0, 1}


def test_everybody_may_read_the_report(
    alice: Customer, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    given_by_staff(alice)
    client = Client()
    first = client.get(REPORT).text
    for said in ("2027", "so far", "fewer than 10", "A valid legal order demands it", "none"):
        assert said in first
    assert "Multnomah" not in first
    table = client.get(f"{REPORT}counts.csv").text
    assert "2027,law,the law requires it,court,<10" in table
    # Kept for a while: the register is not counted for every reader.
    with django_assert_num_queries(1):
        client.get(REPORT)
    cache.clear()
    assert client.get(REPORT).status_code == 200
