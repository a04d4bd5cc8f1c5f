from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.test import override_settings
from django.utils import timezone
from moneyed import Money

from accounts.actors import SYSTEM, Actor
from accounts.models import Customer, User
from bizsecure.core.errors import Refused
from bizsecure.store.cart import Cart, CartLine, Item
from bizsecure.store.models import (
    BillingDetails,
    HeldService,
    Invoice,
    Order,
    OrderEvent,
    OrderTerms,
    Payment,
    Product,
    SavedCart,
)
from bizsecure.store.pricing import Tax, TaxByPlace
from bizsecure.store.reasons import Reason
from bizsecure.store.services.checkout import (
    begin_checkout,
    begin_renewal,
    confirm_changes,
    has_changed,
    place_order,
)
from bizsecure.store.services.fulfilling import (
    activate,
    cancel_order,
    order_was_declined,
    order_was_refunded,
)
from bizsecure.store.services.holding import (
    cancel_service,
    let_time_pass,
    set_up_our_own,
    take_cancellation_back,
)
from bizsecure.store.services.moving import NoSuchMove, move_order
from bizsecure.store.services.saved_carts import save_change
from bizsecure.store.states import OrderState, ServiceState
from tests.builders import DAY, during
from tests.store.buying import (
    a_cart,
    a_draft_of,
    accepting,
    at_home,
    held,
    ordered,
    paid,
    placed,
)
from tests.store.shopping import CERTIFICATE, HOSTING, HOSTING_FOR_A_YEAR, a_price

DOMAIN = Item("domain-name", "year")
TAX_IN_NEW_JERSEY = TaxByPlace({("US", "New Jersey"): Tax("NJ sales tax", Decimal("0.06625"))})


@pytest.fixture
def buyer(alice: Customer) -> Customer:
    """Give a customer of whom we know where to send an invoice."""
    return at_home(alice)


def refused(reason: Reason) -> pytest.RaisesExc[Refused]:
    return pytest.raises(Refused, match=reason.name)


def test_a_draft_is_the_cart_at_todays_prices(buyer: Customer) -> None:
    draft = a_draft_of(buyer, HOSTING, CERTIFICATE, quantity=2)
    assert draft.money == Money("214.00", "USD")
    assert [(line.name, line.quantity) for line in draft.lines.all()] == [
        ("Shared hosting", 2),
        ("GeoTrust certificate", 2),
    ]
    assert not Order.objects.visible_to(buyer).exists()


def test_beginning_twice_is_the_same_draft(buyer: Customer) -> None:
    assert a_draft_of(buyer) == a_draft_of(buyer)


def test_another_cart_is_another_draft_and_the_earlier_one_is_gone(buyer: Customer) -> None:
    first = a_draft_of(buyer)
    second = a_draft_of(buyer, CERTIFICATE)
    assert list(Order.objects.drafts_of(buyer)) == [second]
    with refused(Reason.NOT_BEGUN):
        place_order(customer=buyer, uid=first.uid, accepted=accepting(second), actor=SYSTEM)


def test_what_changes_in_the_cart_does_not_change_what_is_being_checked_out(
    buyer: Customer,
) -> None:
    draft = a_draft_of(buyer)
    save_change(
        customer=buyer, brought=a_cart(CERTIFICATE), change=lambda cart: cart, now=timezone.now()
    )
    order = placed(draft)
    assert [line.name for line in order.lines.all()] == ["Shared hosting"]
    assert SavedCart.objects.get(customer=buyer).contents == [[*CERTIFICATE, 1]]


def test_nothing_can_be_ordered_from_an_empty_cart(buyer: Customer) -> None:
    with refused(Reason.NOTHING_TO_ORDER):
        begin_checkout(customer=buyer, cart=Cart())


def test_no_more_can_be_ordered_than_is_sold_at_once(buyer: Customer) -> None:
    eleven = Cart((CartLine(Item("dedicated-hosting", "month"), 11),))
    with refused(Reason.OVER_LIMIT):
        begin_checkout(customer=buyer, cart=eleven)


