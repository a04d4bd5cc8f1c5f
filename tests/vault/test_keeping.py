"""A card comes, is checked, and goes: through services alone (SEC-1, THIRD-1)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from pytest_django import Settings
from time_machine import Traveller

from accounts.actors import SYSTEM, Actor
from accounts.models import Customer
from bizsecure.core.errors import Refused
from bizsecure.core.verifying import broken_rows
from bizsecure.local.acquirer import Acquirer
from bizsecure.store.services.checking_cards import ask_about_open_checks, look_into_check
from bizsecure.vault import wallet
from bizsecure.vault.cards import Brand, CardState, SecurityCode
from bizsecure.vault.models import Card, CardEvent
from bizsecure.vault.reasons import Reason
from bizsecure.vault.services.adding import MOST_CARDS, MOST_REFUSALS_A_DAY, add_card
from bizsecure.vault.services.expiring import note_expiring
from bizsecure.vault.services.removing import (
    erase_cards,
    forget_needless_cards,
    remove_card,
)
from consent.models import Disclosure, DisclosureOutcome, GrantUse
from consent.reasons import Reason as RegisterReason
from tests.builders import DAY, LONG_AGO, RUN_ACCOUNT, first_policy, joined
from tests.paying import (
    ANSWERED_LATE,
    CODE,
    CONFIRMED,
    HOLDER,
    MASTERCARD,
    NOT_HEARD,
    REFUSED,
    VISA,
    a_card,
    details,
)


def add(customer: Customer, number: str = VISA) -> Card:
    return add_card(
        customer=customer,
        details=details(number),
        code=SecurityCode.typed(CODE, Brand.VISA),
        actor=Actor.customer(customer.user),
    )


def kinds(customer: Customer) -> list[str]:
    rows = CardEvent.objects.filter(customer=customer).order_by("sequence")
    return list(rows.values_list("kind", flat=True))


def outcomes() -> list[str]:
    return list(DisclosureOutcome.objects.order_by("pk").values_list("outcome", flat=True))


def test_a_card_that_is_good_can_be_paid_with(alice: Customer, acquirer: Acquirer) -> None:
    card = add(alice)
    assert card.is_ready
    assert (card.brand, card.last_four, card.label) == ("visa", "4242", "Visa ending in 4242")
    assert (card.holder, card.sealed_number) == (HOLDER, VISA)
    assert kinds(alice) == ["added", "accepted"]
    today = timezone.now().date()
    assert [each.uid for each in wallet.cards_to_pay_with(alice, today)] == [card.uid]


def test_the_register_holds_what_the_card_company_was_told(
    alice: Customer, acquirer: Acquirer
) -> None:
    add(alice)
    row = Disclosure.objects.get()
    assert (row.customer, row.recipient.key, row.party) == (
        alice,
        "card-company",
        "the sandbox acquirer",
    )
    assert row.fields == "billing-address,card,name"
    assert GrantUse.objects.filter(disclosure=row).exists()
    assert outcomes() == ["delivered"]


def test_without_a_use_in_the_policy_no_card_leaves(
    db: None, clock: Traveller, acquirer: Acquirer
) -> None:
    first_policy(RUN_ACCOUNT)
    dora = joined("Dora Dean", at=LONG_AGO)
    with pytest.raises(Refused) as refused:
        add(dora)
    assert refused.value.reason is RegisterReason.GATE_SAYS_NO
    assert acquirer.book.find(f"verify-{Card.objects.get().open_check.key}") is None


def test_a_card_that_is_refused_is_forgotten_at_once(alice: Customer, acquirer: Acquirer) -> None:
    card = add(alice, REFUSED)
    assert card.is_refused
    assert (card.sealed_number, card.holder) == (None, None)
    assert card.last_four == REFUSED[-4:]
    assert "gave no reason" in card.why_refused
    assert kinds(alice) == ["added", "refused"]


def test_a_card_added_twice_is_one_card_and_asked_about_once(
    alice: Customer, acquirer: Acquirer
) -> None:
    assert add(alice) == add(alice)
    assert Card.objects.count() == acquirer.book.count("verify") == 1


def test_the_same_card_of_two_customers_is_two_cards(
    alice: Customer, bob: Customer, acquirer: Acquirer
) -> None:
    assert add(alice) != add(bob)


def test_a_card_with_another_date_is_refused_with_what_to_do(
    alice: Customer, acquirer: Acquirer, clock: Traveller
) -> None:
    add(alice)
    clock.shift(365 * DAY)
    with pytest.raises(Refused) as refused:
        add(alice)
    assert refused.value.reason is Reason.OTHER_DATE


def test_a_damaged_card_keeps_nobody_from_adding_one(alice: Customer, acquirer: Acquirer) -> None:
    card = add(alice)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE vault_card SET sealed_number = %s", [b"S1xxxxnonsense-nonsense"])
    assert add(alice) != card


def test_nobody_tries_stolen_cards_here(alice: Customer, acquirer: Acquirer) -> None:
    for _each in range(MOST_REFUSALS_A_DAY):
        assert add(alice, REFUSED).is_refused
    with pytest.raises(Refused) as refused:
        add(alice)
    assert refused.value.reason is Reason.TOO_MANY_TRIES


def test_a_wallet_has_an_end(alice: Customer, settings: Settings) -> None:
    Card.objects.bulk_create(
        Card(customer=alice, added_at=timezone.now()) for _each in range(MOST_CARDS)
    )
    with pytest.raises(Refused) as refused:
        add(alice)
    assert refused.value.reason is Reason.TOO_MANY_CARDS


def test_a_card_waits_for_its_customer_to_confirm_it(
    alice: Customer, acquirer: Acquirer, clock: Traveller
) -> None:
    card = add(alice, CONFIRMED)
    assert card.is_confirming
    assert card.confirm_url.startswith(acquirer.url)
    acquirer.book.confirm(card.reference, agrees=True)
    clock.shift(timedelta(minutes=5))
    assert ask_about_open_checks() == 1
    card.refresh_from_db()
    assert card.is_ready
    assert card.confirm_url == ""
    assert ask_about_open_checks() == 0


def test_a_card_that_its_customer_denies_is_forgotten(alice: Customer, acquirer: Acquirer) -> None:
    card = add(alice, CONFIRMED)
    acquirer.book.confirm(card.reference, agrees=False)
    look_into_check(key=card.open_check.key, now=timezone.now())
    ask_about_open_checks()
    card.refresh_from_db()
    assert card.is_refused
    assert card.sealed_number is None


def test_an_answer_that_comes_too_late_is_asked_for_and_not_asked_anew(
    alice: Customer, acquirer: Acquirer, clock: Traveller
) -> None:
    card = add(alice, ANSWERED_LATE)
    assert card.is_checking
    assert outcomes() == ["unknown"]
    clock.shift(timedelta(minutes=1))
    assert ask_about_open_checks() == 1
    card.refresh_from_db()
    assert card.is_ready
    assert acquirer.book.count("verify") == 1


def test_a_check_that_never_arrived_ends_with_a_word_to_the_customer(
    alice: Customer, acquirer: Acquirer, clock: Traveller
) -> None:
    card = add(alice, NOT_HEARD)
    clock.shift(timedelta(minutes=1))
    ask_about_open_checks()
    card.refresh_from_db()
    assert card.is_refused
    assert "enter the card again" in card.why_refused
    assert kinds(alice) == ["added", "unchecked"]


def test_a_card_company_that_is_away_is_asked_later(
    alice: Customer, settings: Settings, clock: Traveller
) -> None:
    card = add(alice)
    assert card.is_checking
    for _each in range(3):
        clock.shift(timedelta(minutes=1))
        assert ask_about_open_checks() == 1
    clock.shift(DAY)
    assert forget_needless_cards() == 1
    card.refresh_from_db()
    assert (card.state, card.sealed_number) == (CardState.REMOVED, None)


def test_a_worker_killed_before_it_asked_leaves_a_card_that_is_asked_about(
    alice: Customer, acquirer: Acquirer, clock: Traveller
) -> None:
    card = a_card(alice)
    Card.objects.filter(pk=card.pk).update(state=CardState.CHECKING, due_at=timezone.now())
    assert ask_about_open_checks() == 1
    card.refresh_from_db()
    assert card.is_refused


def test_removing_a_card_forgets_its_number_once(alice: Customer) -> None:
    card = a_card(alice)
    for _each in range(2):
        remove_card(card=card, actor=Actor.customer(alice.user))
    card.refresh_from_db()
    assert (card.state, card.sealed_number, card.holder) == (CardState.REMOVED, None, None)
    assert kinds(alice) == ["added", "accepted", "removed"]


def test_a_late_answer_brings_no_removed_card_back(alice: Customer, acquirer: Acquirer) -> None:
    card = add(alice, CONFIRMED)
    remove_card(card=card, actor=SYSTEM)
    acquirer.book.confirm(card.reference, agrees=True)
    look_into_check(key=card.open_check.key, now=timezone.now())
    assert ask_about_open_checks() == 0
    card.refresh_from_db()
    assert card.state == CardState.REMOVED


@pytest.mark.parametrize(
    ("after", "kind"), [(timedelta(days=401), "unused"), (timedelta(days=3 * 365), "expired")]
)
def test_numbers_go_when_they_are_needed_no_longer(
    alice: Customer, clock: Traveller, after: timedelta, kind: str
) -> None:
    a_card(alice, VISA)
    assert forget_needless_cards() == 0
    clock.shift(after)
    kept = a_card(alice, MASTERCARD)
    assert (forget_needless_cards(), forget_needless_cards()) == (1, 0)
    assert kinds(alice)[-1] == kind
    assert list(Card.objects.held()) == [kept]


def test_a_card_about_to_expire_is_found_once(alice: Customer, clock: Traveller) -> None:
    card = a_card(alice)
    assert wallet.expiring_cards(timezone.now().date()) == []
    assert card.expiry is not None
    clock.move_to(timezone.now().replace(year=card.expiry.year, month=3, day=5))
    [(customer, found)] = wallet.expiring_cards(timezone.now().date())
    assert (customer, found.uid) == (alice, card.uid)
    assert (note_expiring(uid=card.uid), note_expiring(uid=card.uid)) == (True, False)
    assert wallet.expiring_cards(timezone.now().date()) == []


def test_erasing_an_account_leaves_nothing_of_a_card(alice: Customer) -> None:
    card = a_card(alice)
    for _each in range(2):
        erase_cards(customer=alice, now=timezone.now())
    card.refresh_from_db()
    assert card.sealed_number is card.holder is card.expiry is None
    assert (card.brand, card.last_four) == ("", "")
    assert list(broken_rows(CardEvent)) == []


@pytest.mark.parametrize(
    "change",
    [
        "state = 'removed'",
        "state = 'refused'",
        "state = 'nonsense'",
        "last_four = ''",
        "month = 13",
        "sealed_number = NULL",
        "customer_id = customer_id + 1",
    ],
)
def test_the_database_itself_holds_what_a_card_is(alice: Customer, change: str) -> None:
    a_card(alice)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE vault_card SET {change}")


@pytest.mark.parametrize("change", ["sealed_number = %s", "state = 'ready', sealed_number = %s"])
def test_a_forgotten_number_does_not_come_back(alice: Customer, change: str) -> None:
    card = a_card(alice)
    remove_card(card=card, actor=SYSTEM)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE vault_card SET {change}", [b"anything"])
