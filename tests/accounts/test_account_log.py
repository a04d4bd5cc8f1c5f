"""The account log: one line of time from the ledgers of all rooms (DATA-2)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from hypothesis import given
from hypothesis import strategies as st
from time_machine import Traveller

from accounts.account_log import (
    Before,
    LogKind,
    LogSource,
    Place,
    RegisteredTwice,
    entries_of,
    every_entry,
    register,
    sources,
)
from accounts.actors import SYSTEM, Actor
from accounts.asked_often import SOMEBODY
from accounts.event_kinds import SIGN_IN_KINDS, EventKind
from accounts.models import AccountEvent, Customer, User
from accounts.services.logging_events import record_event
from bizsecure.core.verifying import broken_rows
from consent.models import PolicyVersion
from tests.accounts.test_personal_information import change as change_details
from tests.builders import DAY, TODAY, say_no, tell

MINUTE = timedelta(minutes=1)


def happened(customer: Customer, *kinds: EventKind, actor: Actor = SYSTEM) -> None:
    for kind in kinds:
        record_event(customer=customer, kind=kind, actor=actor, now=TODAY)


def texts(customer: Customer, kinds: Sequence[LogKind] = ()) -> list[str]:
    return [entry.text for entry in entries_of(customer, number=50, kinds=kinds).entries]


@pytest.fixture
def lived(alice: Customer, change: PolicyVersion, clock: Traveller) -> Customer:
    """Give alice after something happened in every ledger, much of it in the same instant."""
    for _round in range(3):
        tell(alice, change)
        say_no(alice, change, "uptime-watch")
        change_details(alice, city=f"Trenton {_round}", name=f"Alice {_round}")
        happened(alice, EventKind.SIGNED_IN, EventKind.DOWNLOAD_MADE)
        if _round:
            clock.shift(MINUTE)
    return alice


def test_an_event_says_what_happened_with_the_facts_that_are_known(alice: Customer) -> None:
    record_event(
        customer=alice,
        kind=EventKind.FACTOR_ADDED,
        actor=Actor.customer(alice.user),
        now=TODAY,
        device="Firefox on Linux",
        subject="passkey",
    )
    entry = entries_of(alice, number=1).entries[0]
    assert entry.text == "A second step of the sign-in was added: passkey, Firefox on Linux."
    assert (entry.label, entry.icon, entry.who, entry.at) == ("Sign-in", "key", "you", TODAY)


@pytest.mark.parametrize("kind", EventKind)
def test_every_kind_of_event_reads_as_a_sentence(kind: EventKind) -> None:
    assert str(kind.label)[0].isupper()
    assert not str(kind.label).endswith(".")
    assert len(kind) <= AccountEvent._meta.get_field("kind").max_length  # type: ignore[operator]


def test_no_other_kind_is_written_down(alice: Customer) -> None:
    with pytest.raises(ValueError, match="went_away"):
        record_event(customer=alice, kind="went_away", actor=SYSTEM, now=TODAY)  # type: ignore[arg-type]


def test_events_are_chained(alice: Customer, bob: Customer) -> None:
    happened(alice, EventKind.SIGNED_IN, EventKind.SIGNED_OUT)
    happened(bob, EventKind.SIGNED_IN)
    places = AccountEvent.objects.order_by("pk").values_list("customer", "sequence")
    assert list(places) == [(alice.pk, 1), (alice.pk, 2), (bob.pk, 1)]
    assert list(broken_rows(AccountEvent)) == []


def test_staff_are_named_by_their_role(alice: Customer, carol: User) -> None:
    happened(alice, EventKind.ACCOUNT_SUSPENDED, actor=Actor.staff(carol))
    assert entries_of(alice, number=1).entries[0].who == "our staff"
    carol.groups.add(Group.objects.create(name="Billing desk"))
    assert entries_of(alice, number=1).entries[0].who == "our staff (Billing desk)"


@pytest.mark.parametrize("size", [1, 2, 3, 7, 50])
def test_pages_of_any_size_give_the_same_log(lived: Customer, size: int) -> None:
    whole = list(every_entry(lived))
    assert len(whole) == 14
    assert [entry.place for entry in whole] == sorted((e.place for e in whole), reverse=True)
    paged, before = [], None
    while True:
        page = entries_of(lived, number=size, before=before)
        paged += page.entries
        if page.older is None:
            break
        before = Place.read(str(page.older))
    assert paged == whole


@pytest.mark.parametrize("kind", LogKind)
def test_a_filter_gives_what_the_whole_log_has_of_it(lived: Customer, kind: LogKind) -> None:
    whole = [entry for entry in every_entry(lived) if entry.kind == kind]
    assert entries_of(lived, number=50, kinds=[kind]).entries == whole


def test_a_range_of_time_begins_and_ends_where_it_says(lived: Customer) -> None:
    whole = list(every_entry(lived))
    found = list(every_entry(lived, before=Place(TODAY + MINUTE), since=TODAY))
    assert found == [entry for entry in whole if TODAY <= entry.at < TODAY + MINUTE]
    assert not entries_of(lived, number=50, since=TODAY + DAY).entries


def test_what_was_saved_together_is_one_line(alice: Customer) -> None:
    change_details(alice, city="Trenton", street="1 Elm Street", name="Alice Brown")
    change_details(alice, postal_city="Camden")
    assert texts(alice, [LogKind.COLLECTED]) == [
        "You changed your postal address.",
        "You changed your billing address and name.",
    ]


def test_nobody_reads_another_log(lived: Customer, bob: Customer) -> None:
    assert texts(bob) == ["You joined under version 1 of our privacy policy."]


@given(st.text() | st.from_regex(r"-?\d{1,30}\.[a-z]{0,8}\.-?\d{1,30}"))
def test_a_place_that_was_not_written_by_us_is_none_or_itself(written: str) -> None:
    place = Place.read(written)
    assert place is None or str(place) == written


def test_a_source_has_a_key_of_its_own() -> None:
    with pytest.raises(RegisteredTwice):
        register(sources()[0])
    with pytest.raises(ValueError, match="no key"):
        register(LogSource("no key", frozenset(), sources()[0].rows, sources()[0].entries))


def test_sign_in_kinds_are_kinds() -> None:
    assert set(EventKind) > SIGN_IN_KINDS


def test_no_source_asks_by_the_clock_or_by_anything_but_the_key_of_the_customer(
    alice: Customer, clock: Traveller
) -> None:
    """Its statement is kept: it must be the same later on, and for whoever asks."""

    def statements() -> dict[str, object]:
        return {
            each.key: each.rows(
                SOMEBODY, Before(source=each.key, as_of=TODAY.date())
            ).query.sql_with_params()
            for each in sources()
        }

    before = statements()
    clock.shift(400 * DAY)
    assert statements() == before
