"""A process that pays dies, or loses its database, in the worst moments: one charge or none.

The process is a real one, over a real database; the card company is the sandbox, in this process,
and strikes when a request is with it.
"""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from threading import Timer
from typing import Any

import psycopg
import pytest
from django.db import connections
from django.utils import timezone
from pytest_django import DjangoDbBlocker, Settings

from bizsecure.local.acquirer import Acquirer, AcquirerServer
from bizsecure.local.acquirerbook import Book, Entry
from bizsecure.store.models import HeldService, Invoice, Order, Payment
from bizsecure.store.services.paying import settle_due
from bizsecure.store.states import OrderState
from consent.models import Disclosure
from tests.builders import DAY, LONG_AGO, RUN_ACCOUNT, first_policy, joined
from tests.faults.works import ROOT, kill, looking_into
from tests.paying import VERIFY_PAYMENT, VISA, a_card
from tests.store.buying import at_home, ordered

PAY = """
import sys
from uuid import UUID
import django
django.setup()
from accounts.actors import SYSTEM
from bizsecure.store.models import Order
from bizsecure.store.services.paying import pay
pay(order=Order.objects.get(number=sys.argv[1]), card=UUID(sys.argv[2]), actor=SYSTEM)
"""
AUTHORISE, CAPTURE = "authorise", "capture"


class Striking(Book):
    """A book of requests that strikes once, when it has done a step and not answered yet."""

    def __init__(self) -> None:
        super().__init__(":memory:")
        self.strikes: dict[str, Callable[[], object]] = {}

    def enter(self, key: str, step: str, body: Mapping[str, Any]) -> tuple[Entry | None, bool]:
        done = super().enter(key, step, body)
        if strike := self.strikes.pop(step, None):
            strike()
        return done


@dataclass
class Shop:
    """An order that waits to be paid, the process that pays it, and the card company."""

    book: Striking
    order: Order
    card: str
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def pay(self) -> int:
        """Have another process pay, and return how it ended."""
        process = subprocess.Popen(
            [sys.executable, "-c", PAY, self.order.number, self.card],
            cwd=ROOT,
            env=os.environ,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self.processes.append(process)
        return process.wait(60)

    def die(self) -> None:
        """End the process that pays as a power cut would."""
        kill(self.processes[-1])

    def later(self) -> None:
        """Let the sweep look into what is open."""
        settle_due(now=timezone.now() + DAY)
        self.order.refresh_from_db()


@pytest.fixture
def shop(
    database_url: str,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[Shop]:
    """Give an order over a database of its own."""
    book = Striking()
    company = Acquirer(book, settings.SANDBOX_SECRET, calls=False)
    with (
        AcquirerServer(company) as server,
        django_db_blocker.unblock(),
        looking_into(database_url),
    ):
        settings.SANDBOX_URL = server.url
        monkeypatch.setenv("SANDBOX_URL", server.url)
        monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "bizsecure.settings")
        first_policy(RUN_ACCOUNT, VERIFY_PAYMENT)
        buyer = at_home(joined("Alice Adams", at=LONG_AGO))
        yield Shop(book, ordered(buyer), str(a_card(buyer, VISA).uid))


@pytest.mark.parametrize("step", [AUTHORISE, CAPTURE])
def test_a_process_that_is_killed_while_it_pays_leaves_one_charge_and_a_paid_order(
    shop: Shop, step: str
) -> None:
    shop.book.strikes[step] = shop.die
    assert shop.pay() < 0
    assert Payment.objects.live().count() == 1
    assert not Invoice.objects.exists()
    for _each in range(2):
        shop.later()
    check_that_it_was_paid_once(shop)


def test_a_process_that_loses_its_database_there_leaves_one_charge_and_a_paid_order(
    shop: Shop,
) -> None:
    database = connections["default"]
    if database.vendor == "sqlite":
        # A file has no connection to lose: somebody else writes to it for a while.
        shop.book.strikes[CAPTURE] = lambda: hold(database.settings_dict["NAME"])
        assert shop.pay() == 0
    else:
        shop.book.strikes[CAPTURE] = lambda: cut_off_all_but(database)
        assert shop.pay() == 1
        assert shop.book.count(CAPTURE) == 1
        assert Order.objects.get().state == OrderState.AWAITING_PAYMENT
    for _each in range(2):
        shop.later()
    check_that_it_was_paid_once(shop)


def check_that_it_was_paid_once(shop: Shop) -> None:
    assert shop.book.count(AUTHORISE) == shop.book.count(CAPTURE) == 1
    assert shop.book.total(CAPTURE) == Decimal("8.00")
    assert shop.order.state == OrderState.IN_DELIVERY
    assert Invoice.objects.count() == HeldService.objects.count() == 1
    assert not Payment.objects.filter(due_at__isnull=False).exists()
    # What went to the card company, again or not, has its line.
    assert Disclosure.objects.filter(reference=shop.order.number).count() >= 1


def hold(file: str) -> None:
    """Hold the lock of a database in a file for half a second."""
    other = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    Timer(0.5, other.close).start()


def cut_off_all_but(ours: Any) -> None:
    """End every connection to this database but ours, as a restart would."""
    with psycopg.connect(**_where(ours), autocommit=True) as session:
        session.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = "
            "current_database() AND pid NOT IN (pg_backend_pid(), %s)",
            [ours.connection.info.backend_pid],
        )


def _where(ours: Any) -> dict[str, Any]:
    facts = ours.settings_dict
    return {"host": facts["HOST"], "user": facts["USER"], "dbname": facts["NAME"]}