def test_an_order_freezes_the_terms_and_the_policy_that_were_accepted(buyer: Customer) -> None:
    order = ordered(buyer)
    terms = OrderTerms.objects.get(order=order)
    assert terms.wording == "I accept."
    assert (terms.terms_hash, terms.policy_hash) == (terms.terms.text_hash, terms.policy.text_hash)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        OrderTerms.objects.update(wording="I accept everything.")


def test_the_database_places_no_order_without_accepted_terms(buyer: Customer) -> None:
    draft = a_draft_of(buyer)
    with pytest.raises(DatabaseError, match="accepted terms"), transaction.atomic():
        Order.objects.filter(pk=draft.pk).update(
            state=OrderState.AWAITING_PAYMENT, placed_at=timezone.now()
        )


def test_terms_that_were_not_shown_are_not_accepted(buyer: Customer) -> None:
    draft = a_draft_of(buyer)
    with refused(Reason.TERMS_CHANGED):
        place_order(
            customer=buyer,
            uid=draft.uid,
            accepted=replace(accepting(draft), terms_hash="0" * 64),
            actor=SYSTEM,
        )
    assert not OrderTerms.objects.exists()


def test_an_order_sent_twice_is_one_order(buyer: Customer) -> None:
    draft = a_draft_of(buyer)
    assert placed(draft) == placed(draft)
    assert OrderEvent.objects.filter(kind=OrderEvent.Kind.PLACED).count() == 1


def test_nobody_orders_what_another_customer_is_checking_out(
    buyer: Customer, bob: Customer
) -> None:
    draft = a_draft_of(buyer)
    with refused(Reason.NOT_BEGUN):
        place_order(customer=bob, uid=draft.uid, accepted=accepting(draft), actor=SYSTEM)


def test_without_an_address_for_the_invoice_nothing_is_ordered(alice: Customer) -> None:
    draft = a_draft_of(alice)
    with refused(Reason.NO_ADDRESS):
        placed(draft)
    assert not BillingDetails.objects.exists()


def test_the_address_stays_as_it_was_when_the_order_was_placed(buyer: Customer) -> None:
    order = ordered(buyer)
    assert order.billing.lines[0] == "77 Foundry Row"
    with pytest.raises(DatabaseError, match="does not change"), transaction.atomic():
        BillingDetails.objects.update(name="Mallory")


def test_a_new_price_is_not_charged_before_the_customer_says_so(buyer: Customer) -> None:
    draft = a_draft_of(buyer)
    a_price(Product.objects.get(slug=HOSTING.slug), "9.50", timezone.now())
    assert has_changed(order=draft, now=timezone.now())
    with refused(Reason.PRICES_CHANGED):
        placed(draft)
    confirmed = confirm_changes(customer=buyer, uid=draft.uid)
    assert placed(confirmed).total == Decimal("9.50")


def test_what_was_withdrawn_meanwhile_is_left_out_once_the_customer_says_so(
    buyer: Customer,
) -> None:
    draft = a_draft_of(buyer, HOSTING, CERTIFICATE)
    Product.objects.filter(slug=CERTIFICATE.slug).update(is_on_sale=False)
    with refused(Reason.PRICES_CHANGED):
        placed(draft)
    order = placed(confirm_changes(customer=buyer, uid=draft.uid))
    assert [line.name for line in order.lines.all()] == ["Shared hosting"]


def test_another_total_than_the_one_on_the_page_is_not_accepted(buyer: Customer) -> None:
    draft = a_draft_of(buyer)
    with refused(Reason.PRICES_CHANGED):
        place_order(
            customer=buyer,
            uid=draft.uid,
            accepted=replace(accepting(draft), total=Decimal("0.01")),
            actor=SYSTEM,
        )


def test_the_tax_of_the_place_is_on_each_line_and_in_the_total(buyer: Customer) -> None:
    with override_settings(STORE_TAX_RULE="tests.store.test_checkout.TAX_IN_NEW_JERSEY"):
        draft = a_draft_of(buyer, CERTIFICATE)
    line = draft.lines.get()
    assert (line.tax_name, line.tax, draft.total) == (
        "NJ sales tax",
        Decimal("6.56"),
        Decimal("105.56"),
    )


