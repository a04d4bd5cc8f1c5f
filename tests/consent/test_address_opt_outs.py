"""A no that belongs to an address: it outlives accounts, imports and changes of address."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction
from time_machine import Traveller

from accounts.actors import SYSTEM, Actor
from accounts.models import Customer
from bizsecure.core.errors import Refused
from consent.gate import Ground, allowing, may_use
from consent.models import AddressOptOut, Choice, PolicyVersion
from consent.reasons import Reason
from consent.services.choosing import set_switches
from consent.services.opting_out import record_address_opt_out, remember_refusals
from consent.standing import standings
from tests.builders import DAY, joined, say_no, say_yes

ADDRESS = "dora@example.com"


def opt_out(address: str = ADDRESS, *uses: str) -> list[AddressOptOut]:
    return record_address_opt_out(
        address=address,
        uses=uses or ("product-news",),
        method=Choice.Method.MAIL_LINK,
        actor=Actor.customer(),
    )


def imported(email: str = ADDRESS) -> Customer:
    """Return somebody who came into the table by no service of ours."""
    return Customer.objects.bulk_create([Customer(name="Dora Dean", email=email)])[0]


def is_allowed(customer: Customer, use: str = "product-news") -> bool:
    """Return what the gate says, asked both ways."""
    one = may_use(customer, use).allowed
    assert one == allowing(use).filter(pk=customer.pk).exists()
    return one


def switch(customer: Customer, *, on: bool) -> None:
    set_switches(
        customer=customer, switches={"product-news": on}, actor=Actor.customer(customer.user)
    )


def test_an_address_nobody_has_can_be_opted_out(policy: PolicyVersion) -> None:
    opt_out()
    assert [row.use.key for row in AddressOptOut.objects.all()] == ["product-news"]
    assert "dora" not in str(vars(AddressOptOut.objects.get()))


def test_it_holds_for_whoever_is_imported_with_the_address_later(policy: PolicyVersion) -> None:
    opt_out()
    dora = imported("DORA@example.com")
    assert not is_allowed(dora)
    assert may_use(dora, "product-news").ground == Ground.REFUSED


def test_it_holds_for_whoever_signs_up_with_the_address_and_leaves_it_again(
    policy: PolicyVersion,
) -> None:
    opt_out()
    dora = joined("Dora Dean", email=ADDRESS)
    dora.email = "dean@example.com"
    dora.save(update_fields=["email"])
    assert not is_allowed(dora)
    assert Choice.objects.get(customer=dora).method == Choice.Method.EARLIER


def test_it_is_the_no_of_everybody_who_has_the_address_now(
    alice: Customer, bob: Customer, policy: PolicyVersion
) -> None:
    Customer.objects.filter(pk=bob.pk).update(email=alice.email)
    opt_out(alice.email)
    assert not is_allowed(alice)
    assert not is_allowed(bob)
    assert Choice.objects.filter(decision="refused").count() == 2


def test_nobody_else_is_concerned(alice: Customer, policy: PolicyVersion) -> None:
    opt_out()
    assert is_allowed(alice)


def test_a_younger_yes_outweighs_it(policy: PolicyVersion, clock: Traveller) -> None:
    opt_out()
    dora = imported()
    clock.shift(DAY)
    switch(dora, on=True)
    assert is_allowed(dora)
    assert next(each for each in standings(dora) if each.use_key == "product-news").allowed
    clock.shift(DAY)
    opt_out()
    assert not is_allowed(dora)


def test_an_older_yes_does_not(alice: Customer, policy: PolicyVersion, clock: Traveller) -> None:
    say_no(alice, policy, "product-news")
    say_yes(alice, policy, "product-news")
    clock.shift(DAY)
    opt_out()
    alice.email = ADDRESS
    alice.save(update_fields=["email"])
    assert not is_allowed(alice)
    clock.shift(DAY)
    switch(alice, on=True)
    assert is_allowed(alice)


def test_the_page_of_choices_shows_the_switch_off_and_why(
    policy: PolicyVersion, clock: Traveller
) -> None:
    opt_out()
    standing = next(each for each in standings(imported()) if each.use_key == "product-news")
    assert not standing.allowed
    assert standing.since == (
        "Your e-mail address was opted out on 4 January 2027, by the link in a mail"
    )


def test_recording_it_twice_adds_nothing(alice: Customer, policy: PolicyVersion) -> None:
    assert len(opt_out(alice.email)) == 1
    assert opt_out(alice.email.upper()) == []
    assert Choice.objects.count() == 1


def test_every_no_of_a_customer_can_be_left_to_the_address(
    alice: Customer, change: PolicyVersion, clock: Traveller
) -> None:
    say_no(alice, change, "product-news")
    say_no(alice, change, "uptime-watch")
    say_yes(alice, change, "uptime-watch")
    remember_refusals(customer=alice)
    remember_refusals(customer=alice)
    assert [row.use.key for row in AddressOptOut.objects.all()] == ["product-news"]


@pytest.mark.parametrize(
    ("use", "reason"),
    [("run-account", Reason.NO_CHOICE_TO_MAKE), ("no-such-use", Reason.UNDECLARED)],
)
def test_what_is_needed_or_unknown_is_refused(
    policy: PolicyVersion, use: str, reason: Reason
) -> None:
    with pytest.raises(Refused) as refused:
        opt_out(ADDRESS, use)
    assert refused.value.reason == reason


def test_a_closing_account_is_used_for_nothing_but_what_is_needed(
    alice: Customer, policy: PolicyVersion
) -> None:
    Customer.objects.filter(pk=alice.pk).update(status=Customer.Status.CLOSING)
    assert not is_allowed(alice)
    assert is_allowed(alice, "run-account")


@pytest.mark.parametrize(
    "change",
    ["email = 'other@example.com'", "email = ''", "address_digest = NULL"],
)
def test_no_statement_parts_an_address_from_its_digest(alice: Customer, change: str) -> None:
    statement = f"UPDATE accounts_customer SET {change}, email_verified_at = NULL"
    with (
        pytest.raises(DatabaseError, match="digest"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_an_update_changes_the_digest_along(alice: Customer) -> None:
    Customer.objects.filter(pk=alice.pk).update(email=ADDRESS)
    assert Customer.objects.with_address("Dora@Example.com").get() == alice
    Customer.objects.filter(pk=alice.pk).update(email="", email_verified_at=None)
    assert Customer.objects.get(pk=alice.pk).address_digest is None


def test_the_portal_may_act_without_anybody(policy: PolicyVersion) -> None:
    rows = record_address_opt_out(
        address=ADDRESS, uses=["product-news"], method=Choice.Method.STAFF, actor=SYSTEM
    )
    assert [row.actor_kind for row in rows] == ["system"]
