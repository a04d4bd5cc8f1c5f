"""Staff close an account for a customer who asked, as the customer could, and tell them (OPT-4)."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from time_machine import Traveller

from accounts.actors import Actor, ActorKind, Channel
from accounts.models import Address, Closing, Customer, Mandate, MandateLetter, User
from accounts.roles import Role
from accounts.services import confiding, writing_letters
from accounts.services.acting import Asked
from accounts.services.closing import TIME_TO_THINK, carry_out, open_closing
from accounts.services.closing import Reason as ClosingReason
from accounts.services.closing_for import close_for, keep_open_for
from accounts.services.opening import open_account
from accounts.services.personal import update_personal_information
from accounts.services.writing_letters import record_letter
from bizsecure.core.errors import Refused
from consent.models import PolicyVersion
from notifications.services.telling_events import tell_of_events
from tests.builders import LONG_AGO, TODAY, look_at, member
from tests.pages.browsing import signed_in_as
from tests.pages.conftest import DETAILS
from tests.postbox import Postbox
from tests.store.buying import held

BY_LETTER = Asked(Channel.LETTER, TODAY.date(), "L-31")
ASKED = {"channel": "letter", "asked_on": "2027-01-04", "reference": "L-31"}
Status = Customer.Status


@pytest.fixture
def pen(policy: PolicyVersion, clock: Traveller) -> Customer:
    """Give a customer who writes letters and has no sign-in."""
    pen = open_account(user=None, name="Pen Paper", email="", now=LONG_AGO)
    Address.objects.create(customer=pen, street="12 Fletcher Lane", city="Dover", country="US")
    return pen


@pytest.fixture
def officer(policy: PolicyVersion) -> User:
    """Give the privacy officer, who has accepted the terms."""
    return member(Role.PRIVACY)


@pytest.fixture
def desk(officer: User, pen: Customer) -> Client:
    """Give the browser of the privacy officer, to whom the record is open."""
    look_at(pen, officer)
    return signed_in_as(officer)


def page(name: str, *arguments: Any) -> str:
    return reverse(f"admin:{name}", args=arguments)


def close(customer: Customer, staff: User) -> Closing:
    return close_for(customer=customer, asked=BY_LETTER, actor=Actor.staff(staff))


def test_an_account_is_closed_on_request_and_erased_after_the_days_to_think(
    desk: Client, pen: Customer, officer: User, clock: Traveller
) -> None:
    address = page("accounts_customer_close", pen.pk)
    assert address in desk.get(page("accounts_customer_change", pen.pk)).text
    for wrong in ({}, ASKED, {**ASKED, "number": "BZ-OTHER"}, {"number": pen.number}):
        assert desk.post(address, wrong).status_code == 422
    for _twice in range(2):
        desk.post(address, {**ASKED, "number": pen.number.lower()})
        assert Mandate.objects.get().reference == "L-31"
    closing = Closing.objects.get()
    assert (closing.customer, closing.actor_user, closing.mandate) == (
        pen,
        officer,
        Mandate.objects.get(),
    )
    assert not carry_out(closing_id=closing.pk)
    clock.shift(TIME_TO_THINK)
    assert carry_out(closing_id=closing.pk)
    pen.refresh_from_db()
    assert (pen.status, pen.name) == (Status.CLOSED, "")


def test_who_thinks_again_keeps_the_account(desk: Client, pen: Customer) -> None:
    address = page("accounts_customer_close", pen.pk)
    desk.post(address, {**ASKED, "number": pen.number})
    keep = page("accounts_customer_keep", pen.pk)
    assert keep in desk.get(page("accounts_customer_change", pen.pk)).text
    assert desk.post(keep, {}).status_code == 422
    for _twice in range(2):
        desk.post(keep, {**ASKED, "reference": "L-32"})
    pen.refresh_from_db()
    assert (pen.status, open_closing(pen)) == (Status.ACTIVE, None)
    assert [row.matter for row in Mandate.objects.order_by("pk")] == ["closing", "keeping"]


def test_the_same_stands_in_the_way_as_for_the_customer(
    alice: Customer, officer: User, policy: PolicyVersion
) -> None:
    update_personal_information(
        customer=alice, details=DETAILS, revision=0, actor=Actor.customer(alice.user)
    )
    held(alice)
    look_at(alice, officer)
    shown = signed_in_as(officer).get(page("accounts_customer_close", alice.pk)).text
    assert "You have services that are running." in shown
    assert 'name="number"' not in shown
    with pytest.raises(Refused) as refused:
        close(alice, officer)
    assert refused.value.reason == ClosingReason.IN_THE_WAY
    assert not Mandate.objects.exists()


def test_it_takes_the_right_and_an_open_record(pen: Customer, officer: User) -> None:
    for staff, reason in (
        (officer, confiding.Reason.LOOK_FIRST),
        (member(Role.BILLING), confiding.Reason.NO_RIGHT),
    ):
        for service in (close_for, keep_open_for):
            with pytest.raises(Refused) as refused:
                service(customer=pen, asked=BY_LETTER, actor=Actor.staff(staff))
            assert refused.value.reason == reason


def test_the_database_takes_no_closing_by_staff_without_a_request(
    alice: Customer, pen: Customer, officer: User
) -> None:
    look_at(pen, officer)
    of_another = close(pen, officer).mandate
    facts: dict[str, Any] = {
        "customer": alice,
        "requested_at": timezone.now(),
        "erase_at": timezone.now(),
        "status_before": Status.ACTIVE,
        "actor_kind": ActorKind.STAFF,
        "actor_user": officer,
    }
    for mandate in (None, of_another):
        with pytest.raises(DatabaseError, match="asked them"), transaction.atomic():
            Closing.objects.create(mandate=mandate, **facts)


def test_who_has_an_address_is_told_by_mail_and_how_to_keep_the_account(
    pen: Customer, officer: User, postbox: Postbox
) -> None:
    now = timezone.now()
    Customer.objects.filter(pk=pen.pk).update(email="pen@example.com", email_verified_at=now)
    look_at(pen, officer)
    close(pen, officer)
    assert tell_of_events() == 1
    (mail,) = postbox
    assert mail.to == ["pen@example.com"]
    assert "In 14 days" in mail.body
    assert "answer this mail" in mail.body
    assert not Mandate.objects.to_be_told_by_letter().exists()


def test_whom_no_mail_reaches_is_told_by_a_letter(
    desk: Client, pen: Customer, officer: User
) -> None:
    close(pen, officer)
    assert tell_of_events() == 0
    mandate = Mandate.objects.get()
    letters, letter = page("accounts_customer_letters_page"), page("accounts_customer_letter", 1)
    letter = letter.replace("/1/", f"/{mandate.pk}/")
    for shown in (desk.get(letters).text, desk.get(page("accounts_customer_change", pen.pk)).text):
        assert letter in shown
    assert "Letters about what was done for customers" in desk.get(reverse("admin:index")).text
    shown = desk.get(letter).text
    for piece in (
        "Pen Paper",
        "12 Fletcher Lane",
        "L-31",
        "18 January 2027",
        "If you think again",
    ):
        assert piece in shown
    for _twice in range(2):
        assert desk.post(letter)["Location"] == letters
    assert MandateLetter.objects.get().sent_by == officer
    assert letter not in desk.get(letters).text


def test_no_letter_is_recorded_for_who_is_told_by_mail(
    alice: Customer, pen: Customer, officer: User
) -> None:
    look_at(alice, officer)
    close(alice, officer)
    with pytest.raises(Refused) as refused:
        record_letter(mandate=Mandate.objects.get(), actor=Actor.staff(officer))
    assert refused.value.reason == writing_letters.Reason.NOT_DUE