def test_a_placed_order_does_not_change(buyer: Customer) -> None:
    order = ordered(buyer)
    for change in ({"total": Decimal(1), "net": Decimal(1)}, {"customer": None}, {"number": "O-1"}):
        with pytest.raises((DatabaseError, IntegrityError)), transaction.atomic():
            Order.objects.filter(pk=order.pk).update(**change)
    with pytest.raises(DatabaseError, match="does not change"), transaction.atomic():
        order.lines.update(quantity=9)
    with pytest.raises(DatabaseError), transaction.atomic():
        Order.objects.filter(pk=order.pk)._raw_delete("default")


def test_an_order_moves_only_as_the_table_says(buyer: Customer) -> None:
    order = ordered(buyer)
    now = timezone.now()
    with pytest.raises(NoSuchMove):
        move_order(
            order=order,
            to=OrderState.DELIVERED,
            kind=OrderEvent.Kind.DELIVERED,
            actor=SYSTEM,
            now=now,
        )
    with pytest.raises(DatabaseError, match="does not move so"), transaction.atomic():
        Order.objects.filter(pk=order.pk).update(state=OrderState.DELIVERED, paid_at=now)


def test_the_database_calls_no_order_paid_without_money(buyer: Customer) -> None:
    order = ordered(buyer)
    with pytest.raises(DatabaseError, match="captured payment"), transaction.atomic():
        Order.objects.filter(pk=order.pk).update(state=OrderState.PAID, paid_at=timezone.now())


def test_the_database_takes_no_second_payment_for_an_order(buyer: Customer) -> None:
    order = paid(ordered(buyer, DOMAIN))
    now = timezone.now()
    with pytest.raises(DatabaseError), transaction.atomic():
        Payment.objects.create(
            order=order,
            attempt=2,
            amount=order.total,
            currency="USD",
            gateway="sandbox",
            asked_at=now,
            moved_at=now,
        )


def test_a_paid_order_brings_a_service_for_each_unit(buyer: Customer) -> None:
    services = held(buyer, HOSTING, CERTIFICATE, quantity=2)
    assert [(service.name, service.unit, service.state) for service in services] == [
        ("Shared hosting", 1, "ordered"),
        ("Shared hosting", 2, "ordered"),
        ("GeoTrust certificate", 1, "ordered"),
        ("GeoTrust certificate", 2, "ordered"),
    ]


def test_invoices_are_numbered_without_a_gap_also_over_what_failed(buyer: Customer) -> None:
    paid(ordered(buyer))
    order = ordered(buyer, CERTIFICATE)
    with transaction.atomic():
        paid(order)
        transaction.set_rollback(True)
    order.refresh_from_db()
    paid(order)
    assert list(Invoice.objects.values_list("number", flat=True)) == [1, 2]


def test_a_declined_order_is_cancelled_and_its_things_are_in_the_cart_again(
    buyer: Customer,
) -> None:
    order = ordered(buyer, quantity=3)
    order_was_declined(order=order, actor=SYSTEM, now=timezone.now(), reason="REFUSED")
    for _each in range(2):
        assert cancel_order(order=order, actor=SYSTEM).state == OrderState.CANCELLED
    assert SavedCart.objects.get(customer=buyer).contents == [[*HOSTING, 3]]
    assert OrderEvent.objects.filter(kind=OrderEvent.Kind.CANCELLED).count() == 1


def test_a_paid_order_is_not_cancelled(buyer: Customer) -> None:
    order = paid(ordered(buyer))
    with refused(Reason.NOT_CANCELLABLE):
        cancel_order(order=order, actor=SYSTEM)


def test_an_order_whose_payment_is_open_is_not_cancelled(buyer: Customer) -> None:
    order = ordered(buyer)
    now = timezone.now()
    Payment.objects.create(
        order=order,
        attempt=1,
        amount=order.total,
        currency="USD",
        gateway="sandbox",
        asked_at=now,
        moved_at=now,
    )
    with refused(Reason.PAYMENT_OPEN):
        cancel_order(order=order, actor=SYSTEM)


