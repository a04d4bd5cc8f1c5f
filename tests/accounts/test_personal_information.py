"""What customers tell us about themselves: how it is saved, recorded and checked (OPT-3)."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

import phonenumbers
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from time_machine import Traveller

from accounts.actors import SYSTEM, Actor
from accounts.forms import PersonalInformationForm
from accounts.models import Address, Customer, ProfileChange, User
from accounts.services.opening import record_proven_address
from accounts.services.personal import (
    Reason,
    personal_details,
    postal_address,
    update_personal_information,
)
from bizsecure.core.errors import Refused
from bizsecure.core.verifying import broken_rows
from tests.builders import DAY, TODAY
from tests.pages.conftest import DETAILS

HOME: dict[str, Any] = {
    "street": "77 Foundry Row",
    "city": "Hobokenville",
    "postcode": "07099",
    "country": "US",
}
INVISIBLE = {
    "zero": "\0",
    "line feed": "\n",
    "carriage return": "\r",
    "tabulator": "\t",
    "escape": "\x1b",
    "next line": "\x85",
    "line separator": "\N{LINE SEPARATOR}",
    "zero width space": "\N{ZERO WIDTH SPACE}",
    "soft hyphen": "\N{SOFT HYPHEN}",
    "right-to-left override": "\N{RIGHT-TO-LEFT OVERRIDE}",
    "isolate": "\N{FIRST STRONG ISOLATE}",
    "byte order mark": "\N{ZERO WIDTH NO-BREAK SPACE}",
    "half of a pair": "\ud800",
    "private use": "\ue000",
}
LINES = ("name", "telephone", "street", "extra", "city", "region", "postcode")


def change(customer: Customer, *, revision: int | None = None, **differing: str) -> set[str]:
    """Save what is known with some details differing, as somebody who sees the newest page."""
    customer.refresh_from_db()
    return update_personal_information(
        customer=customer,
        details=replace(personal_details(customer), **differing),
        revision=customer.revision if revision is None else revision,
        actor=Actor.customer(customer.user),
    )


def history(customer: Customer) -> list[str]:
    """Return the fields that the customer's ledger names, in its order."""
    rows = ProfileChange.objects.filter(customer=customer).order_by("sequence")
    return list(rows.values_list("field", flat=True))


def a_form(**typed: str) -> PersonalInformationForm:
    """Return the form as a browser sends it, empty but for a name and what is typed."""
    sent = {
        "name": "Alice Adams",
        "time_zone": "America/New_York",
        "language": "en",
        "revision": "0",
    }
    return PersonalInformationForm({**sent, **typed})


def test_what_is_saved_is_what_is_known_then(alice: Customer) -> None:
    changed = change(alice, name="Alice Brown", telephone="+1 201-555-0142", **HOME)
    assert changed == {"name", "telephone", *HOME}
    alice.refresh_from_db()
    assert asdict(personal_details(alice)) == {
        **dict.fromkeys(asdict(DETAILS), ""),
        "name": "Alice Brown",
        "telephone": "+1 201-555-0142",
        "time_zone": "America/New_York",
        "language": "en",
        **HOME,
    }


def test_the_history_names_each_changed_field_once_and_no_value(
    alice: Customer, clock: Traveller
) -> None:
    clock.move_to(TODAY + DAY)
    change(alice, street="77 Foundry Row", telephone="+1 201-555-0142")
    assert history(alice) == ["street", "telephone"]
    for row in ProfileChange.objects.filter(customer=alice):
        assert (row.actor_kind, row.actor_user_id) == ("customer", alice.user_id)
        assert row.recorded_at == TODAY + DAY
    held = repr(list(ProfileChange.objects.values()))
    assert "Foundry" not in held
    assert "5550142" not in held
    assert list(broken_rows(ProfileChange)) == []


def test_the_history_says_who_acted(alice: Customer) -> None:
    for actor, city in [(Actor.customer(alice.user), "Trenton"), (SYSTEM, "Camden")]:
        details = replace(personal_details(alice), city=city)
        alice.refresh_from_db()
        update_personal_information(
            customer=alice, details=details, revision=alice.revision, actor=actor
        )
    rows = ProfileChange.objects.filter(customer=alice).order_by("sequence")
    actors = list(rows.values_list("actor_kind", "actor_user"))
    assert actors == [("customer", alice.user_id), ("system", None)]


