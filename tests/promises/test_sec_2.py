"""SEC-2: only employees who need it have access, and they keep it confidential.

Staff roles; a staff member must accept the confidentiality terms before any customer record
opens; every staff look at and change of personal information is recorded with the reason and
shown to the customer.
"""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group
from django.db import DatabaseError, transaction
from django.urls import reverse

from accounts.models import Customer, StaffAccess
from accounts.roles import Role, rights_of
from tests.builders import look_at, member
from tests.pages.browsing import signed_in, signed_in_as


def record(customer: Customer) -> str:
    return reverse("admin:accounts_customer_change", args=[customer.pk])


def test_there_are_roles_and_most_of_them_open_no_record(db: None) -> None:
    assert set(Group.objects.values_list("name", flat=True)) == set(Role.values)
    opening = {role for role in Role if "accounts.open_record" in rights_of(role)}
    assert opening == {Role.BILLING, Role.SUPPORT, Role.PRIVACY}


@pytest.mark.parametrize("role", [Role.MARKETING, Role.AUDITOR, Role.ADMINISTRATOR])
def test_whoever_does_not_need_it_has_no_access(alice: Customer, role: Role) -> None:
    assert signed_in_as(member(role)).get(record(alice)).status_code == 403


def test_before_any_record_opens_the_terms_are_accepted(alice: Customer) -> None:
    client = signed_in_as(member(Role.BILLING, promised=False))
    terms = reverse("admin:accounts_confidentiality")
    assert client.get(record(alice))["Location"].startswith(terms)
    client.post(terms, {"number": 1, "accepted": "on"})
    assert not client.get(record(alice))["Location"].startswith(terms)


def test_before_a_record_shows_the_look_is_recorded_with_the_reason(alice: Customer) -> None:
    client = signed_in_as(member(Role.BILLING))
    asks = client.get(record(alice))
    assert alice.email not in client.get(asks["Location"]).text
    client.post(asks["Location"], {"reason": "payment", "case_number": "C-8"})
    look = StaffAccess.objects.get(customer=alice)
    assert (look.role, look.get_reason_display(), look.case_number) == (
        Role.BILLING,
        "to settle an invoice or a payment",
        "C-8",
    )


def test_the_database_itself_keeps_who_looked(alice: Customer) -> None:
    look_at(alice, member(Role.SUPPORT))
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        StaffAccess.objects.update(words="nothing")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        StaffAccess.objects.all()._raw_delete("default")


def test_the_customer_reads_who_looked_and_why_but_no_name(alice: Customer) -> None:
    staff = member(Role.SUPPORT)
    look_at(alice, staff)
    shown = signed_in(alice).get(reverse("overview")).text
    assert "Our staff (support) opened your record to answer a question or complaint." in shown
    assert "Asked about the last invoice." in shown
    assert staff.email not in shown
