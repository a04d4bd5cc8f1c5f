"""From the checkout to the provider's own page and back: one order, one charge (THIRD-1)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from time_machine import Traveller

from accounts.models import Customer
from bizsecure.store.models import HeldService, Order, Payment
from bizsecure.store.services.paying import look_into_payment, settle_due
from bizsecure.store.states import OrderState, PaymentState
from consent.models import Disclosure, PolicyVersion
from tests.builders import RUN_ACCOUNT, first_policy
from tests.pages.browsing import signed_in, text
from tests.paying import VERIFY_PAYMENT
from tests.store.buying import at_home
from tests.store.shopping import HOSTING, put
from tests.stripe_twin import Twin

MINUTE, HOURS = timedelta(minutes=1), timedelta(hours=2)


@pytest.fixture
def policy(db: None, clock: Traveller) -> PolicyVersion:
    """Give a policy that declares what the card company is told."""
    return first_policy(RUN_ACCOUNT, VERIFY_PAYMENT)


@pytest.fixture
def browser(alice: Customer) -> Client:
    """Give the browser of a customer without a card, who is about to order."""
    browser = signed_in(at_home(alice))
    put(browser, HOSTING)
    browser.post(reverse("checkout_begin"))
    return browser


def at_the_last_step(browser: Client) -> dict[str, Any]:
    """Return the last step as the page shows it, ticked."""
    form = browser.get(reverse("checkout")).context["place_form"]
    names = ("order", "total", "terms_hash", "policy_hash")
    card = form.fields["card"].initial
    return {**{name: str(form.initial[name]) for name in names}, "card": card, "accept": "on"}


def pressed(browser: Client) -> str:
    """Press *order and pay*, and return the page of the provider's that the customer is at."""
    answer = browser.post(reverse("checkout_place"), at_the_last_step(browser))
    assert answer["Location"].startswith("https://checkout.stripe.example/")
    return Payment.objects.latest("pk").reference


def come_back(browser: Client, order: Order) -> str:
    """Come back to our page, which presses *I have paid there*, and return what is shown then."""
    shown = text(browser.get(f"{order.get_absolute_url()}?back"))
    if "data-sent-at-once" in shown:
        browser.post(reverse("order_look", args=[order.number]))
    return text(browser.get(order.get_absolute_url()))


def call() -> None:
    """Let the provider call, and a worker ask."""
    look_into_payment(key=Payment.objects.latest("pk").key, now=timezone.now())
    settle_due(now=timezone.now())


def test_a_customer_without_a_card_pays_on_the_providers_page(browser: Client, twin: Twin) -> None:
    checkout = browser.get(reverse("checkout"))
    assert "form-action 'self' https://checkout.stripe.com" in checkout["Content-Security-Policy"]
    assert "from you on the page of our payment provider" in text(checkout)
    page = pressed(browser)
    order = Order.objects.get()
    assert order.state == OrderState.AWAITING_PAYMENT
    assert "Your payment is not finished" in text(browser.get(order.get_absolute_url()))
    twin.complete(page)
    assert "Visa ending in 4242" in come_back(browser, order).replace("visa", "Visa")
    order.refresh_from_db()
    assert order.state == OrderState.IN_DELIVERY
    assert [intent["status"] for intent in twin.of("payment_intent")] == ["succeeded"]
    assert set(Disclosure.objects.get().field_list) == {"name", "billing-address"}


@pytest.mark.parametrize(
    "events",
    ["back call", "call back", "call call", "back back", "call", "back", "sweep", "sweep back"],
)
def test_however_we_learn_of_it_there_is_one_paid_order(
    browser: Client, twin: Twin, clock: Traveller, events: str
) -> None:
    twin.complete(pressed(browser))
    for event in events.split():
        if event == "back":
            come_back(browser, Order.objects.get())
        elif event == "call":
            call()
        else:
            clock.shift(2 * MINUTE)
            settle_due(now=timezone.now())
    assert Order.objects.get().state == OrderState.IN_DELIVERY
    assert [intent["status"] for intent in twin.of("payment_intent")] == ["succeeded"]
    assert HeldService.objects.count() == 1