def test_saving_what_is_known_already_writes_nothing(alice: Customer) -> None:
    change(alice, **HOME)
    with CaptureQueriesContext(connection) as asked:
        assert change(alice) == set()
    written = [q["sql"] for q in asked if q["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]
    assert written == []
    assert history(alice) == sorted(HOME)


def test_details_sent_twice_are_saved_once(alice: Customer) -> None:
    seen = Customer.objects.get(pk=alice.pk).revision
    assert change(alice, revision=seen, **HOME) == set(HOME)
    assert change(alice, revision=seen, **HOME) == set()
    assert history(alice) == sorted(HOME)
    assert Address.objects.filter(customer=alice).count() == 1


def test_an_editor_who_was_overtaken_changes_nothing(alice: Customer) -> None:
    seen = Customer.objects.get(pk=alice.pk).revision
    change(alice, city="Trenton")
    with pytest.raises(Refused) as refused:
        change(alice, revision=seen, city="Camden", name="Alice Brown")
    assert refused.value.reason is Reason.CHANGED_MEANWHILE
    assert refused.value.facts == {}
    alice.refresh_from_db()
    assert (alice.name, personal_details(alice).city) == ("Alice Adams", "Trenton")
    assert history(alice) == ["city"]


def test_what_another_editor_changed_stays_where_this_one_did_not_touch_it(
    alice: Customer,
) -> None:
    stale = Customer.objects.get(pk=alice.pk)
    seen = personal_details(stale)
    change(alice, name="Alice Brown", telephone="+1 201-555-0142")
    changed = update_personal_information(
        customer=stale, details=replace(seen, city="Camden"), revision=stale.revision, actor=SYSTEM
    )
    assert changed == {"city"}
    now = personal_details(Customer.objects.get(pk=alice.pk))
    assert (now.name, now.telephone, now.city) == ("Alice Brown", "+1 201-555-0142", "Camden")


def test_two_editors_do_not_make_one_address_of_two(alice: Customer) -> None:
    change(alice, **HOME)
    stale = Customer.objects.get(pk=alice.pk)
    seen = personal_details(stale)
    change(alice, street="1 Elm Street", city="Trenton")
    with pytest.raises(Refused):
        update_personal_information(
            customer=stale,
            details=replace(seen, postcode="08608"),
            revision=stale.revision,
            actor=SYSTEM,
        )


def test_a_revision_that_is_still_to_come_was_seen_by_nobody(alice: Customer) -> None:
    with pytest.raises(Refused):
        change(alice, revision=alice.revision + 1, city="Camden")


def test_what_is_emptied_is_known_no_longer(alice: Customer) -> None:
    change(alice, telephone="+1 201-555-0142", **HOME)
    nothing: dict[str, Any] = dict.fromkeys({"telephone", *HOME}, "")
    assert change(alice, **nothing) == {"telephone", *HOME}
    address = postal_address(alice)
    assert address is None


def test_one_customers_change_leaves_another_as_they_were(alice: Customer, bob: Customer) -> None:
    before = personal_details(bob)
    change(alice, **HOME)
    bob.refresh_from_db()
    assert personal_details(bob) == before
    assert history(bob) == []


def test_an_address_somebody_proved_is_the_one_we_write_to(
    alice: Customer, clock: Traveller
) -> None:
    assert alice.user is not None
    revision = alice.revision
    clock.move_to(TODAY + DAY)
    record_proven_address(user=alice.user, email="adams@example.com")
    alice.refresh_from_db()
    assert (alice.email, alice.email_verified_at) == ("adams@example.com", TODAY + DAY)
    assert alice.revision == revision + 1
    assert history(alice) == ["email"]


def test_an_address_proved_twice_is_recorded_once(alice: Customer, clock: Traveller) -> None:
    assert alice.user is not None
    for day in (1, 2):
        clock.move_to(TODAY + day * DAY)
        record_proven_address(user=alice.user, email="adams@example.com")
    alice.refresh_from_db()
    assert alice.email_verified_at == TODAY + DAY
    assert history(alice) == ["email"]


def test_an_address_proved_by_somebody_who_is_no_customer_changes_nobody(
    alice: Customer, carol: User
) -> None:
    record_proven_address(user=carol, email=carol.email)
    assert not Customer.objects.filter(email=carol.email).exists()


@pytest.mark.parametrize(
    ("typed", "country", "kept"),
    [
        ("201 555 0123", "US", "+1 201-555-0123"),
        ("020 7946 0958", "GB", "+44 20 7946 0958"),
        ("030/901820", "DE", "+49 30 901820"),
        ("01 42 68 53 00", "FR", "+33 1 42 68 53 00"),
        ("06 6982", "IT", "+39 06 6982"),
        ("911234567", "ES", "+34 911 23 45 67"),
        ("03-1234-5678", "JP", "+81 3-1234-5678"),
        ("(02) 9374 4000", "AU", "+61 2 9374 4000"),
        ("(11) 2345-6789", "BR", "+55 11 2345-6789"),
        ("044 668 18 00", "CH", "+41 44 668 18 00"),
        ("+44 20 7946 0958", "US", "+44 20 7946 0958"),
        ("+1 201 555 0123", "", "+1 201-555-0123"),
    ],
)
def test_a_number_is_kept_as_one_dials_it_from_anywhere(
    typed: str, country: str, kept: str
) -> None:
    form = a_form(telephone=typed, country=country)
    assert form.is_valid(), form.errors
    assert form.details.telephone == kept
    again = a_form(telephone=kept, country=country)
    assert again.is_valid(), again.errors
    assert again.details.telephone == kept


COUNTRIES_WITH_TELEPHONES = (
    *("AE", "AR", "AT", "AU", "BE", "BG", "BR", "CA", "CH", "CL", "CN", "CO", "CZ", "DE"),
    *("DK", "EG", "ES", "FI", "FR", "GB", "GR", "HK", "HU", "ID", "IE", "IL", "IN", "IT"),
    *("JP", "KE", "KR", "MX", "NG", "NL", "NO", "NZ", "PL", "PT", "SE", "TR", "US", "ZA"),
)


@pytest.mark.parametrize("country", COUNTRIES_WITH_TELEPHONES)
def test_a_number_of_any_country_is_taken_as_it_is_written_there(country: str) -> None:
    example = phonenumbers.example_number(country)
    assert example is not None
    at_home = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.NATIONAL)
    abroad = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    for typed in (at_home, abroad):
        form = a_form(telephone=typed, country=country)
        assert form.is_valid(), form.errors
        assert form.details.telephone == abroad


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("name", ""),
        ("name", "   "),
        ("name", "x" * 201),
        ("telephone", "call me"),
        ("telephone", "12"),
        ("telephone", "+999 1234567"),
        ("telephone", "0201 555 0123 4567 8901 2345 6789 0123 4"),
        ("postcode", "1" * 21),
        ("country", "Atlantis"),
        ("country", "XX"),
        ("time_zone", ""),
        ("time_zone", "Mars/Olympus_Mons"),
        ("time_zone", "../../etc/passwd"),
        ("revision", ""),
        ("revision", "-1"),
        ("revision", "one"),
    ],
)
def test_nonsense_is_refused_at_its_field(field: str, typed: str) -> None:
    assert list(a_form(**{field: typed}).errors) == [field]


@pytest.mark.parametrize("field", LINES)
@pytest.mark.parametrize("character", INVISIBLE.values(), ids=INVISIBLE)
def test_characters_that_cannot_be_seen_are_refused_in_every_line(
    field: str, character: str
) -> None:
    typed = {"telephone": f"+1 201{character}5550123"}.get(field, f"ab{character}cd")
    assert list(a_form(**{field: typed}).errors) == [field]


@pytest.mark.parametrize(
    "name",
    [
        "Zoë Brontë-Müller",
        "李小龍",
        "مريم",
        "X Æ A-12",
        "می‌خواهم",
        "Ng",
        "👩‍🚀 Ltd",
        "<b>&amp;</b>",
    ],
)
def test_names_of_the_world_are_kept_as_they_are_written(name: str, alice: Customer) -> None:
    form = a_form(name=name)
    assert form.is_valid(), form.errors
    change(alice, name=form.details.name)
    assert Customer.objects.get(pk=alice.pk).name == name
