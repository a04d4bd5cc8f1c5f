"""What the law has us keep of orders is kept as long as it wants, with as little as it wants."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone
from pytest_django import Settings
from time_machine import Traveller

from accounts.actors import Actor
from accounts.models import Customer
from accounts.services.closing import TIME_TO_THINK, carry_out, request_closing
from bizsecure.core.rotating import rotate, under_older_keys
from bizsecure.store.models import BillingDetails, HeldService, Invoice, Order, Payment
from bizsecure.store.periods import years_before
from bizsecure.store.services.erasing import forget_old_records
from bizsecure.store.states import ServiceState
from consent.models import PolicyVersion
from tests.builders import DAY
from tests.pages.browsing import signed_in, text
from tests.store.buying import at_home, held, ordered, paid

OLD_KEY, NEW_KEY = bytes(range(32)), bytes(range(32, 64))


@pytest.fixture
def buyer(alice: Customer, policy: PolicyVersion, clock: Traveller) -> Customer:
    """Give alice, whose address is known."""
    return at_home(alice)


def cards() -> set[tuple[str, str]]:
    return set(Payment.objects.values_list("card_brand", "card_last_four"))


@pytest.mark.parametrize("years", [7, 10])
def test_whom_an_invoice_went_to_is_forgotten_when_the_law_lets_us(
    buyer: Customer, clock: Traveller, settings: Settings, years: int
) -> None:
    settings.RECORDS_KEPT_YEARS = years
    held(buyer)
    ends = timezone.now().replace(year=timezone.now().year + years)
    clock.move_to(ends)
    forget_old_records(now=timezone.now())
    assert (BillingDetails.objects.count(), cards()) == (1, {("Visa", "4242")})
    clock.shift(DAY)
    for _twice in range(2):
        forget_old_records(now=timezone.now())
    assert (BillingDetails.objects.count(), cards()) == (0, {("", "")})
    assert (Order.objects.count(), Invoice.objects.count()) == (1, 1)
    order = Order.objects.get()
    for address in (order.get_absolute_url(), f"{order.get_absolute_url()}invoice/"):
        assert "Erased" in text(signed_in(buyer).get(address))


def test_a_later_invoice_keeps_what_it_belongs_to(buyer: Customer, clock: Traveller) -> None:
    order = ordered(buyer)
    clock.shift(30 * DAY)
    paid(order)
    clock.shift((7 * 365 + 2 - 20) * DAY)
    forget_old_records(now=timezone.now())
    assert BillingDetails.objects.exists()
    clock.shift(30 * DAY)
    forget_old_records(now=timezone.now())
    assert not BillingDetails.objects.exists()


def test_years_are_counted_on_the_calendar() -> None:
    leap_day = datetime(2028, 2, 29, 12, tzinfo=UTC)
    assert years_before(leap_day, 7) == datetime(2021, 2, 28, 12, tzinfo=UTC)
    assert years_before(leap_day, 4) == datetime(2024, 2, 29, 12, tzinfo=UTC)


def test_what_is_kept_after_closing_has_no_contact_data(buyer: Customer, clock: Traveller) -> None:
    held(buyer)
    HeldService.objects.update(state=ServiceState.ENDED, ended_at=timezone.now())
    closing = request_closing(customer=buyer, actor=Actor.customer(buyer.user))
    clock.shift(TIME_TO_THINK)
    assert carry_out(closing_id=closing.pk)
    billing = BillingDetails.objects.get()
    # The law wants an invoice to name who it went to, and where they live.
    assert (billing.name, billing.street, billing.email) == ("Alice Adams", "77 Foundry Row", "")


@pytest.mark.parametrize(
    "change", [{"name": "Mallory"}, {"country": "DE"}, {"email": "mallory@example.com"}]
)
def test_a_placed_order_is_billed_to_nobody_else(buyer: Customer, change: dict[str, str]) -> None:
    ordered(buyer)
    with pytest.raises(DatabaseError, match="does not change"), transaction.atomic():
        BillingDetails.objects.update(**change)


def test_the_address_of_a_placed_order_can_be_sealed_anew(
    buyer: Customer, settings: Settings
) -> None:
    settings.CRYPTOGRAPHY_KEYS = [OLD_KEY]
    at_home(buyer)
    billing = ordered(buyer).billing
    settings.CRYPTOGRAPHY_KEYS = [NEW_KEY, OLD_KEY]
    assert sum(step.resealed for step in rotate(10) if step.name == "store.BillingDetails") == 1
    assert "store.BillingDetails" not in under_older_keys()
    settings.CRYPTOGRAPHY_KEYS = [NEW_KEY]
    assert BillingDetails.objects.get(pk=billing.pk).street == "77 Foundry Row"