def test_pressing_twice_leads_to_the_same_page_twice(browser: Client, twin: Twin) -> None:
    form = at_the_last_step(browser)
    answers = {browser.post(reverse("checkout_place"), form)["Location"] for _each in range(2)}
    assert len(answers) == 1
    assert len(twin.of("checkout.session")) == 1


def test_whoever_comes_back_without_paying_can_go_on_there(browser: Client, twin: Twin) -> None:
    pressed(browser)
    shown = come_back(browser, Order.objects.get())
    assert Payment.objects.get().challenge_url in shown
    assert "Pay another way" in shown


def test_an_abandoned_page_is_closed_and_the_order_can_be_paid_anew(
    browser: Client, twin: Twin, clock: Traveller
) -> None:
    page = pressed(browser)
    clock.shift(HOURS)
    settle_due(now=timezone.now())
    order = Order.objects.get()
    assert (twin.things[page]["status"], order.state) == ("expired", OrderState.DECLINED)
    assert "The payment was called off" in text(browser.get(order.get_absolute_url()))
    answer = browser.post(reverse("order_pay", args=[order.number]), {"card": "elsewhere"})
    twin.complete(Payment.objects.latest("pk").reference)
    assert answer["Location"].startswith("https://checkout.stripe.example/")
    call()
    order.refresh_from_db()
    assert order.state == OrderState.IN_DELIVERY


@pytest.mark.parametrize("how", ["expired", "called off"])
def test_a_page_that_is_over_leaves_an_order_that_can_be_cancelled(
    browser: Client, twin: Twin, how: str
) -> None:
    page, order = pressed(browser), Order.objects.get()
    if how == "expired":
        twin.things[page]["status"] = "expired"
        call()
    else:
        for _each in range(2):
            browser.post(reverse("order_call_off", args=[order.number]))
    assert twin.things[page]["status"] == "expired"
    browser.post(reverse("order_cancel", args=[order.number]))
    order.refresh_from_db()
    assert order.state == OrderState.CANCELLED
    assert not twin.of("payment_intent")


def test_whoever_paid_in_the_last_moment_has_paid(
    browser: Client, twin: Twin, clock: Traveller
) -> None:
    page, order = pressed(browser), Order.objects.get()
    twin.complete(page)
    browser.post(reverse("order_call_off", args=[order.number]))
    order.refresh_from_db()
    assert order.state == OrderState.IN_DELIVERY


def test_a_page_that_could_not_be_closed_is_asked_about_and_not_closed_for_ever(
    browser: Client, twin: Twin, clock: Traveller
) -> None:
    page = pressed(browser)
    # The asking goes through, and the answer to the closing is lost.
    clock.shift(HOURS)
    twin.loses_answers_to.append("/expire")
    settle_due(now=timezone.now())
    payment = Payment.objects.get()
    assert (payment.state, twin.things[page]["status"]) == (PaymentState.VOIDING, "expired")
    clock.shift(HOURS)
    settle_due(now=timezone.now())
    payment.refresh_from_db()
    assert (payment.state, payment.due_at) == (PaymentState.VOIDED, None)


def test_a_lost_answer_leads_to_the_page_that_was_made(
    browser: Client, twin: Twin, clock: Traveller
) -> None:
    twin.loses_answers_to.append("/checkout/sessions")
    answer = browser.post(reverse("checkout_place"), at_the_last_step(browser))
    order = Order.objects.get()
    assert answer["Location"] == order.get_absolute_url()
    [page] = twin.of("checkout.session")
    clock.shift(3 * MINUTE)
    settle_due(now=timezone.now())
    payment = Payment.objects.get()
    assert (payment.state, payment.reference) == (PaymentState.CHALLENGED, page["id"])
    twin.complete(page["id"])
    call()
    order.refresh_from_db()
    assert order.state == OrderState.IN_DELIVERY
    assert len(twin.of("payment_intent")) == 1


def test_without_a_choice_the_field_says_so(browser: Client, twin: Twin) -> None:
    pressed(browser)
    order = Order.objects.get()
    browser.post(reverse("order_call_off", args=[order.number]))
    answer = browser.post(reverse("order_pay", args=[order.number]), {})
    assert answer.status_code == 422
    assert "Choose the card you want to pay with." in text(answer)
