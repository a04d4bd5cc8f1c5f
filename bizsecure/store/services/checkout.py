"""From a cart to an order: a copy of the cart is frozen, looked at, and ordered once.

While a customer is in the middle of it, nothing changes under their hands: what is checked out
is the draft, whatever becomes of the cart or of the prices. A changed price is shown beside the
old one, and counts once the customer says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import get_language

from accounts.actors import Actor
from accounts.fields import ADDRESS_FIELDS
from accounts.models import Customer
from accounts.services.personal import personal_details
from bizsecure.core.errors import Refused
from bizsecure.store.cart import Cart, CartLine, Item
from bizsecure.store.models import (
    BillingDetails,
    HeldService,
    Order,
    OrderEvent,
    OrderLine,
    OrderTerms,
    Price,
    TermsVersion,
)
from bizsecure.store.pricing import SELLING_CURRENCY, Place, TaxRule, line_total
from bizsecure.store.quotes import look_up
from bizsecure.store.reasons import Reason
from bizsecure.store.services.moving import hold, move_order
from bizsecure.store.services.saved_carts import take_out
from bizsecure.store.states import OrderState
from consent.models import PRIVACY, PolicyVersion

# What an invoice needs of an address; the rest is up to the country.
NEEDED_OF_ADDRESS = ("street", "city", "country")


@dataclass(frozen=True)
class Wanted:
    """So many of a product at a price, as they are about to be ordered."""

    price: Price
    quantity: int
    renews: HeldService | None = None


@dataclass(frozen=True)
class Accepted:
    """What a customer ticked: the total that stood there, which texts, and in which words."""

    total: Decimal
    terms_hash: str
    policy_hash: str
    wording: str


@transaction.atomic
def begin_checkout(*, customer: Customer, cart: Cart) -> Order:
    """Freeze a cart as the customer's draft, and return it. Begun twice, it is the same draft.

    Refused if there is nothing in it that is for sale, or too much of something.
    """
    now = timezone.now()
    hold(customer_id=customer.pk)
    quote = look_up(cart, [], now).quote
    if not quote.lines:
        raise Refused(Reason.NOTHING_TO_ORDER)
    if not quote.can_be_ordered:
        raise Refused(Reason.OVER_LIMIT)
    draft = Order.objects.drafts_of(customer).first()
    wanted = [Wanted(line.offer.price, line.quantity) for line in quote.lines]
    if draft is not None and items_of(draft) == {_item(each): each.quantity for each in wanted}:
        return draft
    return draft_of(customer=customer, wanted=wanted, now=now)


@transaction.atomic
def begin_renewal(*, service: HeldService) -> Order:
    """Freeze the prolongation of a service as the customer's draft, and return it.

    Refused for a service that has ended, was bought once, is cancelled, or is not sold any more.
    """
    now = timezone.now()
    hold(customer_id=service.customer_id)
    service.refresh_from_db()
    if not service.is_running:
        raise Refused(Reason.ENDED)
    if service.paid_until is None:
        raise Refused(Reason.BOUGHT_ONCE)
    if service.cancels_at is not None:
        raise Refused(Reason.IS_CANCELLED)
    price = Price.objects.current(now).of(service.product.slug, service.period).first()
    if price is None:
        raise Refused(Reason.NOT_FOR_SALE)
    return draft_of(customer=service.customer, wanted=[Wanted(price, 1, service)], now=now)


def draft_of(*, customer: Customer, wanted: Sequence[Wanted], now: datetime) -> Order:
    """Make the customer's draft of this, in place of an earlier one."""
    give_up(customer=customer)
    order = Order.objects.create(customer=customer, created_at=now)
    fill(order=order, wanted=wanted)
    return order


def give_up(*, customer: Customer) -> None:
    """Forget the customer's draft. It was no order yet, and the cart is as it was."""
    Order.objects.drafts_of(customer).delete()


def fill(*, order: Order, wanted: Sequence[Wanted]) -> None:
    """Write what is wanted into a draft, in place of what was there, and add it up."""
    order.lines.all().delete()
    lines = [_line(order, number, each) for number, each in enumerate(wanted, start=1)]
    OrderLine.objects.bulk_create(lines)
    order.net = sum((line.net for line in lines), Decimal(0))
    order.tax = sum((line.tax for line in lines), Decimal(0))
    order.total = order.net + order.tax
    order.save(update_fields=["net", "tax", "total"])


@transaction.atomic
def confirm_changes(*, customer: Customer, uid: UUID) -> Order:
    """Take what is for sale of a draft at the prices and taxes of now; the customer saw them.

    Refused if nothing of it is for sale any more; then the draft is gone.
    """
    now = timezone.now()
    hold(customer_id=customer.pk)
    draft = _draft(customer, uid)
    wanted = current(order=draft, now=now)
    if not wanted:
        raise Refused(Reason.NOTHING_TO_ORDER)
    fill(order=draft, wanted=wanted)
    return draft


