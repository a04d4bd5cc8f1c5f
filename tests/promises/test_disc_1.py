"""DISC-1: otherwise only against harm or where the law requires, by two people, and told."""

from __future__ import annotations

from datetime import date

import pytest
from time_machine import Traveller

from accounts.actors import Actor
from accounts.models import AccountEvent, Customer, User
from bizsecure.core.errors import Refused
from consent.grounds import CONTENTS, FOR_CONTENTS, FOR_INFORMATION, LegalGround
from consent.models import Declaration, Disclosure
from consent.models.entries import Telling
from consent.services.entering import approve, lift_bar
from consent.services.telling_of_disclosures import tell_what_may_be_told
from tests.builders import DAY, TODAY
from tests.consent.registering import an_entry, given_by_staff
from tests.pages.browsing import signed_in

PAGE = "/account/disclosures/"
COURT = "Circuit Court of Multnomah County"


@pytest.mark.django_db
def test_information_is_declared_to_outsiders_on_these_two_grounds_alone() -> None:
    assert [ground.value for ground in FOR_INFORMATION] == ["harm", "law"]
    others = Declaration.objects.exclude(recipient__kind__in=["card-company", "partner", "buyer"])
    information = others.exclude(field__in=CONTENTS)
    assert set(information.values_list("ground", flat=True)) == {"harm", "law"}


@pytest.mark.parametrize("ground", [each for each in LegalGround if each not in FOR_INFORMATION])
def test_no_other_ground_opens_it(alice: Customer, carol: User, ground: LegalGround) -> None:
    with pytest.raises(Refused):
        an_entry(alice, carol, ground=ground)
    others = {"purchase", "choice", "withdrawn", "transfer"}
    assert ground in FOR_CONTENTS or ground.value in others


def test_nobody_decides_alone(alice: Customer, carol: User) -> None:
    entry = an_entry(alice, carol)
    with pytest.raises(Refused):
        approve(entry=entry, actor=Actor.staff(carol))
    assert not Disclosure.objects.exists()


def test_the_customer_sees_it_with_the_ground_and_the_document(alice: Customer) -> None:
    given_by_staff(alice)
    shown = signed_in(alice).get(PAGE).text
    for said in (COURT, "the law requires it", "Subpoena 27-CV-0042", "Name and postal address"):
        assert said in shown


def test_unless_the_law_forbids_it_and_then_from_the_day_it_no_longer_does(
    alice: Customer, carol: User, clock: Traveller
) -> None:
    row = given_by_staff(alice, telling=Telling.BARRED, barred_by="18 U.S.C. 2705(b)")
    clock.shift(400 * DAY)
    assert COURT not in signed_in(alice).get(PAGE).text
    assert tell_what_may_be_told() == 0
    until = (TODAY + 410 * DAY).date()
    lift_bar(disclosure=row, tell_on=until, reference="Order 9", actor=Actor.staff(carol))
    clock.shift(9 * DAY)
    assert COURT not in signed_in(alice).get(PAGE).text
    clock.shift(DAY)
    assert COURT in signed_in(alice).get(PAGE).text
    assert tell_what_may_be_told() == 1


def test_a_deferred_one_is_told_when_its_day_has_come(alice: Customer, clock: Traveller) -> None:
    given_by_staff(alice, telling=Telling.DEFERRED, tell_on=date(2027, 2, 1))
    assert tell_what_may_be_told() == 0
    clock.move_to(TODAY + 90 * DAY)
    assert tell_what_may_be_told() == 1
    assert AccountEvent.objects.filter(customer=alice, kind="disclosure_told").count() == 1
