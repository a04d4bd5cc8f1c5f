"""A customer who checks out while everything breaks: at most one charge, and no cart lost."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from accounts.actors import SYSTEM
from bizsecure.core.errors import Refused
from bizsecure.store.cart import Cart, Item, add, unpack
from bizsecure.store.models import (
    HeldService,
    Invoice,
    Order,
    OrderTerms,
    Payment,
    Product,
    SavedCart,
)
from bizsecure.store.services import checking_cards, paying
from bizsecure.store.services.buying import buy
from bizsecure.store.services.checkout import begin_checkout, cart_of_order, confirm_changes
from bizsecure.store.services.fulfilling import cancel_order
from bizsecure.store.services.paying import call_off, pay, settle_due
from bizsecure.store.services.saved_carts import save_change
from bizsecure.store.states import OrderState
from consent.models import Disclosure
from tests.builders import LONG_AGO, RUN_ACCOUNT, TODAY, first_policy, joined
from tests.paying import VERIFY_PAYMENT, VISA, a_card
from tests.store.buying import accepting, at_home
from tests.store.machine import CardCompany, Killed, Trouble
from tests.store.shopping import CERTIFICATE, HOSTING, HOSTING_FOR_A_YEAR, a_price

COMPANY = CardCompany()
ITEMS = [HOSTING, HOSTING_FOR_A_YEAR, CERTIFICATE]


class Buying(RuleBasedStateMachine):
    """She fills a cart, orders, presses twice, pays, gives up; the world breaks in between."""

    def __init__(self) -> None:
        super().__init__()
        COMPANY.__init__()  # type: ignore[misc]
        self.journey = time_machine.travel(TODAY, tick=False)
        self.clock = self.journey.start()
        self.world: Any = transaction.atomic()
        self.world.__enter__()
        self.put_in: set[Item] = set()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.world.__exit__(None, None, None)
        self.journey.stop()

    @initialize()
    def there_is_a_customer(self) -> None:
        first_policy(RUN_ACCOUNT, VERIFY_PAYMENT)
        self.alice = at_home(joined("Alice Adams", at=LONG_AGO))
        self.card = a_card(self.alice, VISA)
        self.seen: tuple[Order, Any] | None = None

    @rule(item=st.sampled_from(ITEMS))
    def puts_something_into_the_cart(self, item: Item) -> None:
        now = timezone.now()
        save_change(
            customer=self.alice, brought=Cart(), change=lambda cart: add(cart, item), now=now
        )
        self.put_in.add(item)

    @rule()
    def looks_at_the_checkout(self) -> None:
        with suppress(Refused):
            draft = begin_checkout(customer=self.alice, cart=self.cart())
            self.seen = draft, accepting(draft)

    @rule(amount=st.sampled_from(["8.00", "8.50", "9.00"]))
    def the_price_changes(self, amount: str) -> None:
        self.clock.shift(timedelta(seconds=1))
        a_price(Product.objects.get(slug=HOSTING.slug), amount, timezone.now())

    @precondition(lambda self: self.seen)
    @rule()
    def confirms_the_new_price(self) -> None:
        assert self.seen
        with suppress(Refused):
            draft = confirm_changes(customer=self.alice, uid=self.seen[0].uid)
            self.seen = draft, accepting(draft)

    @precondition(lambda self: self.seen)
    @rule(trouble=st.sampled_from(Trouble))
    def orders_perhaps_for_the_second_time(self, trouble: Trouble) -> None:
        assert self.seen
        COMPANY.trouble = trouble
        draft, accepted = self.seen
        with suppress(Refused, Killed):
            buy(
                customer=self.alice,
                uid=draft.uid,
                accepted=accepted,
                card=self.card.uid,
                actor=SYSTEM,
            )
        COMPANY.trouble = Trouble.NONE

    @precondition(lambda _self: Order.objects.unpaid().exists())
    @rule(trouble=st.sampled_from(Trouble))
    def tries_to_pay_again(self, trouble: Trouble) -> None:
        COMPANY.trouble = trouble
        with suppress(Refused, Killed):
            pay(order=Order.objects.unpaid()[0], card=self.card.uid, actor=SYSTEM)
        COMPANY.trouble = Trouble.NONE

    @rule(agrees=st.booleans())
    def answers_the_bank(self, agrees: bool) -> None:
        COMPANY.customer_answers(agrees=agrees)

    @precondition(lambda _self: Order.objects.unpaid().exists())
    @rule(trouble=st.sampled_from(Trouble))
    def wants_to_pay_otherwise(self, trouble: Trouble) -> None:
        COMPANY.trouble = trouble
        with suppress(Killed):
            call_off(order=Order.objects.unpaid()[0], actor=SYSTEM)
        COMPANY.trouble = Trouble.NONE

    @rule(trouble=st.sampled_from(Trouble))
    def a_sweep_asks_what_became_of_it(self, trouble: Trouble) -> None:
        self.clock.shift(timedelta(hours=2))
        COMPANY.trouble = trouble
        with suppress(Killed):
            settle_due(now=timezone.now())
        COMPANY.trouble = Trouble.NONE

    @precondition(lambda _self: Order.objects.unpaid().exists())
    @rule()
    def gives_up(self) -> None:
        with suppress(Refused):
            cancel_order(order=Order.objects.unpaid()[0], actor=SYSTEM)

    @invariant()
    def money_is_taken_at_most_once_for_an_order(self) -> None:
        for order in Order.objects.all():
            assert COMPANY.charges_of(order.number) <= 1

    @invariant()
    def what_is_called_paid_is_paid_invoiced_and_brings_something(self) -> None:
        paid = Order.objects.settled()
        assert all(COMPANY.charges_of(order.number) == 1 for order in paid)
        assert Invoice.objects.count() == paid.count()
        numbers = list(Invoice.objects.values_list("number", flat=True))
        assert numbers == list(range(1, len(numbers) + 1))
        assert all(HeldService.objects.filter(line__order=order).exists() for order in paid)

    @invariant()
    def whatever_left_has_an_older_line_in_the_register(self) -> None:
        lines = Disclosure.objects.filter(recipient__key=COMPANY.recipient)
        assert set(COMPANY.told_under) <= set(lines.values_list("pk", flat=True))
        assert len(set(COMPANY.told_under)) == len(COMPANY.told_under)

    @invariant()
    def no_order_is_without_its_accepted_terms(self) -> None:
        placed = Order.objects.exclude(placed_at=None)
        assert OrderTerms.objects.filter(order__in=placed).count() == placed.count()

    @invariant()
    def nothing_she_put_into_the_cart_is_lost(self) -> None:
        orders = Order.objects.exclude(state__in=[OrderState.DRAFT, OrderState.CANCELLED])
        somewhere = {line.item for line in self.cart().lines}
        somewhere |= {line.item for order in orders for line in cart_of_order(order).lines}
        assert somewhere >= self.put_in

    @invariant()
    def once_everything_is_settled_nothing_is_open(self) -> None:
        point = transaction.savepoint()
        kept = dict(COMPANY.done)
        for _each in range(3):
            self.clock.shift(timedelta(hours=2))
            settle_due(now=timezone.now())
        assert not Payment.objects.filter(due_at__isnull=False).exists()
        self.clock.shift(-timedelta(hours=6))
        COMPANY.done = kept
        transaction.savepoint_rollback(point)

    def cart(self) -> Cart:
        saved = SavedCart.objects.filter(customer=self.alice).first()
        return unpack(saved.contents if saved else [])[0]


@pytest.fixture
def _card_company(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (paying, checking_cards):
        monkeypatch.setattr(module, "payment_gateway", lambda: COMPANY)


@pytest.mark.usefixtures("db", "_card_company")
def test_no_order_of_steps_and_accidents_charges_twice_or_loses_a_cart() -> None:
    run_state_machine_as_test(
        Buying,
        settings=settings(
            max_examples=8,
            stateful_step_count=15,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
