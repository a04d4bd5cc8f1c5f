"""What the shop looks after by itself: partners, reminders, and drafts that nobody wants."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import override_settings
from django.utils import timezone
from time_machine import Traveller

from accounts.actors import SYSTEM
from accounts.models import Customer
from bizsecure.local.partners import Partners
from bizsecure.store.models import HeldService, Order, OrderEvent
from bizsecure.store.services.fulfilling import activate
from bizsecure.store.services.handing_over import hand_over_due
from bizsecure.store.services.reminding import remind_of_renewals
from bizsecure.store.services.sweeping import sweep
from bizsecure.store.states import ServiceState
from consent.models import Disclosure, PolicyVersion
from tests.builders import DAY, a_use, first_policy
from tests.postbox import Postbox
from tests.store.buying import a_draft_of, at_home, held
from tests.store.partnering import partners_at_work
from tests.store.shopping import CERTIFICATE, HOSTING, HOSTING_FOR_A_YEAR


@pytest.fixture
def policy(db: None, clock: Traveller) -> PolicyVersion:
    """Give a policy that declares what the partners get."""
    uses = [a_use(key, "essential") for key in ("deliver-certificate", "deliver-site-scanning")]
    return first_policy(*uses)


@pytest.fixture
def buyer(alice: Customer) -> Customer:
    """Give a customer of whom we know where to send an invoice."""
    return at_home(alice)


@pytest.fixture
def partners() -> Iterator[Partners]:
    """Give the twins of the partners."""
    with partners_at_work() as twins:
        yield twins


def test_a_partner_is_asked_once_and_the_service_works(buyer: Customer, partners: Partners) -> None:
    (service,) = held(buyer, CERTIFICATE)
    assert sweep()["handed over"] == 1
    assert sweep()["handed over"] == 0
    service.refresh_from_db()
    assert service.state == ServiceState.ACTIVE
    assert service.partner_reference
    disclosure = Disclosure.objects.get()
    assert disclosure.reference == service.line.order.number
    assert set(disclosure.field_list) == {"name", "email", "billing-address"}


def test_what_we_deliver_ourselves_tells_nobody(buyer: Customer, partners: Partners) -> None:
    held(buyer, HOSTING)
    sweep()
    assert not Disclosure.objects.exists()


def test_a_partner_that_is_away_is_asked_again_later_and_staff_see_it(
    buyer: Customer, clock: Traveller
) -> None:
    (service,) = held(buyer, CERTIFICATE)
    with override_settings(PARTNERS={}, PARTNER_PAUSES=()):
        for _each in range(3):
            assert hand_over_due(now=timezone.now()) == 0
    service.refresh_from_db()
    assert (service.state, service.attempts) == (ServiceState.ORDERED, 1)
    assert service in HeldService.objects.stuck()
    failed = OrderEvent.objects.filter(kind=OrderEvent.Kind.HANDOVER_FAILED)
    assert failed.count() == 1
    clock.shift(DAY)
    with partners_at_work():
        assert hand_over_due(now=timezone.now()) == 1
    assert not HeldService.objects.stuck().exists()


def test_without_a_declaration_a_partner_is_told_nothing(buyer: Customer) -> None:
    (service,) = held(buyer, CERTIFICATE)
    HeldService.objects.filter(pk=service.pk).update(delivered_by="Somebody Else")
    assert hand_over_due(now=timezone.now()) == 0
    service.refresh_from_db()
    assert service.last_failure == "no such partner"
    assert not Disclosure.objects.exists()


@pytest.mark.parametrize(("item", "days"), [(HOSTING, 7), (HOSTING_FOR_A_YEAR, 30)])
def test_a_customer_is_reminded_once_before_the_time_is_over(
    buyer: Customer, clock: Traveller, postbox: Postbox, item: object, days: int
) -> None:
    (service,) = held(buyer, item)  # type: ignore[arg-type]
    activate(service=service, actor=SYSTEM, now=timezone.now())
    service.refresh_from_db()
    assert service.paid_until is not None
    clock.move_to(service.paid_until - (days + 1) * DAY)
    assert remind_of_renewals(now=timezone.now()) == 0
    # Days without a sweep leave nobody out.
    clock.shift(3 * DAY)
    assert [remind_of_renewals(now=timezone.now()) for _each in range(2)] == [1, 0]
    (reminder,) = [mail for mail in postbox if mail.kind == "renewal_reminder"]
    assert service.name in reminder.subject
    assert str(service.uid) in reminder.body


def test_a_draft_that_nobody_goes_on_with_is_forgotten(buyer: Customer, clock: Traveller) -> None:
    a_draft_of(buyer)
    clock.shift(31 * DAY)
    sweep()
    assert not Order.objects.exists()
