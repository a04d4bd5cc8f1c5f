"""Being paid for an order: at most once, whatever breaks on the way (THIRD-1).

Each step is written down and committed before the gateway is asked for it, and goes out under
the key of the payment. Whoever finds a step whose outcome nobody wrote down, because an answer
was lost or a process was killed, asks what became of it, and takes the same step again only if
the gateway never heard of it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.actors import SYSTEM, Actor
from bizsecure.core.errors import Refused
from bizsecure.store.gateways.choosing import payment_gateway
from bizsecure.store.gateways.disclosed import grant_for, record_heard
from bizsecure.store.gateways.interface import (
    Approved,
    Charge,
    Decline,
    Declined,
    NeedsCustomer,
    Outcome,
    Payer,
    Sought,
    Step,
)
from bizsecure.store.models import BillingDetails, Order, Payment
from bizsecure.store.reasons import Reason
from bizsecure.store.services.fulfilling import (
    await_payment,
    order_was_declined,
    order_was_paid,
)
from bizsecure.store.services.moving import (
    SHORTEST_WAIT,
    first_look,
    hold,
    look_again_later,
    move_payment,
)
from bizsecure.store.services.refunding import ask_about_refund
from bizsecure.store.states import PaymentState
from bizsecure.vault.checking import BACK
from bizsecure.vault.wallet import card_to_pay_with

# Whoever has not confirmed a payment by then has thought better of it.
CONFIRMED_WITHIN = timedelta(hours=1)
AT_ONCE = 50


def pay(*, order: Order, card: UUID | None, actor: Actor) -> Payment:
    """Pay an order with a card of its customer; return the payment, however far it has come.

    Without a card the customer is asked for one on the provider's own page, where it has one.
    Refused for an order that needs no payment or whose payment is open, and for a card that is
    not the customer's or cannot be paid with.
    """
    payment = _begin(order=order, card=card, actor=actor, now=timezone.now())
    _authorise(payment, actor)
    return _collect(payment, actor)


def settle(*, payment: Payment, actor: Actor = SYSTEM) -> Payment:
    """Find out what became of a payment, and take it as far as it goes."""
    payment.refresh_from_db()
    match PaymentState(payment.state):
        case PaymentState.ASKED:
            _ask_about_authorisation(payment, actor)
        case PaymentState.CHALLENGED:
            _ask_about_challenge(payment, actor)
        case PaymentState.CAPTURING:
            _ask_about_capture(payment, actor)
        case PaymentState.VOIDING:
            _ask_about_void(payment, actor)
        case PaymentState.REFUNDING:
            ask_about_refund(payment=payment, actor=actor)
    return _collect(payment, actor)


def call_off(*, order: Order, actor: Actor) -> Payment | None:
    """Give up a payment that waits for its customer, who wants to pay otherwise or not at all.

    Asked first: whoever has confirmed it meanwhile has paid. Called off twice, it is so once.
    """
    now = timezone.now()
    waiting = PaymentState.CHALLENGED
    payment = Payment.objects.filter(order=order, state=waiting).first()
    if payment is None:
        return None
    move_payment(payment=payment, to=PaymentState.VOIDING, now=now, due_at=first_look(now))
    return settle(payment=payment, actor=actor)


def settle_due(*, now: datetime) -> int:
    """Look into every payment whose time has come; return how many there were."""
    due = list(Payment.objects.filter(due_at__lte=now).order_by("due_at")[:AT_ONCE])
    for payment in due:
        settle(payment=payment)
    return len(due)


def look_into_payment(*, key: str, now: datetime) -> bool:
    """Have a payment looked into at `now`, if this key is one's. Somebody says it is decided."""
    try:
        uid = UUID(key)
    except ValueError:
        return False
    open_ones = Payment.objects.filter(uid=uid, due_at__isnull=False)
    return bool(open_ones.update(due_at=now))


@transaction.atomic
def _begin(*, order: Order, card: UUID | None, actor: Actor, now: datetime) -> Payment:
    await_payment(order=order, actor=actor, now=now)
    gateway = payment_gateway()
    shown = card_to_pay_with(order.customer, card, timezone.localdate()) if card else None
    if shown is None and (card or not gateway.asks_for_card):
        raise Refused(Reason.NO_SUCH_CARD)
    return Payment.objects.create(
        order=order,
        attempt=order.payments.count() + 1,
        amount=order.total,
        currency=order.currency,
        gateway=gateway.recipient,
        card=card,
        card_brand=shown.brand if shown else "",
        card_last_four=shown.last_four if shown else "",
        asked_at=now,
        moved_at=now,
        due_at=first_look(now),
    )


def _authorise(payment: Payment, actor: Actor) -> None:
    """Ask for the amount to be set aside; sent again, it is the same request."""
    gateway, order = payment_gateway(), payment.order
    grant = grant_for(gateway, customer=order.customer, reference=order.number, actor=actor)
    charge = Charge(
        key=payment.key,
        order=order.number,
        amount=payment.money,
        card=payment.card,
        payer=_payer(order.billing),
        return_url=f"{settings.SITE_URL}{reverse('order', args=[order.number])}?{BACK}",
    )
    outcome = gateway.authorise(charge, grant)
    record_heard(grant, outcome)
    _heard_of_authorisation(payment, outcome, actor)


