"""Customers in files: each look is written down, and no file says yes for anybody."""

from __future__ import annotations

import csv
from dataclasses import asdict
from io import StringIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.actors import Actor, Channel
from accounts.exchange import without_guard
from accounts.models import Customer, Mandate, ProfileChange, StaffAccess
from accounts.roles import Role
from accounts.services.personal import personal_details, update_personal_information
from consent.models import Choice, PolicyVersion
from tests.builders import member, say_no
from tests.pages.browsing import signed_in_as
from tests.pages.conftest import DETAILS

EXPORT = reverse("admin:accounts_customer_export_page")
IMPORT = reverse("admin:accounts_customer_import_page")
WHY = {"reason": "law", "case_number": "C-40", "words": ""}
FOUNDED_ON = {"asked_on": "2027-01-04", "reference": "L-40"}


@pytest.fixture
def known(alice: Customer) -> Customer:
    """Give alice with a telephone number and an address."""
    update_personal_information(
        customer=alice, details=DETAILS, revision=0, actor=Actor.customer(alice.user)
    )
    alice.refresh_from_db()
    return alice


@pytest.fixture
def officer(policy: PolicyVersion) -> Client:
    """Give the browser of the privacy officer, who may export."""
    return signed_in_as(member(Role.PRIVACY))


@pytest.fixture
def bill(policy: PolicyVersion) -> Client:
    """Give the browser of billing, who may import."""
    return signed_in_as(member(Role.BILLING))


def exported(client: Client, *customers: Customer) -> str:
    numbers = "\n".join(customer.number for customer in customers)
    return str(client.post(EXPORT, {**WHY, "numbers": numbers}).content.decode())


