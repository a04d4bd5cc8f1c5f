"""Entries of staff: six grounds, two people, and a day on which the customer knows (DISC-1, 2)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone
from time_machine import Traveller

from accounts.account_log import LogKind, entries_of
from accounts.actors import SYSTEM, Actor
from accounts.holdings import holdings
from accounts.models import AccountEvent, Customer, User
from bizsecure.core.errors import Refused
from bizsecure.core.verifying import broken_rows
from consent.grounds import (
    BY_STAFF,
    CONTENTS,
    FOR_CONTENTS,
    FOR_INFORMATION,
    DataField,
    LegalGround,
    Purpose,
)
from consent.models import Declaration, Disclosure, DisclosureEntry, DisclosureTold, Recipient
from consent.models.entries import Telling
from consent.reasons import Reason
from consent.services.entering import approve, lift_bar, propose, reject
from consent.services.telling_of_disclosures import tell_what_may_be_told
from tests.builders import DAY, TODAY
from tests.consent.registering import a_proposal, an_entry, given_by_staff

State = DisclosureEntry.State


@pytest.fixture
def dave(db: None, clock: Traveller) -> User:
    """Give another member of staff."""
    return User.objects.create_user("dave@example.com", is_staff=True)


@contextmanager
def refused_with(reason: Reason) -> Iterator[None]:
    with pytest.raises(Refused) as refused:
        yield
    assert refused.value.reason == reason
    assert "%" not in refused.value.sentence


def visible(customer: Customer) -> list[Disclosure]:
    return list(Disclosure.objects.visible_to(customer, timezone.now()))


def test_an_entry_counts_for_nothing_until_somebody_else_approves_it(
    alice: Customer, carol: User, dave: User
) -> None:
    entry = an_entry(alice, carol)
    assert not Disclosure.objects.exists()
    with refused_with(Reason.OWN_ENTRY):
        approve(entry=entry, actor=Actor.staff(carol))
    disclosure = approve(entry=entry, actor=Actor.staff(dave))
    assert (disclosure.actor_user, disclosure.approved_by) == (carol, dave)
    assert disclosure.fields == "name,postal-address"
    assert approve(entry=entry, actor=Actor.staff(dave)) == disclosure
    assert list(broken_rows(Disclosure)) == []


def test_an_entry_is_decided_once(alice: Customer, carol: User, dave: User) -> None:
    erin = User.objects.create_user("erin@example.com", is_staff=True)
    entry = an_entry(alice, carol)
    with refused_with(Reason.NO_REASON):
        reject(entry=entry, why=" ", actor=Actor.staff(dave))
    reject(entry=entry, why="Not signed", actor=Actor.staff(dave))
    reject(entry=entry, why="Not signed", actor=Actor.staff(dave))
    for actor in (dave, erin):
        with refused_with(Reason.ENTRY_DECIDED):
            approve(entry=entry, actor=Actor.staff(actor))
    assert not Disclosure.objects.exists()


def test_only_staff_enter_and_approve(alice: Customer, carol: User) -> None:
    entry = an_entry(alice, carol)
    former = User.objects.create_user("former@example.com", is_staff=True, is_active=False)
    for actor in (SYSTEM, Actor.customer(alice.user), Actor.staff(former)):
        with refused_with(Reason.NOT_STAFF):
            propose(customer=alice, proposal=a_proposal(), actor=actor)
        with refused_with(Reason.NOT_STAFF):
            approve(entry=entry, actor=actor)


def test_a_form_that_is_sent_twice_is_one_entry(alice: Customer, carol: User) -> None:
    proposal = a_proposal()
    actor = Actor.staff(carol)
    one = propose(customer=alice, proposal=proposal, actor=actor)
    assert propose(customer=alice, proposal=proposal, actor=actor) == one


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        ({"ground": LegalGround.PURCHASE}, Reason.NOT_A_GROUND),
        ({"ground": LegalGround.CHOICE}, Reason.NOT_A_GROUND),
        ({"ground": "we-felt-like-it"}, Reason.NOT_A_GROUND),
        ({"recipient": "data-broker"}, Reason.UNKNOWN_RECIPIENT),
        ({"recipient": "geotrust"}, Reason.NOT_DECLARED),
        ({"party": " "}, Reason.NO_PARTY),
        ({"reference": ""}, Reason.NO_REFERENCE),
        ({"fields": []}, Reason.NOTHING_NAMED),
        ({"fields": [DataField.CARD]}, Reason.NOT_DECLARED),
        ({"fields": [DataField.MAIL_CONTENTS]}, Reason.NOT_DECLARED),
        ({"ground": LegalGround.ORDER, "purpose": Purpose.OBEY_ORDER}, Reason.NOT_DECLARED),
        ({"telling": Telling.DEFERRED}, Reason.NEEDS_DATE),
        ({"telling": Telling.DEFERRED, "tell_on": date(2027, 1, 4)}, Reason.NEEDS_DATE),
        ({"telling": Telling.BARRED, "barred_by": " "}, Reason.NEEDS_LAW),
    ],
)
def test_what_cannot_be_entered(
    alice: Customer, carol: User, other: dict[str, Any], reason: Reason
) -> None:
    with refused_with(reason):
        an_entry(alice, carol, **other)
    assert not DisclosureEntry.objects.exists()


def test_there_are_two_grounds_for_information_and_four_for_contents_and_no_other() -> None:
    assert [ground.value for ground in FOR_INFORMATION] == ["harm", "law"]
    assert [ground.value for ground in FOR_CONTENTS] == ["service", "interests", "order", "crime"]


@pytest.mark.django_db
def test_contents_are_declared_on_their_four_grounds_alone() -> None:
    rows = Declaration.objects.filter(ground__in=BY_STAFF).values_list("ground", "field")
    assert {ground for ground, field in rows if field in CONTENTS} == set(FOR_CONTENTS)
    assert {ground for ground, field in rows if field not in CONTENTS} == set(FOR_INFORMATION)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("ground", "field"),
    [("law", "mail-contents"), ("order", "name"), ("a-fifth", "mail-contents"), ("law", "soul")],
)
def test_the_database_declares_nothing_on_another_ground(ground: str, field: str) -> None:
    court = Recipient.objects.get(key="court")
    with pytest.raises(IntegrityError), transaction.atomic():
        Declaration.objects.create(recipient=court, purpose="obey-law", ground=ground, field=field)


def entered(customer: Customer, carol: User, **other: Any) -> Disclosure:
    """Return a row of the register as it stands there after an approval, not written yet."""
    entry = an_entry(customer, carol)
    facts = {
        name: getattr(entry, name)
        for name in ("customer", "recipient", "party", "purpose", "ground", "fields", "reference")
    }
    facts |= {"entry": entry, "actor_kind": "staff", "actor_user": carol, "recorded_at": TODAY}
    return Disclosure(**{**facts, "telling": "now", **other})


def test_the_database_wants_the_second_person(alice: Customer, carol: User, dave: User) -> None:
    row = entered(alice, carol)
    entry = row.entry
    assert entry is not None
    rows = DisclosureEntry.objects.filter(pk=entry.pk)
    for decided in (
        {"state": "approved"},
        {"state": "approved", "decided_by": carol, "decided_at": TODAY},
        {"fields": "name"},
        {"telling": "barred", "barred_by": "a law"},
    ):
        with pytest.raises((IntegrityError, DatabaseError)), transaction.atomic():
            rows.update(**decided)
    for approver in (None, carol, dave):
        row.approved_by = approver
        with pytest.raises((IntegrityError, DatabaseError)), transaction.atomic():
            Disclosure.append(row)
    rows.update(state="approved", decided_by=dave, decided_at=TODAY)
    for name, value in (("fields", "name"), ("ground", "harm"), ("approved_by", carol)):
        other = entered(alice, carol, **{"entry": entry, "approved_by": dave, name: value})
        with pytest.raises((IntegrityError, DatabaseError)), transaction.atomic():
            Disclosure.append(other)
    Disclosure.append(entered(alice, carol, entry=entry, approved_by=dave))


def test_a_decided_entry_stays_as_it_is(alice: Customer, carol: User, dave: User) -> None:
    entry = an_entry(alice, carol)
    approve(entry=entry, actor=Actor.staff(dave))
    rows = DisclosureEntry.objects.filter(pk=entry.pk)
    with pytest.raises(DatabaseError, match="decided once"), transaction.atomic():
        rows.update(state="rejected")
    with pytest.raises(DatabaseError, match="stays"), transaction.atomic():
        rows._raw_delete(rows.db)


def test_what_is_told_at_once_is_seen_at_once(alice: Customer, bob: Customer) -> None:
    disclosure = given_by_staff(alice)
    assert visible(alice) == [disclosure]
    assert visible(bob) == []


def logged(customer: Customer) -> list[str]:
    """Return what the account log says of what was shared."""
    found = entries_of(customer, number=50, kinds=[LogKind.SHARED])
    return [entry.text for entry in found.entries]


def test_a_deferred_one_is_seen_from_its_day_on_without_any_job(
    alice: Customer, clock: Traveller
) -> None:
    given_by_staff(alice, telling=Telling.DEFERRED, tell_on=date(2027, 2, 1))
    assert (visible(alice), logged(alice)) == ([], [])
    # Midnight in the policy's own zone, New York.
    clock.move_to(TODAY.replace(month=2, day=1, hour=4, minute=59))
    assert (visible(alice), logged(alice)) == ([], [])
    clock.shift(timedelta(minutes=1))
    assert (len(visible(alice)), len(logged(alice))) == (1, 1)


def barred(customer: Customer) -> Disclosure:
    return given_by_staff(customer, telling=Telling.BARRED, barred_by="18 U.S.C. 2705(b)")


def test_a_barred_one_is_seen_nowhere_until_the_bar_is_lifted(
    alice: Customer, carol: User, clock: Traveller
) -> None:
    disclosure = barred(alice)
    clock.shift(5000 * DAY)
    assert visible(alice) == []
    assert [
        entry.text for entry in entries_of(alice, number=50).entries if "Court" in entry.text
    ] == []
    [holding] = [each for each in holdings() if each.key == "disclosures"]
    assert list(holding.rows(alice)) == []
    day = timezone.localdate() + timedelta(days=3)
    with refused_with(Reason.NO_REFERENCE):
        lift_bar(disclosure=disclosure, tell_on=day, reference="", actor=Actor.staff(carol))
    for _twice in range(2):
        lift_bar(disclosure=disclosure, tell_on=day, reference="Order 9", actor=Actor.staff(carol))
    with refused_with(Reason.BAR_LIFTED):
        lift_bar(disclosure=disclosure, tell_on=day + DAY, reference="x", actor=Actor.staff(carol))
    assert visible(alice) == []
    clock.shift(4 * DAY)
    assert visible(alice) == [disclosure]
    assert next(holding.rows(alice))["given_to"] == "Circuit Court of Multnomah County"
    assert any("Court" in entry.text for entry in entries_of(alice, number=50).entries)


def test_only_a_bar_is_lifted(alice: Customer, carol: User) -> None:
    disclosure = given_by_staff(alice)
    with refused_with(Reason.NOT_BARRED):
        lift_bar(
            disclosure=disclosure,
            tell_on=date(2027, 3, 1),
            reference="x",
            actor=Actor.staff(carol),
        )


def told(customer: Customer) -> int:
    return AccountEvent.objects.filter(customer=customer, kind="disclosure_told").count()


def test_the_customer_is_told_once_when_the_day_has_come(
    alice: Customer, bob: Customer, clock: Traveller
) -> None:
    given_by_staff(alice)
    given_by_staff(alice, telling=Telling.DEFERRED, tell_on=date(2027, 2, 1))
    barred(alice)
    assert tell_what_may_be_told() == 1
    assert tell_what_may_be_told() == 0
    assert (told(alice), told(bob)) == (1, 0)
    # The job was away for weeks, and nobody is passed over.
    clock.move_to(TODAY + 60 * DAY)
    assert tell_what_may_be_told() == 1
    assert told(alice) == 2
    assert DisclosureTold.objects.count() == 2
