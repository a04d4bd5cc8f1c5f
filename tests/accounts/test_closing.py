"""Closing an account: what stands in the way, the days to think again, and what erasing leaves."""

from __future__ import annotations

import pytest
from django.db import connection
from time_machine import Traveller

from accounts import holdings
from accounts.actors import SYSTEM, Actor
from accounts.holdings import Holding, Obstacle
from accounts.models import Closing, Customer
from accounts.services import closing as service
from accounts.services.closing import (
    TIME_TO_THINK,
    Reason,
    carry_out,
    due_closings,
    erase_account,
    may_be_erased,
    request_closing,
    undo_closing,
)
from accounts.services.erasing import keep
from bizsecure.core.errors import Refused
from bizsecure.core.ledger import LedgerRow
from bizsecure.core.verifying import broken_rows
from consent.gate import may_use
from consent.models import PolicyVersion
from tests.builders import INSTANT, joined, prove_address, say_no, say_yes

Status = Customer.Status


def ask(customer: Customer) -> Closing:
    return request_closing(customer=customer, actor=Actor.customer(customer.user))


def reason_of(customer: Customer) -> Reason:
    """Return why the account is not erased now, by the way that staff take."""
    with pytest.raises(Refused) as refused:
        erase_account(customer=customer, actor=SYSTEM)
    assert isinstance(refused.value.reason, Reason)
    return refused.value.reason


@pytest.fixture
def unpaid(monkeypatch: pytest.MonkeyPatch) -> list[Obstacle]:
    """Give a list of what stands in the way."""
    obstacles: list[Obstacle] = []
    held = Holding(
        key="debts",
        title="Debts",
        models=(),
        rows=lambda _customer: iter(()),
        erase=keep,
        blocks=lambda _customer: obstacles,
    )
    monkeypatch.setitem(holdings._holdings, "debts", held)
    return obstacles


DEBT = Obstacle("An order is not paid.", "/account/orders/")


def test_what_is_unpaid_stands_in_the_way(alice: Customer, unpaid: list[Obstacle]) -> None:
    unpaid.append(DEBT)
    with pytest.raises(Refused) as refused:
        ask(alice)
    assert refused.value.reason == Reason.IN_THE_WAY
    unpaid.clear()
    ask(alice)


def test_asking_twice_begins_the_days_once(alice: Customer, clock: Traveller) -> None:
    first = ask(alice)
    clock.shift(TIME_TO_THINK / 2)
    assert ask(alice) == first
    assert Closing.objects.count() == 1


def test_the_customer_may_think_again_until_it_is_erased(alice: Customer, clock: Traveller) -> None:
    Customer.objects.filter(pk=alice.pk).update(status=Status.SUSPENDED)
    ask(alice)
    clock.shift(2 * TIME_TO_THINK)
    assert undo_closing(customer=alice, actor=Actor.customer(alice.user))
    assert not undo_closing(customer=alice, actor=Actor.customer(alice.user))
    alice.refresh_from_db()
    assert alice.status == Status.SUSPENDED
    assert due_closings() == []


def test_one_judge_for_staff_and_for_the_job(
    alice: Customer, unpaid: list[Obstacle], clock: Traveller
) -> None:
    assert reason_of(alice) == Reason.NOT_ASKED_FOR
    closing = ask(alice)
    assert (reason_of(alice), due_closings()) == (Reason.TOO_EARLY, [])
    clock.shift(TIME_TO_THINK - INSTANT)
    assert (reason_of(alice), carry_out(closing_id=closing.pk)) == (Reason.TOO_EARLY, False)
    clock.shift(INSTANT)
    unpaid.append(DEBT)
    assert (reason_of(alice), carry_out(closing_id=closing.pk)) == (Reason.IN_THE_WAY, False)
    assert may_be_erased(customer=alice, now=closing.erase_at).obstacles == (DEBT,)
    unpaid.clear()
    assert due_closings() == [closing.pk]
    assert carry_out(closing_id=closing.pk)
    assert not carry_out(closing_id=closing.pk)
    assert reason_of(Customer.objects.get(pk=alice.pk)) == Reason.ALREADY_ERASED


