"""Gateways call: signed, once, and never believed (SECURITY: webhooks)."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
import stripe  # noqa: TID251  to sign as it does
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Customer
from bizsecure.local.acquirer import Acquirer
from bizsecure.store.models import GatewayCall
from bizsecure.store.tasks import ask_gateway
from bizsecure.vault.models import Card
from consent.models import PolicyVersion
from tests.builders import RUN_ACCOUNT, first_policy
from tests.pages.browsing import just_proven, signed_in
from tests.paying import CONFIRMED, VERIFY_PAYMENT, typed

SANDBOX, STRIPE = "/webhooks/sandbox/", "/webhooks/stripe/"
SECRET = "whsec_of_the_tests"
JSON = "application/json"


@pytest.fixture
def policy(db: None, clock: Any) -> PolicyVersion:
    """Give a policy that declares what the card company is told."""
    return first_policy(RUN_ACCOUNT, VERIFY_PAYMENT)


@pytest.fixture
def company(settings: Settings) -> Acquirer:
    """Give a sandbox acquirer that only signs."""
    return Acquirer(book=None, secret=settings.SANDBOX_SECRET)  # type: ignore[arg-type]


def event(**other: Any) -> bytes:
    facts = {"id": "evt_1", "type": "authorise.settled", "key": "card-nobodys", **other}
    return json.dumps(facts).encode()


def call(company: Acquirer, body: bytes, *, ago: int = 0, signature: str = "") -> int:
    signed = signature or company.sign(body, int(time.time()) - ago)
    client = Client(enforce_csrf_checks=True)
    answer = client.post(SANDBOX, body, content_type=JSON, headers={"Sandbox-Signature": signed})
    return answer.status_code


@pytest.mark.django_db
def test_a_call_is_written_down_once_however_often_it_comes(company: Acquirer) -> None:
    assert [call(company, event()) for _each in range(3)] == [200, 200, 200]
    assert GatewayCall.objects.get().event == "evt_1"


@pytest.mark.django_db
def test_calls_of_unknown_kinds_and_about_unknown_things_are_kept(company: Acquirer) -> None:
    assert call(company, event(type="moon.landing", key="")) == 200
    assert GatewayCall.objects.get().kind == "moon.landing"


@pytest.mark.django_db
@pytest.mark.parametrize("ago", [301, -301, 100_000])
def test_an_old_call_is_somebodys_copy(company: Acquirer, ago: int) -> None:
    assert call(company, event(), ago=ago) == 400
    assert not GatewayCall.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "header", ["", "t=,v1=", "t=1e9,v1=00", "v1=00", "t=\u0661,v1=0", "x" * 9999]
)
def test_a_call_that_is_not_signed_is_refused(company: Acquirer, header: str) -> None:
    headers = {"Sandbox-Signature": header}
    assert Client().post(SANDBOX, event(), content_type=JSON, headers=headers).status_code == 400


@pytest.mark.django_db
def test_one_byte_more_or_another_secret_is_refused(company: Acquirer) -> None:
    signature = company.sign(event(), int(time.time()))
    for body in (event() + b" ", event(id="evt_2")):
        assert call(company, body, signature=signature) == 400
    stranger = Acquirer(book=None, secret="somebody else's secret")  # type: ignore[arg-type]
    assert call(stranger, event()) == 400


@pytest.mark.django_db
@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"\xff", b'{"id": 1}', b'{"data": 1}'])
def test_a_signed_call_that_makes_no_sense_is_refused(company: Acquirer, body: bytes) -> None:
    assert call(company, body) == 400


@pytest.mark.django_db
def test_a_call_is_no_page_and_no_upload(company: Acquirer) -> None:
    assert Client().get(SANDBOX).status_code == 405
    assert call(company, event(type="x" * 2_000_000)) in {400, 413}
    assert Client().post(STRIPE, event(), content_type=JSON).status_code == 404


@pytest.mark.django_db
def test_stripes_calls_are_known_by_stripes_signature(settings: Settings) -> None:
    settings.PAYMENT_GATEWAY, settings.STRIPE_WEBHOOK_SECRET = "stripe", SECRET
    about = {"id": "cs_1", "metadata": {"key": "card-x"}, "client_reference_id": "card-x"}
    body = json.dumps(
        {"id": "evt_9", "type": "checkout.session.completed", "data": {"object": about}}
    )
    moment = int(time.time())
    signed = stripe.WebhookSignature._compute_signature(f"{moment}.{body}", SECRET)
    for header, status in (
        (f"t={moment},v1={signed}", 200),
        (f"t={moment},v1={signed}", 200),
        (f"t={moment - 301},v1={signed}", 400),
        (f"t={moment},v1={signed[::-1]}", 400),
        ("", 400),
    ):
        headers = {"Stripe-Signature": header}
        answer = Client().post(STRIPE, body, content_type=JSON, headers=headers)
        assert answer.status_code == status
    assert GatewayCall.objects.get().key == "card-x"


def test_a_call_has_the_gateway_asked_and_is_not_believed_itself(
    alice: Customer, acquirer: Acquirer
) -> None:
    just_proven(signed_in(alice)).post("/account/cards/add/", typed(CONFIRMED))
    card = Card.objects.get()
    key = card.open_check.key
    assert call(acquirer, event(id="evt_early", key=key, outcome="approved")) == 200
    ask_gateway()
    card.refresh_from_db()
    assert card.is_confirming
    confirmed = acquirer.book.confirm(card.reference, agrees=True)
    assert confirmed is not None
    assert call(acquirer, acquirer.event(confirmed)) == 200
    ask_gateway()
    card.refresh_from_db()
    assert card.is_ready
    assert call(acquirer, event(id="evt_later_still", key=key)) == 200
    assert timezone.now() >= card.added_at
