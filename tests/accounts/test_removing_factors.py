"""A second factor is removed by two members of staff, never by one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.db import DatabaseError, transaction
from django.urls import reverse

from accounts.actors import Actor, Channel
from accounts.event_kinds import EventKind
from accounts.models import AccountEvent, Customer, FactorRemoval, User
from accounts.roles import Role
from accounts.services import confiding
from accounts.services.acting import Asked
from accounts.services.removing_factors import Reason, ask_to_remove_factor, decide_removal
from bizsecure.core.errors import Refused
from tests.builders import TODAY, look_at, member
from tests.pages.browsing import signed_in_as

BY_VISIT = Asked(Channel.VISIT, TODAY.date(), "C-77")


@pytest.fixture
def guarded(alice: Customer) -> Customer:
    """Give alice with an authenticator app."""
    Authenticator.objects.create(user=alice.user, type=Authenticator.Type.TOTP, data={})
    return alice


@pytest.fixture
def sam(guarded: Customer) -> User:
    """Give somebody in support, to whom her record is open."""
    staff = member(Role.SUPPORT)
    look_at(guarded, staff)
    return staff


@pytest.fixture
def officer(guarded: Customer) -> User:
    """Give the privacy officer, to whom her record is open."""
    staff = member(Role.PRIVACY)
    look_at(guarded, staff)
    return staff


@pytest.fixture
def removal(guarded: Customer, sam: User) -> FactorRemoval:
    """Give a removal that support asked for."""
    return ask_to_remove_factor(customer=guarded, asked=BY_VISIT, actor=Actor.staff(sam))


def refused(service: Callable[..., object], **facts: Any) -> Any:
    with pytest.raises(Refused) as refusal:
        service(**facts)
    return refusal.value.reason


def test_asking_removes_nothing_and_is_written_down_once(
    guarded: Customer, sam: User, removal: FactorRemoval
) -> None:
    again = ask_to_remove_factor(customer=guarded, asked=BY_VISIT, actor=Actor.staff(sam))
    assert again == removal
    assert removal.mandate.reference == "C-77"
    assert Authenticator.objects.filter(user=guarded.user).exists()


def test_nobody_agrees_to_their_own_request(removal: FactorRemoval, sam: User) -> None:
    for agreed in (True, False):
        asked = refused(decide_removal, removal=removal, agreed=agreed, actor=Actor.staff(sam))
        assert asked == Reason.OWN_REQUEST


def test_a_second_person_agrees_and_the_log_says_so(
    guarded: Customer, removal: FactorRemoval, officer: User
) -> None:
    decide_removal(removal=removal, agreed=True, actor=Actor.staff(officer))
    assert not Authenticator.objects.filter(user=guarded.user).exists()
    event = AccountEvent.objects.get(customer=guarded, kind=EventKind.FACTOR_REMOVED)
    assert event.actor_user == officer
    again = refused(decide_removal, removal=removal, agreed=True, actor=Actor.staff(officer))
    assert again == Reason.DECIDED


def test_what_is_declined_stays(guarded: Customer, removal: FactorRemoval, officer: User) -> None:
    decide_removal(removal=removal, agreed=False, actor=Actor.staff(officer))
    assert Authenticator.objects.filter(user=guarded.user).exists()
    assert not AccountEvent.objects.filter(kind=EventKind.FACTOR_REMOVED).exists()


def test_without_the_right_or_an_open_record_nobody_decides(removal: FactorRemoval) -> None:
    for role, why in [
        (Role.BILLING, confiding.Reason.NO_RIGHT),
        (Role.PRIVACY, confiding.Reason.LOOK_FIRST),
    ]:
        actor = Actor.staff(member(role))
        assert refused(decide_removal, removal=removal, agreed=True, actor=actor) == why


def test_who_has_no_factor_has_none_removed(bob: Customer, sam: User) -> None:
    look_at(bob, sam)
    actor = Actor.staff(sam)
    asked = refused(ask_to_remove_factor, customer=bob, asked=BY_VISIT, actor=actor)
    assert asked == Reason.NO_FACTOR


def test_the_database_holds_them_to_be_two(
    removal: FactorRemoval, sam: User, officer: User
) -> None:
    rows = FactorRemoval.objects.filter(pk=removal.pk)
    with pytest.raises(DatabaseError), transaction.atomic():
        rows.update(decided_by=sam, decided_at=TODAY, is_agreed=True)
    decide_removal(removal=removal, agreed=False, actor=Actor.staff(officer))
    with pytest.raises(DatabaseError, match="decided stays"), transaction.atomic():
        rows.update(is_agreed=True)
    with pytest.raises(DatabaseError, match="as it was asked"), transaction.atomic():
        rows.update(asked_by=officer)


def test_the_pages_lead_one_person_to_ask_and_another_to_decide(
    guarded: Customer, sam: User, officer: User
) -> None:
    asking = reverse("admin:accounts_customer_factor", args=[guarded.pk])
    sent = {"channel": "visit", "asked_on": "2027-01-04", "reference": "C-77"}
    signed_in_as(sam).post(asking, sent)
    removal = FactorRemoval.objects.get()
    deciding = reverse("admin:accounts_factorremoval_change", args=[removal.pk])
    assert "Somebody else must look" in signed_in_as(sam).get(deciding).text
    assert signed_in_as(sam).post(deciding, {"answer": "yes"}).status_code == 422
    assert signed_in_as(officer).post(deciding, {"answer": ""}).status_code == 422
    signed_in_as(officer).post(deciding, {"answer": "yes"})
    assert not Authenticator.objects.exists()
