"""Another e-mail address: proven by link, told to the old one, and cancelled from there."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse
from pytest_django import Settings
from time_machine import Traveller

from accounts.event_kinds import EventKind
from accounts.links import PURPOSE
from accounts.models import AccountEvent, AddressChange, Customer, ProfileChange, User
from accounts.profile_history import opened
from accounts.services.changing_address import let_address_changes_lapse
from accounts.services.erasing import erase_address_changes
from bizsecure.core.keyring import keyring
from tests.accounts.coming_in import is_signed_in
from tests.builders import TODAY
from tests.pages.browsing import (
    give_password,
    just_proven,
    sign_in,
    signed_in_as,
    stored,
    text,
)
from tests.postbox import Postbox

OLD, NEW, THIRD = "alice@example.com", "alice@elsewhere.example", "mallory@elsewhere.example"
PAGE = "/accounts/email/"
WEEK = timedelta(days=7)
LINK = re.compile(r"http://[^/\s]+(/accounts/(?:email/cancel|confirm-email)/\S+)")


@pytest.fixture(autouse=True)
def cheap_passwords(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ["tests.pages.hashing.CountingHasher"]


@pytest.fixture
def client(alice: Customer) -> Client:
    """Give the browser in which alice has just signed in with her password."""
    give_password(alice)
    client = Client()
    sign_in(client, alice)
    return client


def ask_for(client: Client, email: str) -> Any:
    return client.post(PAGE, {"action_add": "", "email": email})


def links_to(postbox: Postbox, address: str) -> list[str]:
    """Return the links that were mailed to this address, the oldest first."""
    return [
        found[1] for mail in postbox if mail.to == [address] for found in LINK.finditer(mail.body)
    ]


def prove(postbox: Postbox, address: str) -> None:
    Client().post(links_to(postbox, address)[-1])


def address_of(customer: Customer) -> tuple[str, str, list[str]]:
    """Return to which address we write, which one signs in, and which are known at all."""
    customer.refresh_from_db()
    known = EmailAddress.objects.filter(user=customer.user).order_by("pk")
    return (
        customer.email,
        User.objects.get(customer=customer).email,
        list(known.values_list("email", flat=True)),
    )


def events(customer: Customer) -> list[str]:
    kinds = AccountEvent.objects.filter(customer=customer, kind__startswith="address")
    return list(kinds.order_by("sequence").values_list("kind", flat=True))


def test_the_question_whether_it_is_still_you_comes_first(client: Client, clock: Traveller) -> None:
    assert client.get(PAGE).status_code == 200
    clock.shift(timedelta(minutes=6))
    asked = client.get(PAGE)
    assert asked.headers["Location"].startswith(reverse("account_reauthenticate"))
    assert ask_for(client, NEW).status_code == 403
    assert not AddressChange.objects.exists()


def test_the_old_address_stays_until_the_new_one_is_proven_and_is_told_at_once(
    client: Client, alice: Customer, postbox: Postbox
) -> None:
    ask_for(client, NEW)
    assert address_of(alice) == (OLD, OLD, [OLD, NEW])
    assert len(links_to(postbox, OLD)) == 1
    assert NEW not in next(mail.body for mail in postbox if mail.to == [OLD])
    prove(postbox, NEW)
    assert address_of(alice) == (NEW, NEW, [NEW])
    assert AddressChange.objects.get().proven_at == TODAY
    assert events(alice) == [EventKind.ADDRESS_CHANGE_REQUESTED, EventKind.ADDRESS_CHANGED]
    assert is_signed_in(client)


def test_asked_for_twice_it_is_one_change_and_one_mail_to_the_old_address(
    client: Client, alice: Customer, postbox: Postbox
) -> None:
    for email in (NEW, NEW.upper()):
        assert ask_for(client, email).status_code == 302
    assert AddressChange.objects.count() == 1
    assert len(links_to(postbox, OLD)) == 1


def test_the_same_address_in_other_letters_is_no_change(client: Client) -> None:
    assert 'class="errors"' in text(ask_for(client, OLD.upper()))
    assert not AddressChange.objects.exists()


def test_an_address_of_somebody_else_gets_the_same_answer(
    client: Client, alice: Customer, bob: Customer, postbox: Postbox
) -> None:
    answers = [ask_for(client, email) for email in ("nobody@example.com", bob.email)]
    assert {(answer.status_code, answer.headers["Location"]) for answer in answers} == {(302, PAGE)}
    assert len(links_to(postbox, OLD)) == 2
    prove(postbox, bob.email)
    assert address_of(alice)[:2] == (OLD, OLD)
    assert not AddressChange.objects.filter(proven_at__isnull=False).exists()


def test_opening_the_link_changes_nothing_and_names_nobody(
    client: Client, alice: Customer, postbox: Postbox
) -> None:
    ask_for(client, NEW)
    (link,) = links_to(postbox, OLD)
    before = stored()
    page = text(Client().get(link))
    assert Client().head(link).status_code == 200
    assert "Cancel the change" in page
    assert not [word for word in (OLD, NEW, "Alice", alice.number) if word in page]
    assert stored() == before


def test_cancelled_before_the_new_address_is_proven_the_change_is_dropped(
    client: Client, alice: Customer, postbox: Postbox
) -> None:
    ask_for(client, NEW)
    (link,) = links_to(postbox, OLD)
    page = text(Client().post(link))
    assert "Your address stays as it was, and everybody is signed out." in page
    assert f'href="{reverse("mfa_index")}"' in page
    assert address_of(alice) == (OLD, OLD, [OLD])
    prove(postbox, NEW)
    assert address_of(alice) == (OLD, OLD, [OLD])
    assert not is_signed_in(client)
    assert events(alice) == [
        EventKind.ADDRESS_CHANGE_REQUESTED,
        EventKind.ADDRESS_CHANGE_CANCELLED,
    ]


def test_cancelled_afterwards_the_old_address_is_back_and_everybody_is_out(
    client: Client, alice: Customer, postbox: Postbox, clock: Traveller
) -> None:
    ask_for(client, NEW)
    prove(postbox, NEW)
    clock.shift(WEEK - timedelta(seconds=1))
    alice.refresh_from_db()
    inside = Client()
    sign_in(inside, alice)
    assert is_signed_in(inside)
    link = links_to(postbox, OLD)[0]
    page = text(Client().post(link))
    assert "Your old address is back, and everybody is signed out." in page
    assert f'href="{reverse("account_reset_password")}"' in page
    assert f'href="{reverse("mfa_index")}"' in page
    assert "may have added a passkey of their own" in page
    assert address_of(alice) == (OLD, OLD, [OLD])
    assert EmailAddress.objects.get(verified=True, primary=True, user=alice.user).email == OLD
    assert not is_signed_in(inside)
    assert not is_signed_in(Client())
    sign_in(again := Client(), alice)
    assert not is_signed_in(again)
    history = opened(alice, ProfileChange.objects.filter(customer=alice).order_by("sequence"))
    emails = [(change.old, change.new) for change in history if change.field == "email"]
    assert emails[-2:] == [(OLD, NEW), (NEW, OLD)]
    assert events(alice)[-1] == EventKind.ADDRESS_PUT_BACK


def test_the_browser_that_is_signed_in_itself_gets_its_answer(
    client: Client, postbox: Postbox
) -> None:
    ask_for(client, NEW)
    prove(postbox, NEW)
    assert client.post(links_to(postbox, OLD)[0]).status_code == 200
    assert not is_signed_in(client)


@pytest.mark.parametrize("proven", [False, True])
def test_cancelled_twice_it_is_done_once(client: Client, postbox: Postbox, *, proven: bool) -> None:
    ask_for(client, NEW)
    if proven:
        prove(postbox, NEW)
    link = links_to(postbox, OLD)[0]
    first = text(Client().post(link))
    before = stored()
    for answer in (Client().post(link), Client().get(link)):
        assert answer.status_code == 200
        assert "The change is cancelled" in text(answer)
    assert "The change is cancelled" in first
    assert stored() == before


def test_who_took_an_account_cannot_take_it_back_by_a_link_of_their_own(
    client: Client, alice: Customer, postbox: Postbox
) -> None:
    ask_for(client, NEW)
    prove(postbox, NEW)
    ask_for(client, THIRD)
    prove(postbox, THIRD)
    assert address_of(alice) == (THIRD, THIRD, [THIRD])
    Client().post(links_to(postbox, OLD)[0])
    assert address_of(alice) == (OLD, OLD, [OLD])
    theirs = [link for link in links_to(postbox, NEW) if "/cancel/" in link]
    for link in theirs:
        assert Client().post(link).status_code == 200
    assert len(theirs) == 1
    assert address_of(alice) == (OLD, OLD, [OLD])


def test_an_address_asked_for_after_another_is_cancelled_by_the_link_of_either(
    client: Client, alice: Customer, postbox: Postbox
) -> None:
    ask_for(client, NEW)
    ask_for(client, THIRD)
    prove(postbox, THIRD)
    Client().post(links_to(postbox, OLD)[0])
    assert address_of(alice) == (OLD, OLD, [OLD])


@pytest.mark.parametrize("proven", [False, True])
def test_after_seven_days_the_link_says_so_and_changes_nothing(
    client: Client, postbox: Postbox, clock: Traveller, *, proven: bool
) -> None:
    ask_for(client, NEW)
    if proven:
        prove(postbox, NEW)
    clock.shift(WEEK)
    before = stored()
    link = links_to(postbox, OLD)[0]
    for answer in (Client().get(link), Client().post(link)):
        assert answer.status_code == 410
        assert "The seven days" in text(answer)
    assert stored() == before


def test_an_old_address_that_is_in_use_elsewhere_is_not_put_back(
    client: Client, alice: Customer, bob: Customer, postbox: Postbox
) -> None:
    ask_for(client, NEW)
    prove(postbox, NEW)
    EmailAddress.objects.create(user=bob.user, email=OLD, verified=True)
    before = stored()
    answer = Client().post(links_to(postbox, OLD)[0])
    assert answer.status_code == 409
    assert "in use elsewhere" in text(answer)
    assert stored() == before


def test_keeping_the_old_address_ends_the_change(client: Client, alice: Customer) -> None:
    ask_for(client, NEW)
    client.post(PAGE, {"action_remove": "", "email": NEW})
    assert AddressChange.objects.get().cancelled_at == TODAY
    assert events(alice)[-1] == EventKind.ADDRESS_CHANGE_CANCELLED


def test_a_change_that_nobody_proves_in_seven_days_lapses(
    client: Client, alice: Customer, postbox: Postbox, clock: Traveller, settings: Settings
) -> None:
    # A link that is made on the last day lasts no longer than the change it belongs to.
    settings.ACCOUNT_EMAIL_CONFIRMATION_EXPIRE_DAYS = 30
    ask_for(client, NEW)
    clock.shift(WEEK - timedelta(seconds=1))
    assert let_address_changes_lapse() == 0
    clock.shift(timedelta(seconds=1))
    prove(postbox, NEW)
    assert address_of(alice) == (OLD, OLD, [OLD, NEW])
    assert [let_address_changes_lapse() for _twice in range(2)] == [1, 0]
    assert address_of(alice) == (OLD, OLD, [OLD])
    prove(postbox, NEW)
    assert address_of(alice) == (OLD, OLD, [OLD])
    assert events(alice)[-1] == EventKind.ADDRESS_CHANGE_LAPSED


def test_asked_for_again_after_it_lapsed_it_can_be_proven(
    client: Client, alice: Customer, postbox: Postbox, clock: Traveller
) -> None:
    ask_for(client, NEW)
    clock.shift(WEEK)
    again = Client()
    sign_in(again, alice)
    ask_for(again, NEW)
    assert let_address_changes_lapse() == 1
    prove(postbox, NEW)
    assert address_of(alice) == (NEW, NEW, [NEW])


def test_staff_who_are_no_customers_get_the_link_that_cancels(
    carol: User, postbox: Postbox, clock: Traveller
) -> None:
    old = carol.email
    EmailAddress.objects.create(user=carol, email=old, primary=True, verified=True)
    theirs = just_proven(signed_in_as(carol))
    ask_for(theirs, NEW)
    prove(postbox, NEW)
    assert User.objects.get(pk=carol.pk).email == NEW
    (link,) = links_to(postbox, old)
    assert "Your old address is back" in text(Client().post(link))
    carol.refresh_from_db()
    assert (carol.email, carol.has_usable_password()) == (old, False)
    clock.shift(WEEK)
    let_address_changes_lapse()
    assert not AddressChange.objects.exists()


BAD = {
    "cut": lambda token: token[:-1],
    "cut in front": lambda token: token[1:],
    "lengthened": lambda token: token + "A",
    "twice": lambda token: token * 2,
    "padded": lambda token: token + "==",
    "other letters": str.swapcase,
    "other alphabet": lambda token: "+" + token[1:],
    "another spelling of its last bits": lambda token: token[:-1] + chr(ord(token[-1]) + 1),
    "of another purpose": lambda _: keyring().seal_link("choose", 1, 1),
    "of no change": lambda _: keyring().seal_link(PURPOSE, 10**9, 1),
    "too large": lambda _: keyring().seal_link(PURPOSE, 2**64 - 1, 2**64 - 1),
    "long": lambda _: "x" * 10_000,
    "empty letter": lambda _: "%00",
    "no utf-8": lambda _: "%ff",
}


@pytest.mark.parametrize("spoil", BAD.values(), ids=BAD)
def test_no_other_text_is_a_link(client: Client, postbox: Postbox, spoil: Any) -> None:
    ask_for(client, NEW)
    token = links_to(postbox, OLD)[0].rstrip("/").rpartition("/")[2]
    address = f"{PAGE}cancel/{spoil(token)}/"
    before = stored()
    for answer in (Client().get(address), Client().post(address)):
        assert answer.status_code == 404
        assert "We do not know this link" in text(answer)
    assert stored() == before


def test_a_link_does_not_stand_for_another_customer(
    client: Client, alice: Customer, bob: Customer
) -> None:
    ask_for(client, NEW)
    token = keyring().seal_link(PURPOSE, AddressChange.objects.get().pk, bob.pk)
    assert Client().post(f"{PAGE}cancel/{token}/").status_code == 404


def test_both_addresses_are_sealed_and_forgotten_with_the_account(
    client: Client, alice: Customer, postbox: Postbox
) -> None:
    ask_for(client, NEW)
    row: Any = AddressChange.objects.values("old_address", "new_address").get()
    assert not [value for value in row.values() if b"alice" in bytes(value)]
    link = links_to(postbox, OLD)[0]
    erase_address_changes(customer=alice, now=TODAY)
    assert Client().post(link).status_code == 404
