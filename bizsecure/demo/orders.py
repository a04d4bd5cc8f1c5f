"""What the customer of the demonstration has bought, and means to buy."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.actors import SYSTEM, Actor
from accounts.models import Customer
from bizsecure.store.cart import Cart, CartLine, Item
from bizsecure.store.models import HeldService, Kind, Order, Payment, Price, TermsVersion
from bizsecure.store.services.checkout import (
    Accepted,
    Wanted,
    begin_checkout,
    draft_of,
    freeze,
    place_order,
)
from bizsecure.store.services.fulfilling import (
    activate,
    await_payment,
    end_service,
    order_was_paid,
)
from bizsecure.store.services.holding import name_site, set_up_our_own
from bizsecure.store.services.saved_carts import save_change
from bizsecure.store.states import PaymentState
from bizsecure.vault.cards import CardDetails, CardNumber, Expiry
from bizsecure.vault.services.adding import keep_card
from bizsecure.vault.services.recording import note_use
from bizsecure.vault.services.settling import accept_card
from consent.models import PRIVACY, PolicyVersion
from notifications.models import OutgoingMail

# A number of the sandbox acquirer; it belongs to nobody.
CARD_NUMBER = "4242424242424242"
SITE = "whitlock-press.example"
BOUGHT = (
    Item("business-hosting", "year"),
    Item("domain-name", "year"),
    Item("daily-backups", "month"),
)
FROM_A_PARTNER = (Item("geotrust-certificate", "year"),)
IN_THE_CART = (Item("scanalert-scanning", "month"),)
# What was bought before, so many days ago; its time was over long since, or it was ended.
LONG_AGO = (
    (920, Item("daily-backups", "month")),
    (560, Item("geotrust-certificate", "year")),
    (195, Item("scanalert-scanning", "month")),
)


@transaction.atomic
def go_shopping(customer: Customer) -> None:
    """Let the customer have a card, services from two orders, and something in the cart."""
    actor = Actor.customer(customer.user)
    card = _keep_a_card(customer)
    for items in (BOUGHT, FROM_A_PARTNER):
        _buy(customer, items, card, actor)
    now = timezone.now()
    set_up_our_own(now=now)
    held = HeldService.objects.visible_to(customer).running()
    for service in held.select_related("line__order"):
        name_site(service=service, site=SITE, actor=actor)
        if service.kind == Kind.DOMAIN:
            activate(service=service, actor=SYSTEM, now=now)
    save_change(customer=customer, brought=_cart(IN_THE_CART), change=lambda cart: cart, now=now)


def shopped_before(customer: Customer, now: datetime) -> dict[int, Order]:
    """Let the customer have bought things that are over; return the orders by days ago."""
    actor = Actor.customer(customer.user)
    return {
        days: bought_once(customer, item, now - timedelta(days=days), actor)
        for days, item in LONG_AGO
    }


def bought_once(customer: Customer, item: Item, at: datetime, actor: Actor) -> Order:
    """Let a customer have bought something for a while that is over."""
    price = Price.objects.current(at).of(item.slug, item.period).select_related("product").get()
    order = draft_of(customer=customer, wanted=[Wanted(price, 1)], now=at)
    freeze(order=order, accepted=_accepted(order, at), actor=actor, now=at)
    _let_the_money_come_in(order, at)
    for service in HeldService.objects.filter(line__order=order).select_related("line__order"):
        activate(service=service, actor=SYSTEM, now=at)
        end_service(service=service, actor=SYSTEM, now=service.paid_until or at)
    # Receipts of long ago are not sent today.
    receipts = OutgoingMail.objects.live().filter(customer=customer)
    receipts.update(state=OutgoingMail.State.DROPPED)
    return order


def _keep_a_card(customer: Customer) -> UUID:
    now = timezone.now()
    details = CardDetails(CardNumber.typed(CARD_NUMBER), Expiry(now.year + 2, 4), customer.name)
    card, _is_new = keep_card(customer=customer, details=details, actor=SYSTEM, now=now)
    accept_card(uid=card.uid, reference="demonstration", actor=SYSTEM, now=now)
    note_use(uid=card.uid, at=now)
    return UUID(str(card.uid))


def _buy(customer: Customer, items: tuple[Item, ...], card: UUID, actor: Actor) -> None:
    now = timezone.now()
    draft = begin_checkout(customer=customer, cart=_cart(items))
    accepted = _accepted(draft, now)
    order = place_order(customer=customer, uid=draft.uid, accepted=accepted, actor=actor)
    _let_the_money_come_in(order, now, card)


def _accepted(draft: Order, now: datetime) -> Accepted:
    terms = TermsVersion.objects.in_force(now)
    policy = PolicyVersion.objects.of(PRIVACY).in_force(now)
    return Accepted(
        total=draft.total,
        terms_hash=terms.text_hash if terms else "",
        policy_hash=policy.text_hash if policy else "",
        wording="I order this, and I accept the terms of sale.",
    )


def _let_the_money_come_in(order: Order, now: datetime, card: UUID | None = None) -> None:
    await_payment(order=order, actor=SYSTEM, now=now)
    payment = Payment.objects.create(
        order=order,
        attempt=1,
        amount=order.total,
        currency=order.currency,
        gateway="demonstration",
        card=card,
        card_brand="visa",
        card_last_four=CARD_NUMBER[-4:],
        asked_at=now,
        moved_at=now,
    )
    steps = Payment.objects.filter(pk=payment.pk)
    steps.update(state=PaymentState.AUTHORISED)
    steps.update(state=PaymentState.CAPTURING)
    steps.update(state=PaymentState.CAPTURED, captured_at=now)
    order_was_paid(order=order, actor=SYSTEM, now=now)


def _cart(items: tuple[Item, ...]) -> Cart:
    return Cart(tuple(CartLine(item) for item in items))