def erased(customer: Customer, clock: Traveller) -> Customer:
    closing = ask(customer)
    clock.shift(TIME_TO_THINK)
    assert carry_out(closing_id=closing.pk)
    return Customer.objects.get(pk=customer.pk)


def whole_database() -> str:
    """Return every row of every table of ours, as text."""
    rows = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT * FROM "{table}"')
            rows += [*(bytes(v) if isinstance(v, memoryview) else v for row in cursor for v in row)]
    return repr(rows)


def test_nothing_that_says_who_it_was_is_left(
    alice: Customer, change: PolicyVersion, clock: Traveller
) -> None:
    say_yes(alice, change, "uptime-watch")
    assert "alice@example.com" in whole_database()
    erased(alice, clock)
    everything = whole_database()
    assert [word for word in ("alice", "Alice", "Adams") if word in everything] == []


def test_its_sign_in_opens_nothing(alice: Customer, clock: Traveller) -> None:
    user = alice.user
    assert user is not None
    customer = erased(alice, clock)
    user.refresh_from_db()
    assert (user.is_active, user.has_usable_password(), customer.user) == (False, False, None)
    assert customer.status == Status.CLOSED


def test_the_ledgers_can_still_be_checked(
    alice: Customer, bob: Customer, change: PolicyVersion, clock: Traveller
) -> None:
    say_no(alice, change, "product-news")
    say_no(bob, change, "product-news")
    erased(alice, clock)
    ledgers = [model for model in LedgerRow.__subclasses__() if not model._meta.abstract]
    abstract = [model for model in LedgerRow.__subclasses__() if model._meta.abstract]
    ledgers += [model for base in abstract for model in base.__subclasses__()]
    assert ledgers
    assert [list(broken_rows(ledger)) for ledger in ledgers] == [[]] * len(ledgers)


def test_nobody_else_loses_anything(alice: Customer, bob: Customer, clock: Traveller) -> None:
    erased(alice, clock)
    bob.refresh_from_db()
    assert (bob.name, bob.email, bob.status) == ("Bob Brown", "bob@example.com", Status.ACTIVE)
    assert bob.user is not None
    assert bob.user.is_active


def test_who_comes_back_is_new_and_an_old_no_is_still_a_no(
    alice: Customer, change: PolicyVersion, clock: Traveller
) -> None:
    say_yes(alice, change, "uptime-watch")
    say_no(alice, change, "product-news")
    erased(alice, clock)
    again = prove_address(joined("Alice Adams", email="alice@example.com"))
    assert again.pk != alice.pk
    assert not may_use(again, "product-news").allowed
    assert not may_use(again, "uptime-watch").allowed


def test_killed_half_way_nothing_has_happened(
    alice: Customer, clock: Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    closing = ask(alice)
    clock.shift(TIME_TO_THINK)
    before = whole_database()

    def killed(**_who: object) -> None:
        raise KeyboardInterrupt

    last = Holding(key="z", title="", models=(), rows=lambda _c: iter(()), erase=killed)
    with monkeypatch.context() as patch:
        # The first holding that was declared is the last to be erased.
        patch.setattr(service, "holdings", lambda: (last, *holdings.holdings()))
        with pytest.raises(KeyboardInterrupt):
            carry_out(closing_id=closing.pk)
    assert whole_database() == before
    assert carry_out(closing_id=closing.pk)


def test_a_customer_without_sign_in_can_be_erased_like_any_other(
    policy: PolicyVersion, clock: Traveller
) -> None:
    dora = Customer.objects.create(name="Dora Dean", email="dora@example.com")
    closing = request_closing(customer=dora, actor=SYSTEM)
    clock.shift(TIME_TO_THINK)
    assert carry_out(closing_id=closing.pk)
    assert [word for word in ("dora@", "Dora Dean") if word in whole_database()] == []