@transaction.atomic
def place_order(*, customer: Customer, uid: UUID, accepted: Accepted, actor: Actor) -> Order:
    """Turn a draft into an order that awaits its payment. Sent twice, it is the same order.

    Terms and policy are frozen with it by version, hash and the words that were ticked, as is
    the address it is billed to; what was ordered leaves the cart. Refused if anything is not as
    the customer saw it.
    """
    now = timezone.now()
    hold(customer_id=customer.pk)
    order = Order.objects.filter(customer=customer, uid=uid).first()
    if order is None:
        raise Refused(Reason.NOT_BEGUN)
    if order.state != OrderState.DRAFT:
        return order
    if order.total != accepted.total or has_changed(order=order, now=now):
        raise Refused(Reason.PRICES_CHANGED)
    freeze(order=order, accepted=accepted, actor=actor, now=now)
    take_out(customer=customer, bought=cart_of_order(order), now=now)
    return order


def freeze(*, order: Order, accepted: Accepted, actor: Actor, now: datetime) -> None:
    """Make a draft an order that awaits its payment, with the terms and the address of `now`."""
    _freeze_terms(order, accepted, now)
    _freeze_address(order)
    move_order(
        order=order,
        to=OrderState.AWAITING_PAYMENT,
        kind=OrderEvent.Kind.PLACED,
        actor=actor,
        now=now,
        placed_at=now,
    )


def current(*, order: Order, now: datetime) -> list[Wanted]:
    """Return what of a draft is for sale at `now`, at the prices of now."""
    lines = order.lines.select_related("product", "renews")
    prices = Price.objects.current(now).filter(
        product__in=[line.product_id for line in lines], product__is_on_sale=True
    )
    by_item = {
        (price.product_id, price.period): price for price in prices.select_related("product")
    }
    found = ((line, by_item.get((line.product_id, line.period))) for line in lines)
    return [
        Wanted(price, line.quantity, line.renews)
        for line, price in found
        if price is not None and line.quantity <= price.product.largest_quantity
    ]


def has_changed(*, order: Order, now: datetime) -> bool:
    """Whether a draft would cost something else now, or part of it cannot be bought."""
    wanted = enumerate(current(order=order, now=now), start=1)
    fresh = [_line(order, number, each) for number, each in wanted]
    return [_facts(line) for line in fresh] != [_facts(line) for line in order.lines.all()]


def has_address(customer: Customer) -> bool:
    """Whether we know enough to write an invoice."""
    known = personal_details(customer)
    return bool(known.name) and all(getattr(known, name) for name in NEEDED_OF_ADDRESS)


def items_of(order: Order) -> dict[tuple[int, str], int]:
    """Return what an order is about, if it prolongs nothing."""
    lines = order.lines.all()
    if any(line.renews_id for line in lines):
        return {}
    return {(line.product_id, line.period): line.quantity for line in lines}


def cart_of_order(order: Order) -> Cart:
    """Return an order as the cart it came from; what prolongs a service was in none."""
    lines = order.lines.filter(renews__isnull=True).select_related("product")
    return Cart(
        tuple(CartLine(Item(line.product.slug, line.period), line.quantity) for line in lines)
    )


def _facts(line: OrderLine) -> tuple[int, str, Decimal, Decimal]:
    return line.product_id, line.period, line.net, line.tax


def _item(wanted: Wanted) -> tuple[int, str]:
    return wanted.price.product_id, wanted.price.period


def _draft(customer: Customer, uid: UUID) -> Order:
    draft = Order.objects.drafts_of(customer).filter(uid=uid).first()
    if draft is None:
        raise Refused(Reason.NOT_BEGUN)
    return draft


def _line(order: Order, position: int, wanted: Wanted) -> OrderLine:
    price, product = wanted.price, wanted.price.product
    rule: TaxRule = import_string(settings.STORE_TAX_RULE)
    tax = rule(product.kind, _place(order.customer))
    net = line_total(price.money, wanted.quantity)
    return OrderLine(
        order=order,
        position=position,
        product=product,
        price=price,
        name=product.name,
        kind=product.kind,
        period=price.period,
        quantity=wanted.quantity,
        amount=price.amount,
        currency=SELLING_CURRENCY.code,
        net=net.amount,
        tax_name=tax.name,
        tax_rate=tax.rate,
        tax=tax.on(net).amount,
        delivered_by=product.delivered_by,
        partner_receives=product.partner_receives,
        renews=wanted.renews,
    )


def _place(customer: Customer) -> Place:
    known = personal_details(customer)
    return Place(known.country, known.region)


def _freeze_terms(order: Order, accepted: Accepted, now: datetime) -> None:
    terms = TermsVersion.objects.in_force(now)
    policy = PolicyVersion.objects.of(PRIVACY).in_force(now)
    if terms is None or policy is None:
        raise Refused(Reason.NO_POLICY)
    if (accepted.terms_hash, accepted.policy_hash) != (terms.text_hash, policy.text_hash):
        raise Refused(Reason.TERMS_CHANGED)
    OrderTerms.objects.create(
        order=order,
        terms=terms,
        terms_hash=terms.text_hash,
        policy=policy,
        policy_hash=policy.text_hash,
        wording=accepted.wording,
        language=get_language() or settings.LANGUAGE_CODE,
        accepted_at=now,
    )


def _freeze_address(order: Order) -> None:
    if not has_address(order.customer):
        raise Refused(Reason.NO_ADDRESS)
    known = asdict(personal_details(order.customer))
    BillingDetails.objects.create(
        order=order,
        name=known["name"],
        email=order.customer.email,
        **{name: known[name] for name in ADDRESS_FIELDS},
    )
