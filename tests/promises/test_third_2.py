"""THIRD-2: partners get name and billing information, to deliver what was bought from them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.utils import timezone
from time_machine import Traveller

from accounts.models import Customer
from bizsecure.local.partners import Partners
from bizsecure.store.cart import Item
from bizsecure.store.services.handing_over import hand_over_due
from consent.models import Declaration, Disclosure, PolicyVersion
from tests.builders import a_use, first_policy
from tests.pages.browsing import signed_in
from tests.store.buying import at_home, held
from tests.store.partnering import partners_at_work
from tests.store.shopping import CERTIFICATE, HOSTING

SCANNING = Item("scanalert-scanning", "month")
BILLING = {"name", "email", "billing-address"}


@pytest.fixture
def policy(db: None, clock: Traveller) -> PolicyVersion:
    """Give a policy that declares what both partners get."""
    uses = [a_use(key, "essential") for key in ("deliver-certificate", "deliver-site-scanning")]
    return first_policy(*uses)


@pytest.fixture
def partners() -> Iterator[Partners]:
    """Give the twins of the partners."""
    with partners_at_work() as twins:
        yield twins


@pytest.mark.parametrize(
    ("item", "asked"),
    [
        (HOSTING, []),
        (CERTIFICATE, ["/geotrust/certificates"]),
        (SCANNING, ["/scanalert/subscriptions"]),
    ],
)
def test_only_the_partner_whose_product_was_bought_is_told_and_only_what_is_declared(
    alice: Customer, partners: Partners, item: Item, asked: list[str]
) -> None:
    held(at_home(alice), item)
    hand_over_due(now=timezone.now())
    assert [got["path"] for got in partners.received] == asked
    assert all(set(got["customer"]) == BILLING for got in partners.received)
    told = Disclosure.objects.values_list("fields", flat=True)
    assert [set(fields.split(",")) for fields in told] == [BILLING for _each in asked]


def test_the_customer_sees_what_the_partner_was_told(alice: Customer, partners: Partners) -> None:
    [service] = held(at_home(alice), CERTIFICATE)
    hand_over_due(now=timezone.now())
    shown = signed_in(alice).get("/account/disclosures/").text
    for said in ("GeoTrust", "Billing address, e-mail address and name", service.line.order.number):
        assert said in shown


@pytest.mark.django_db
def test_no_partner_may_be_given_anything_else_for_a_purchase() -> None:
    rows = Declaration.objects.filter(recipient__kind="partner", ground="purchase")
    assert set(rows.values_list("recipient__key", "field")) == {
        (partner, field) for partner in ("geotrust", "scanalert") for field in BILLING
    }