def _ask_about_authorisation(payment: Payment, actor: Actor) -> None:
    sought = Sought(payment.key, Step.AUTHORISE, payment.asked_at, payment.reference)
    outcome = payment_gateway().find(sought)
    if outcome is None:
        _authorise(payment, actor)
    else:
        _heard_of_authorisation(payment, outcome, actor)


def _ask_about_challenge(payment: Payment, actor: Actor) -> None:
    now = timezone.now()
    sought = Sought(payment.key, Step.AUTHORISE, payment.asked_at, payment.reference)
    outcome = payment_gateway().find(sought)
    if isinstance(outcome, (Approved, Declined)):
        _heard_of_authorisation(payment, outcome, actor)
    elif now >= payment.moved_at + CONFIRMED_WITHIN:
        if move_payment(payment=payment, to=PaymentState.VOIDING, now=now, due_at=first_look(now)):
            _void(payment)
    else:
        look_again_later(payment=payment, now=now)


def _heard_of_authorisation(payment: Payment, outcome: Outcome, actor: Actor) -> None:
    now = timezone.now()
    match outcome:
        case Approved():
            facts: dict[str, Any] = {"reference": outcome.reference, "challenge_url": ""}
            if outcome.last_four:
                facts |= {"card_brand": outcome.brand, "card_last_four": outcome.last_four}
            move_payment(payment=payment, to=PaymentState.AUTHORISED, now=now, **facts, due_at=now)
        case NeedsCustomer() if payment.state == PaymentState.ASKED:
            move_payment(
                payment=payment,
                to=PaymentState.CHALLENGED,
                now=now,
                reference=outcome.reference,
                challenge_url=outcome.url,
                due_at=now + SHORTEST_WAIT,
            )
        case Declined():
            _decline(payment, outcome.reason, now)
        case _:
            look_again_later(payment=payment, now=now)


def _collect(payment: Payment, actor: Actor) -> Payment:
    """Take the money that was set aside, if it was."""
    now = timezone.now()
    if payment.state == PaymentState.AUTHORISED and move_payment(
        payment=payment, to=PaymentState.CAPTURING, now=now, due_at=first_look(now)
    ):
        _capture(payment, actor)
    return payment


def _capture(payment: Payment, actor: Actor) -> None:
    outcome = payment_gateway().capture(
        key=payment.key, authorisation=payment.reference, amount=payment.money
    )
    _heard_of_capture(payment, outcome, actor)


def _ask_about_capture(payment: Payment, actor: Actor) -> None:
    sought = Sought(payment.key, Step.CAPTURE, payment.moved_at, of=payment.reference)
    outcome = payment_gateway().find(sought)
    if outcome is None:
        _capture(payment, actor)
    else:
        _heard_of_capture(payment, outcome, actor)


def _heard_of_capture(payment: Payment, outcome: Outcome, actor: Actor) -> None:
    now = timezone.now()
    match outcome:
        case Approved():
            _captured(payment, outcome.reference, actor, now)
        case Declined():
            _decline(payment, outcome.reason, now)
        case _:
            look_again_later(payment=payment, now=now)


@transaction.atomic
def _captured(payment: Payment, reference: str, actor: Actor, now: datetime) -> None:
    hold(customer_id=payment.order.customer_id)
    moved = move_payment(
        payment=payment,
        to=PaymentState.CAPTURED,
        now=now,
        capture_reference=reference,
        captured_at=now,
        due_at=None,
    )
    if moved:
        order_was_paid(order=payment.order, actor=actor, now=now)


@transaction.atomic
def _decline(payment: Payment, reason: Decline, now: datetime) -> None:
    hold(customer_id=payment.order.customer_id)
    facts = {"decline_reason": reason.name, "challenge_url": "", "due_at": None}
    if move_payment(payment=payment, to=PaymentState.DECLINED, now=now, **facts):
        # Whoever asked: it was the bank that said no.
        order_was_declined(order=payment.order, actor=SYSTEM, now=now, reason=reason.name)


def _ask_about_void(payment: Payment, actor: Actor) -> None:
    """Ask before letting go: it may be let go of already, or confirmed in the last moment."""
    sought = Sought(payment.key, Step.AUTHORISE, payment.asked_at, payment.reference)
    match payment_gateway().find(sought):
        case Approved() as outcome:
            _heard_of_authorisation(payment, outcome, actor)
        case Declined():
            _voided(payment)
        case _:
            _void(payment)


def _void(payment: Payment) -> None:
    """Let go of what was or may be set aside. The order can be paid anew or cancelled then."""
    outcome = payment_gateway().void(key=payment.key, authorisation=payment.reference)
    if isinstance(outcome, (Approved, Declined)):
        _voided(payment)
    else:
        look_again_later(payment=payment, now=timezone.now())


def _voided(payment: Payment) -> None:
    now = timezone.now()
    with transaction.atomic():
        hold(customer_id=payment.order.customer_id)
        if move_payment(
            payment=payment, to=PaymentState.VOIDED, now=now, challenge_url="", due_at=None
        ):
            reason = Decline.NOT_CONFIRMED.name
            order_was_declined(order=payment.order, actor=SYSTEM, now=now, reason=reason)


def _payer(billing: BillingDetails) -> Payer:
    return Payer(
        name=billing.name,
        street=billing.street or "",
        extra=billing.extra or "",
        city=billing.city or "",
        region=billing.region or "",
        postcode=billing.postcode or "",
        country=str(billing.country),
    )
