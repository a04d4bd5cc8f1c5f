"""What was bought goes to its partner, once, whatever happens on the way (THIRD-2)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from datetime import timedelta
from inspect import getsource
from types import ModuleType
from typing import Any

import pytest
from django.db import transaction
from django.test import override_settings
from django.utils import timezone
from time_machine import Traveller

from accounts.actors import Actor
from accounts.models import Customer, User
from bizsecure.local.partners import Partners
from bizsecure.store.models import HeldService, OrderEvent
from bizsecure.store.services import handing_over
from bizsecure.store.services.handing_over import hand_over, hand_over_due, try_again
from bizsecure.store.states import OrderState, ServiceState
from consent.models import Disclosure, DisclosureOutcome, PolicyVersion
from tests.builders import a_use, first_policy
from tests.store.buying import at_home, held
from tests.store.partnering import partners_at_work
from tests.store.shopping import CERTIFICATE, HOSTING

Kind = OrderEvent.Kind


@pytest.fixture
def policy(db: None, clock: Traveller) -> PolicyVersion:
    """Give a policy that declares what GeoTrust gets."""
    return first_policy(a_use("deliver-certificate", "essential"))


@pytest.fixture
def partners() -> Iterator[Partners]:
    """Give the twins of the partners."""
    with partners_at_work() as twins:
        yield twins


@pytest.fixture
def bought(alice: Customer) -> HeldService:
    """Give a certificate that alice paid for."""
    [service] = held(at_home(alice), CERTIFICATE)
    return service


def handed_over() -> int:
    return hand_over_due(now=timezone.now())


def outcomes() -> list[str]:
    rows = DisclosureOutcome.objects.order_by("pk").values_list("outcome", flat=True)
    return [str(outcome) for outcome in rows]


def kinds(service: HeldService) -> list[str]:
    return list(service.events.order_by("pk").values_list("kind", flat=True))


def test_the_partner_gets_what_was_declared_and_the_service_works(
    bought: HeldService, partners: Partners
) -> None:
    assert handed_over() == 1
    bought.refresh_from_db()
    assert (bought.state, bought.partner_reference) == (ServiceState.ACTIVE, "GE-1")
    assert bought.line.order.state == OrderState.DELIVERED
    [got] = partners.received
    assert set(got["customer"]) == {"name", "email", "billing-address"}
    assert got["customer"]["name"] == "Alice Adams"
    row = Disclosure.objects.with_outcome().get()
    assert (row.reference, row.outcome) == (bought.line.order.number, "delivered")
    assert kinds(bought)[-2:] == [Kind.HANDED_OVER, Kind.ACTIVATED]


def test_only_the_partner_whose_product_was_bought_gets_anything(
    alice: Customer, partners: Partners
) -> None:
    held(at_home(alice), HOSTING)
    assert handed_over() == 0
    assert (partners.received, Disclosure.objects.count()) == ([], 0)
    held(alice, CERTIFICATE)
    handed_over()
    assert {got["path"] for got in partners.received} == {"/geotrust/certificates"}


def test_each_pass_finds_what_is_left_and_nothing_twice(
    bought: HeldService, partners: Partners
) -> None:
    handed_over()
    assert handed_over() == 0
    assert not hand_over(service=bought, now=timezone.now())
    assert len(partners.received) == 1
    assert Disclosure.objects.count() == 1


def test_a_partner_that_is_away_is_asked_again_later(
    bought: HeldService, partners: Partners, clock: Traveller
) -> None:
    partners.faults.extend([503, 503, 503])
    assert handed_over() == 0
    bought.refresh_from_db()
    assert (bought.state, bought.last_failure) == (ServiceState.ORDERED, "status-503")
    assert list(HeldService.objects.stuck()) == [bought]
    assert handed_over() == 0
    clock.shift(timedelta(minutes=6))
    assert handed_over() == 1
    assert outcomes() == ["unknown", "delivered"]
    assert len(partners.received) == 1


def test_a_worker_that_dies_after_the_send_loses_nothing(
    bought: HeldService,
    partners: Partners,
    clock: Traveller,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def died(**_facts: object) -> None:
        raise InterruptedError

    monkeypatch.setattr(handing_over, "record_outcome", died)
    with pytest.raises(InterruptedError):
        handed_over()
    monkeypatch.undo()
    assert outcomes() == []
    clock.shift(timedelta(minutes=11))
    assert handed_over() == 1
    assert outcomes() == ["unknown", "delivered"]
    # The partner did it once: the key is the same.
    assert len(partners.received) == 1


def test_two_workers_do_not_hand_over_the_same(bought: HeldService, partners: Partners) -> None:
    now = timezone.now()
    as_read = HeldService.objects.to_hand_over(now).get()
    assert hand_over(service=HeldService.objects.get(), now=now)
    assert not hand_over(service=as_read, now=now)
    assert Disclosure.objects.count() == 1


def test_a_partner_that_says_no_is_a_matter_for_staff(
    bought: HeldService, partners: Partners, clock: Traveller, carol: User
) -> None:
    partners.faults.append(403)
    handed_over()
    bought.refresh_from_db()
    assert (bought.state, bought.due_at) == (ServiceState.ORDERED, None)
    clock.shift(timedelta(days=30))
    assert handed_over() == 0
    assert try_again(service=bought, actor=Actor.staff(carol))
    assert handed_over() == 1
    assert not try_again(service=bought, actor=Actor.staff(carol))


def test_without_a_declared_use_nothing_is_sent(
    alice: Customer, bought: HeldService, partners: Partners
) -> None:
    Customer.objects.filter(pk=alice.pk).update(status=Customer.Status.CLOSED)
    assert handed_over() == 0
    bought.refresh_from_db()
    assert bought.last_failure == "gate_says_no"
    assert (partners.received, Disclosure.objects.count()) == ([], 0)


def test_a_partner_that_is_not_set_up_gets_nothing_and_no_line(bought: HeldService) -> None:
    with override_settings(PARTNERS={}):
        assert handed_over() == 0
    bought.refresh_from_db()
    assert bought.last_failure == "not set up"
    assert not Disclosure.objects.exists()


def test_it_does_not_run_inside_a_transaction(bought: HeldService, partners: Partners) -> None:
    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        handed_over()
    assert partners.received == []


class WithoutAuthorise(ast.NodeTransformer):
    """Takes the call of the register out of a module."""

    def visit_Assign(self, node: ast.Assign) -> Any:
        is_asked = isinstance(node.value, ast.Call) and ast.unparse(node.value.func) == "authorise"
        return ast.copy_location(ast.Pass(), node) if is_asked else node


def test_without_the_register_the_code_does_not_run(
    bought: HeldService, partners: Partners
) -> None:
    source = getsource(handing_over)
    robbed = WithoutAuthorise().visit(ast.parse(source))
    assert ast.unparse(robbed) != ast.unparse(ast.parse(source))
    module = ModuleType(handing_over.__name__)
    exec(compile(ast.fix_missing_locations(robbed), "robbed", "exec"), module.__dict__)  # noqa: S102
    with pytest.raises(NameError, match="grant"):
        module.hand_over(service=bought, now=timezone.now())
    assert partners.received == []
