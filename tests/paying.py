"""Cards, and a card company that takes them: real HTTP, no money."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts.actors import SYSTEM
from accounts.models import Customer
from bizsecure.local.acquirer import Acquirer, AcquirerServer
from bizsecure.local.acquirerbook import Book
from bizsecure.vault.cards import CardDetails, CardNumber, Expiry
from bizsecure.vault.models import Card
from bizsecure.vault.services.adding import keep_card
from bizsecure.vault.services.settling import accept_card
from tests.builders import a_use
from tests.stripe_twin import KEY, Twin, stripe_twin

VERIFY_PAYMENT = a_use("verify-payment", "essential")
# How the sandbox goes about these: bizsecure.local.testcards.
VISA = "4242424242424242"
MASTERCARD = "5555555555554444"
REFUSED = "4000000000000002"
CONFIRMED = "4000000000003220"
ANSWERED_LATE = "4000000000001067"
NOT_HEARD = "4000000000001075"
CODE = "737"
HOLDER = "A. Cardholder"


@pytest.fixture
def acquirer(settings: Settings) -> Iterator[Acquirer]:
    """Give the sandbox acquirer, which answers for this test and calls when the test says so."""
    company = Acquirer(Book(":memory:"), settings.SANDBOX_SECRET, calls=False)
    with AcquirerServer(company) as server:
        settings.SANDBOX_URL = server.url
        settings.PAYMENT_TIMEOUT_SECONDS = 0.5
        yield company


@pytest.fixture
def twin(settings: Settings) -> Iterator[Twin]:
    """Give Stripe's stand-in, through which this test is paid."""
    with stripe_twin() as twin:
        settings.PAYMENT_GATEWAY = "stripe"
        settings.STRIPE_API, settings.STRIPE_SECRET_KEY = twin.url, KEY
        settings.PAYMENT_TIMEOUT_SECONDS = 2
        yield twin


def details(number: str = VISA, holder: str = HOLDER) -> CardDetails:
    """Return a card as it is typed, good for two years."""
    return CardDetails(CardNumber.typed(number), Expiry(timezone.now().year + 2, 4), holder)


def typed(number: str = VISA, **other: Any) -> dict[str, Any]:
    """Return the form of a card as a customer fills it in."""
    year = timezone.now().year % 100 + 2
    return {"number": number, "expiry": f"04/{year}", "code": CODE, "holder": HOLDER, **other}


def a_card(customer: Customer, number: str = VISA) -> Card:
    """Return a card of this customer's that is ready to pay with; nobody is asked about it."""
    now = timezone.now()
    card, _is_new = keep_card(customer=customer, details=details(number), actor=SYSTEM, now=now)
    accept_card(uid=card.uid, reference="veri_1", actor=SYSTEM, now=now)
    card.refresh_from_db()
    return card