def a_file(*rows: dict[str, str]) -> str:
    out = StringIO()
    writer = csv.DictWriter(out, fieldnames=list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def compare(client: Client, text: str | bytes, **facts: str) -> Any:
    content = text if isinstance(text, bytes) else text.encode()
    file = SimpleUploadedFile("customers.csv", content, content_type="text/csv")
    return client.post(IMPORT, {**FOUNDED_ON, **facts, "file": file})


def bring_in(client: Client, text: str) -> Any:
    compared = compare(client, text).context["compared"]
    return client.post(IMPORT, {"compared": compared})


# Out


def test_exactly_the_customers_named_are_exported_and_each_look_is_written_down(
    officer: Client, known: Customer, bob: Customer, policy: PolicyVersion
) -> None:
    rows = list(csv.DictReader(StringIO(exported(officer, known, bob))))
    assert {row["number"] for row in rows} == {known.number, bob.number}
    hers = next(row for row in rows if row["number"] == known.number)
    assert (hers["street"], hers["email"]) == (DETAILS.street, known.email)
    looks = StaffAccess.objects.order_by("pk").values_list("customer", "way", "reason")
    assert set(looks) == {(known.pk, "exported", "law"), (bob.pk, "exported", "law")}


def test_nothing_in_an_export_is_computed_by_a_spreadsheet(
    officer: Client, known: Customer
) -> None:
    Customer.objects.filter(pk=known.pk).update(name="=HYPERLINK(1)")
    row = next(csv.DictReader(StringIO(exported(officer, known))))
    assert row["name"] == "'=HYPERLINK(1)"
    assert row["telephone"] == f"'{DETAILS.telephone}"


@pytest.mark.parametrize(
    "sent", [{"reason": ""}, {"case_number": ""}, {"numbers": "BZ-NOBODY"}, {"numbers": ""}]
)
def test_an_export_without_a_reason_or_anybody_is_refused(
    officer: Client, known: Customer, sent: dict[str, str]
) -> None:
    answer = officer.post(EXPORT, {**WHY, "numbers": known.number, **sent})
    assert answer.status_code == 422
    assert not StaffAccess.objects.exists()


def test_more_customers_than_may_be_at_once_are_refused(officer: Client, known: Customer) -> None:
    numbers = "\n".join(f"BZ-{number}" for number in range(1001))
    answer = officer.post(EXPORT, {**WHY, "numbers": numbers})
    assert "At most 1000 customers at a time." in answer.text


# In


def test_a_file_shows_first_what_it_would_change_and_changes_nothing(
    bill: Client, known: Customer
) -> None:
    text = a_file({"number": known.number, "city": "Trenton"})
    shown = compare(bill, text).text
    assert DETAILS.city in shown
    assert "Trenton" in shown
    assert personal_details(known) == DETAILS
    assert not Mandate.objects.exists()
    look = StaffAccess.objects.get()
    assert (look.customer, look.way, look.case_number) == (known, "compared", "L-40")


def test_a_file_is_brought_in_with_history_request_and_actor_and_only_once(
    bill: Client, known: Customer
) -> None:
    text = a_file({"number": known.number, "city": "Trenton", "telephone": "201 555 0199"})
    text = text.replace("201 555", "+1 201 555")
    bring_in(bill, text)
    rows = ProfileChange.objects.filter(actor_kind="staff", customer=known)
    assert set(rows.values_list("field", "channel")) == {
        ("city", Channel.IMPORT),
        ("telephone", Channel.IMPORT),
    }
    assert {row.mandate.reference for row in rows if row.mandate} == {"L-40"}
    known.refresh_from_db()
    assert personal_details(known).telephone == "+1 201-555-0199"
    again = compare(bill, text)
    assert again.context["compared"] == ""
    assert "nothing that we do not know already" in again.text
    assert Mandate.objects.count() == 1


def test_what_was_exported_comes_back_as_no_change(
    bill: Client, officer: Client, known: Customer
) -> None:
    text = exported(officer, known)
    assert compare(bill, text).context["same"] == 1


def test_one_wrong_row_keeps_the_whole_file_out_and_says_where(
    bill: Client, known: Customer, bob: Customer
) -> None:
    text = a_file(
        {"number": known.number, "city": "Trenton", "telephone": ""},
        {"number": bob.number, "city": "Camden", "telephone": "12"},
        {"number": "BZ-NOBODY", "city": "X", "telephone": ""},
        {"number": known.number, "city": "Twice", "telephone": ""},
    )
    answer = compare(bill, text)
    assert answer.context["compared"] == ""
    mistakes = {row.line: row.mistakes for row in answer.context["rows"] if row.mistakes}
    assert set(mistakes) == {3, 4, 5}
    assert "no telephone number" in mistakes[3][0]
    assert personal_details(known).city == DETAILS.city


def test_no_file_turns_a_no_into_a_yes(
    bill: Client, known: Customer, change: PolicyVersion
) -> None:
    say_no(known, change, "product-news")
    for column in ("product-news", "choices", "status", "email_verified_at", "user"):
        answer = compare(bill, a_file({"number": known.number, column: "yes"}))
        assert answer.status_code == 422
    bring_in(bill, a_file({"number": known.number, "email": "x@example.com", "city": "Trenton"}))
    known.refresh_from_db()
    assert known.email == "alice@example.com"
    assert Choice.objects.get().decision == "refused"


def test_what_changed_since_the_look_is_not_overwritten(bill: Client, known: Customer) -> None:
    text = a_file({"number": known.number, "city": "Trenton"})
    compared = compare(bill, text).context["compared"]
    hers = {**asdict(DETAILS), "city": "Camden"}
    update_personal_information(
        customer=known,
        details=type(DETAILS)(**hers),
        revision=known.revision,
        actor=Actor.customer(known.user),
    )
    answer = bill.post(IMPORT, {"compared": compared})
    assert "Somebody changed this information meanwhile." in answer.text
    assert personal_details(known).city == "Camden"


@pytest.mark.parametrize("compared", ["", "x", "AAAA", "é", "A" * 400_000])
def test_what_nobody_compared_is_not_brought_in(bill: Client, compared: str) -> None:
    answer = bill.post(IMPORT, {"compared": compared})
    assert answer.status_code in {302, 413}
    assert not Mandate.objects.exists()


def test_what_somebody_else_compared_is_not_brought_in(bill: Client, known: Customer) -> None:
    compared = compare(bill, a_file({"number": known.number, "city": "X"})).context["compared"]
    boss = member(Role.SUPPORT)
    boss.groups.set(member(Role.ADMINISTRATOR).groups.all())
    boss.is_superuser = True
    boss.save(update_fields=["is_superuser"])
    signed_in_as(boss).post(IMPORT, {"compared": compared})
    assert personal_details(known).city == DETAILS.city


@pytest.mark.parametrize(
    "text",
    [
        *(b"", b"number\n", b"\xff\xfe", b"\x00", b"name\nX\n", b"number,number\nA,B\n"),
        *(b"number,city\nA\n", b"number\n" + b"A\n" * 1001, b"x" * 200_000, b"%PDF-1.7\n\x80"),
    ],
    ids=range(10),
)
def test_what_is_no_such_file_is_refused(bill: Client, known: Customer, text: bytes) -> None:
    assert compare(bill, text).status_code == 422
    assert not StaffAccess.objects.exists()


@pytest.mark.parametrize(
    ("cell", "meant"),
    [("'+1 201", "+1 201"), ("O'Brien", "O'Brien"), ("'t Hart", "'t Hart"), ("'", "'")],
)
def test_the_apostrophe_of_an_export_is_taken_off_and_no_other(cell: str, meant: str) -> None:
    assert without_guard(cell) == meant
