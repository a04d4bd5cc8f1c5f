"""A disk that is full is an error and no half order; when there is room again, it goes on."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.db import OperationalError, connection
from pytest_django import DjangoDbBlocker

from accounts.actors import SYSTEM
from accounts.models import Customer
from bizsecure.store.models import Order, Payment
from bizsecure.store.services.buying import buy
from tests.builders import LONG_AGO, RUN_ACCOUNT, first_policy, joined, prove_address
from tests.faults.works import looking_into
from tests.paying import MASTERCARD, VERIFY_PAYMENT, a_card
from tests.store.buying import a_draft_of, accepting, at_home

pytestmark = pytest.mark.skipif(
    connection.vendor != "sqlite",
    reason="A server of PostgreSQL with a disk of its own cannot be had here",
)


def pages(statement: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return int(cursor.fetchone()[0])


def order(customer: Customer, draft: Order, card: UUID) -> None:
    buy(customer=customer, uid=draft.uid, accepted=accepting(draft), card=card, actor=SYSTEM)


def test_an_order_that_does_not_fit_on_the_disk_is_not_there_at_all(
    database_url: str, acquirer: object, django_db_blocker: DjangoDbBlocker
) -> None:
    with django_db_blocker.unblock(), looking_into(database_url):
        first_policy(RUN_ACCOUNT, VERIFY_PAYMENT)
        customer = at_home(prove_address(joined("Alice Adams", at=LONG_AGO)))
        draft, card = a_draft_of(customer), a_card(customer)
        # As full as it is now, and not one page more.
        pages(f"PRAGMA max_page_count = {pages('PRAGMA page_count')}")
        with pytest.raises(OperationalError, match="full"):
            order(customer, draft, card.uid)
        draft.refresh_from_db()
        # It may have been placed as a whole before the disk was full; nothing was paid for it.
        assert draft.state in {"draft", "awaiting-payment"}
        assert not Payment.objects.filter(captured_at__isnull=False).exists()

        pages("PRAGMA max_page_count = 1073741823")
        bob = at_home(prove_address(joined("Bob Brown", at=LONG_AGO)))
        another = a_draft_of(bob)
        order(bob, another, a_card(bob, MASTERCARD).uid)
        assert Payment.objects.get(captured_at__isnull=False).order_id == another.pk