def test_what_we_deliver_ourselves_works_after_the_next_sweep(buyer: Customer) -> None:
    (service,) = held(buyer, HOSTING)
    assert set_up_our_own(now=timezone.now()) == 1
    service.refresh_from_db()
    assert service.state == ServiceState.ACTIVE
    assert service.paid_until == timezone.now() + timedelta(days=31)
    assert service.line.order.state == OrderState.DELIVERED
    assert set_up_our_own(now=timezone.now()) == 0


def test_a_domain_name_waits_for_our_staff(buyer: Customer, carol: User) -> None:
    (service,) = held(buyer, DOMAIN)
    assert set_up_our_own(now=timezone.now()) == 0
    assert activate(service=service, actor=Actor.staff(carol), now=timezone.now())


def active(customer: Customer, item: Item = HOSTING) -> HeldService:
    (service,) = held(customer, item)
    activate(service=service, actor=SYSTEM, now=timezone.now())
    service.refresh_from_db()
    return service


def test_a_renewed_service_is_paid_for_a_month_more(buyer: Customer) -> None:
    service = active(buyer)
    assert service.paid_until is not None
    before = service.paid_until
    paid(placed(begin_renewal(service=service)))
    service.refresh_from_db()
    assert service.paid_until is not None
    assert (service.paid_until - before).days in range(28, 32)
    assert HeldService.objects.count() == 1


def test_a_service_that_is_not_renewed_is_suspended_and_then_ends(buyer: Customer) -> None:
    service = active(buyer)
    assert service.paid_until is not None
    states = []
    for moment in (
        service.paid_until - DAY,
        service.paid_until,
        service.paid_until + 29 * DAY,
        service.paid_until + 30 * DAY,
    ):
        with during(moment):
            let_time_pass(now=moment)
        service.refresh_from_db()
        states.append(service.state)
    assert states == ["active", "suspended", "suspended", "ended"]


def test_a_suspended_service_works_again_when_it_is_renewed(buyer: Customer) -> None:
    service = active(buyer)
    assert service.paid_until is not None
    later = service.paid_until + 3 * DAY
    with during(later):
        let_time_pass(now=later)
        service.refresh_from_db()
        paid(placed(begin_renewal(service=service)))
    service.refresh_from_db()
    assert service.state == ServiceState.ACTIVE
    assert service.paid_until > later + 27 * DAY


def test_a_cancelled_service_ends_when_its_time_is_over(buyer: Customer) -> None:
    service = active(buyer)
    for reason in ("not-needed", "unhappy"):
        service = cancel_service(service=service, reason=reason, actor=SYSTEM)
    assert (service.cancel_reason, service.cancels_at) == ("not-needed", service.paid_until)
    with refused(Reason.IS_CANCELLED):
        begin_renewal(service=service)
    assert service.cancels_at is not None
    with during(service.cancels_at):
        let_time_pass(now=service.cancels_at)
    service.refresh_from_db()
    assert service.state == ServiceState.ENDED
    with refused(Reason.TOO_LATE):
        take_cancellation_back(service=service, actor=SYSTEM)


def test_a_cancellation_can_be_taken_back_in_time(buyer: Customer) -> None:
    service = cancel_service(service=active(buyer), reason="unsaid", actor=SYSTEM)
    service = take_cancellation_back(service=service, actor=SYSTEM)
    assert (service.cancels_at, service.cancel_reason) == (None, "")


def test_what_was_not_set_up_yet_ends_at_once(buyer: Customer) -> None:
    (service,) = held(buyer, CERTIFICATE)
    service = cancel_service(service=service, reason="unsaid", actor=SYSTEM)
    service.refresh_from_db()
    assert service.state == ServiceState.ENDED
    assert service.line.order.state == OrderState.DELIVERED


def test_what_is_paid_back_ends_and_has_a_credit_note(buyer: Customer) -> None:
    order = paid(ordered(buyer, HOSTING_FOR_A_YEAR))
    for _each in range(2):
        order_was_refunded(order=order, actor=SYSTEM, now=timezone.now())
    assert [row.kind for row in Invoice.objects.filter(order=order)] == ["invoice", "credit"]
    assert not HeldService.objects.running().exists()
