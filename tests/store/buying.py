"""Customers who buy: drafts, orders that are paid, and the services they bring."""

from __future__ import annotations

from uuid import UUID

from django.utils import timezone

from accounts.actors import SYSTEM, Actor
from accounts.models import Customer
from accounts.services.personal import PersonalDetails, update_personal_information
from bizsecure.store.cart import Cart, CartLine, Item
from bizsecure.store.models import HeldService, Order, Payment, TermsVersion
from bizsecure.store.services.checkout import Accepted, begin_checkout, place_order
from bizsecure.store.services.fulfilling import await_payment, order_was_paid
from bizsecure.store.states import PaymentState
from consent.models import PRIVACY, PolicyVersion
from tests.store.shopping import HOSTING

HOME = PersonalDetails(
    name="Alice Adams",
    telephone="+1 201-555-0142",
    time_zone="America/New_York",
    street="77 Foundry Row",
    extra="The Old Dairy",
    city="Hobokenville",
    region="New Jersey",
    postcode="07099",
    country="US",
)


def at_home(customer: Customer) -> Customer:
    """Let us know where the customer lives."""
    actor = Actor.customer(customer.user)
    update_personal_information(
        customer=customer, details=HOME, revision=customer.revision, actor=actor
    )
    customer.refresh_from_db()
    return customer


def a_cart(*items: Item, quantity: int = 1) -> Cart:
    """Return a cart with so many of each item."""
    return Cart(tuple(CartLine(item, quantity) for item in items or (HOSTING,)))


def a_draft_of(customer: Customer, *items: Item, quantity: int = 1) -> Order:
    """Return the customer's draft of these items."""
    return begin_checkout(customer=customer, cart=a_cart(*items, quantity=quantity))


def accepting(order: Order) -> Accepted:
    """Return what a customer who looks at this draft now accepts."""
    now = timezone.now()
    terms = TermsVersion.objects.in_force(now)
    policy = PolicyVersion.objects.of(PRIVACY).in_force(now)
    assert terms is not None
    assert policy is not None
    return Accepted(order.total, terms.text_hash, policy.text_hash, "I accept.")


def ordered(customer: Customer, *items: Item, quantity: int = 1) -> Order:
    """Return an order of the customer that awaits its payment."""
    draft = a_draft_of(customer, *items, quantity=quantity)
    return placed(draft)


def placed(draft: Order) -> Order:
    """Place a draft as its customer does."""
    customer = draft.customer
    return place_order(
        customer=customer,
        uid=UUID(str(draft.uid)),
        accepted=accepting(draft),
        actor=Actor.customer(customer.user),
    )


def paid(order: Order) -> Order:
    """Let the money of an order come in."""
    now = timezone.now()
    await_payment(order=order, actor=SYSTEM, now=now)
    payment = Payment.objects.create(
        order=order,
        attempt=order.payments.count() + 1,
        amount=order.total,
        currency=order.currency,
        gateway="sandbox",
        card_brand="Visa",
        card_last_four="4242",
        asked_at=now,
        moved_at=now,
    )
    for state in (PaymentState.AUTHORISED, PaymentState.CAPTURING):
        Payment.objects.filter(pk=payment.pk).update(state=state)
    Payment.objects.filter(pk=payment.pk).update(state=PaymentState.CAPTURED, captured_at=now)
    order_was_paid(order=order, actor=SYSTEM, now=now)
    order.refresh_from_db()
    return order


def held(customer: Customer, *items: Item, quantity: int = 1) -> list[HeldService]:
    """Return the services of an order that the customer paid for."""
    order = paid(ordered(customer, *items, quantity=quantity))
    return list(HeldService.objects.filter(line__order=order).order_by("pk"))
