"""Paying at a card company that behaves as card companies do: one order, one charge."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings
from time_machine import Traveller

from accounts.actors import SYSTEM
from accounts.models import Customer
from bizsecure.core.errors import Refused
from bizsecure.local.acquirer import Acquirer
from bizsecure.store.models import HeldService, Invoice, Order, Payment, RefundReason
from bizsecure.store.reasons import Reason
from bizsecure.store.services.buying import buy
from bizsecure.store.services.paying import call_off, look_into_payment, pay, settle, settle_due
from bizsecure.store.services.refunding import refund
from bizsecure.store.states import OrderState, PaymentState
from consent.models import Disclosure, PolicyVersion
from tests.builders import DAY, RUN_ACCOUNT, first_policy
from tests.pages.browsing import signed_in, text
from tests.paying import VERIFY_PAYMENT, VISA, a_card
from tests.postbox import Postbox
from tests.store.buying import a_draft_of, accepting, at_home, ordered

DECLINED = "4000000000009995"
CONFIRMED = "4000000000003063"
TOO_LATE, NO_ANSWER, NOT_HEARD = "4000000000001000", "4000000000001018", "4000000000001026"
UNDECIDED = "4000000000001034"


@pytest.fixture
def policy(db: None, clock: Traveller) -> PolicyVersion:
    """Give a policy that declares what the card company is told."""
    return first_policy(RUN_ACCOUNT, VERIFY_PAYMENT)


@pytest.fixture
def buyer(alice: Customer) -> Customer:
    """Give a customer of whom we know where to send an invoice."""
    return at_home(alice)


def bought(buyer: Customer, number: str = VISA) -> Order:
    """Return the order of a customer who checks out with a card of this number."""
    draft = a_draft_of(buyer)
    card = a_card(buyer, number)
    return buy(
        customer=buyer, uid=draft.uid, accepted=accepting(draft), card=card.uid, actor=SYSTEM
    )


def taken(acquirer: Acquirer) -> Decimal:
    """Return how much money the card company took for us."""
    return acquirer.book.total("capture")


def test_a_paid_order_is_being_set_up_and_has_its_invoice(
    buyer: Customer, acquirer: Acquirer
) -> None:
    order = bought(buyer)
    assert order.state == OrderState.IN_DELIVERY
    assert taken(acquirer) == Decimal("8.00")
    assert Invoice.objects.get(order=order).label == "BZ-000001"
    assert HeldService.objects.filter(line__order=order).count() == 1


def test_what_the_card_company_is_told_stands_in_the_register(
    buyer: Customer, acquirer: Acquirer
) -> None:
    order = bought(buyer)
    disclosure = Disclosure.objects.get(reference=order.number)
    assert disclosure.purpose == "verify-payment"


def test_a_receipt_is_posted_once(buyer: Customer, acquirer: Acquirer, postbox: Postbox) -> None:
    order = bought(buyer)
    settle_due(now=timezone.now())
    (receipt,) = [mail for mail in postbox if mail.kind == "receipt"]
    assert (receipt.to, receipt.subject) == ([buyer.email], f"Receipt for order {order.number}")
    assert "1 x Shared hosting: $8.00" in receipt.body


def test_the_pages_of_cards_say_which_orders_a_card_paid(
    buyer: Customer, acquirer: Acquirer
) -> None:
    order, browser = bought(buyer), signed_in(buyer)
    assert "1 order paid" in text(browser.get(reverse("cards")))
    shown = text(browser.get(reverse("card", args=[order.payments.get().card])))
    assert order.number in shown
    assert order.get_absolute_url() in shown


@pytest.mark.parametrize("number", [VISA, DECLINED, CONFIRMED, TOO_LATE, NO_ANSWER, NOT_HEARD])
def test_pressing_twice_is_one_order_and_at_most_one_charge(
    buyer: Customer, acquirer: Acquirer, number: str
) -> None:
    draft, card = a_draft_of(buyer), a_card(buyer, number)
    accepted = accepting(draft)
    for _each in range(2):
        buy(customer=buyer, uid=draft.uid, accepted=accepted, card=card.uid, actor=SYSTEM)
    assert Order.objects.count() == 1
    assert Payment.objects.live().count() <= 1
    assert taken(acquirer) <= Decimal("8.00")


def test_a_declined_card_says_why_and_another_one_can_be_tried(
    buyer: Customer, acquirer: Acquirer
) -> None:
    order = bought(buyer, DECLINED)
    assert order.state == OrderState.DECLINED
    assert "not enough money" in order.payments.get().decline_sentence
    pay(order=order, card=a_card(buyer, VISA).uid, actor=SYSTEM)
    order.refresh_from_db()
    assert order.state == OrderState.IN_DELIVERY
    assert taken(acquirer) == Decimal("8.00")


@pytest.mark.parametrize("number", [TOO_LATE, NO_ANSWER, NOT_HEARD])
def test_an_answer_that_was_lost_is_asked_for_and_nothing_is_charged_again(
    buyer: Customer, acquirer: Acquirer, clock: Traveller, number: str
) -> None:
    order = bought(buyer, number)
    assert order.state == OrderState.AWAITING_PAYMENT
    clock.shift(DAY)
    settle_due(now=timezone.now())
    order.refresh_from_db()
    assert order.state == OrderState.IN_DELIVERY
    assert taken(acquirer) == Decimal("8.00")
    assert acquirer.book.count("authorise") == 1


@pytest.mark.parametrize(("agrees", "state"), [(True, "in-delivery"), (False, "declined")])
def test_a_payment_to_confirm_waits_for_the_customer(
    buyer: Customer, acquirer: Acquirer, agrees: bool, state: str
) -> None:
    order = bought(buyer, CONFIRMED)
    payment = order.payments.get()
    assert payment.state == PaymentState.CHALLENGED
    assert payment.challenge_url.startswith("http")
    acquirer.book.confirm(payment.reference, agrees=agrees)
    settle(payment=payment)
    order.refresh_from_db()
    assert order.state == state


def test_a_payment_that_nobody_confirms_is_let_go(
    buyer: Customer, acquirer: Acquirer, clock: Traveller
) -> None:
    order = bought(buyer, CONFIRMED)
    clock.shift(DAY)
    settle_due(now=timezone.now())
    order.refresh_from_db()
    assert order.state == OrderState.DECLINED
    assert taken(acquirer) == Decimal(0)


def test_a_payment_to_confirm_can_be_called_off_to_pay_otherwise(
    buyer: Customer, acquirer: Acquirer
) -> None:
    order = bought(buyer, CONFIRMED)
    for _each in range(2):
        call_off(order=order, actor=SYSTEM)
    assert order.payments.get().state == PaymentState.VOIDED
    pay(order=order, card=a_card(buyer, VISA).uid, actor=SYSTEM)
    order.refresh_from_db()
    assert order.state == OrderState.IN_DELIVERY
    assert taken(acquirer) == Decimal("8.00")


def test_a_call_that_comes_before_the_answer_changes_nothing(
    buyer: Customer, acquirer: Acquirer
) -> None:
    order = bought(buyer, UNDECIDED)
    payment = order.payments.get()
    assert look_into_payment(key=payment.key, now=timezone.now())
    assert not look_into_payment(key="no key of ours", now=timezone.now())
    settle_due(now=timezone.now())
    order.refresh_from_db()
    assert order.state == OrderState.AWAITING_PAYMENT
    acquirer.book.decide(f"authorise-{payment.key}")
    for _each in range(2):
        look_into_payment(key=payment.key, now=timezone.now())
        settle_due(now=timezone.now())
    order.refresh_from_db()
    assert order.state == OrderState.IN_DELIVERY
    assert taken(acquirer) == Decimal("8.00")


def test_a_card_of_somebody_else_pays_nothing(
    buyer: Customer, bob: Customer, acquirer: Acquirer
) -> None:
    order = ordered(buyer)
    with pytest.raises(Refused, match=Reason.NO_SUCH_CARD.name):
        pay(order=order, card=a_card(bob).uid, actor=SYSTEM)
    assert not Payment.objects.exists()


def test_an_order_is_paid_back_once_and_the_customer_is_told_why(
    buyer: Customer, acquirer: Acquirer, postbox: Postbox
) -> None:
    order, why = bought(buyer), RefundReason.NOT_DELIVERED
    done = [refund(order=order, reason=why, actor=SYSTEM) for _each in range(2)]
    assert done == [True, False]
    order.refresh_from_db()
    assert order.state == OrderState.REFUNDED
    assert acquirer.book.total("refund") == Decimal("8.00")
    assert [row.kind for row in order.invoices.all()] == ["invoice", "credit"]
    said = order.events.filter(kind__in=["refund-asked", "refunded"])
    assert {event.reason for event in said} == {why.value}
    (mail,) = [mail for mail in postbox if mail.kind == "refund"]
    assert "Why: we could not deliver it." in mail.body


def test_a_refund_whose_answer_was_lost_is_asked_about_and_keeps_its_reason(
    buyer: Customer, acquirer: Acquirer, clock: Traveller, settings: Settings
) -> None:
    order, url = bought(buyer), settings.SANDBOX_URL
    settings.SANDBOX_URL = "http://127.0.0.1:1"
    assert not refund(order=order, reason=RefundReason.COURTESY, actor=SYSTEM)
    settings.SANDBOX_URL = url
    for _each in range(2):
        clock.shift(DAY)
        settle_due(now=timezone.now())
    order.refresh_from_db()
    assert order.state == OrderState.REFUNDED
    assert order.events.get(kind="refunded").reason == "courtesy"
    assert acquirer.book.count("refund") == 1
