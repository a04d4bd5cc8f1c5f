"""A disk that is full is an error and no half order; when there is room again, it goes on."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import pytest
from django.db import DatabaseError, connection
from pytest_django import DjangoDbBlocker

from accounts.actors import SYSTEM
from accounts.models import Customer
from bizsecure.store.models import Order, Payment
from bizsecure.store.services.buying import buy
from tests.builders import LONG_AGO, RUN_ACCOUNT, first_policy, joined, prove_address
from tests.faults.works import looking_into
from tests.paying import MASTERCARD, VERIFY_PAYMENT, a_card
from tests.store.buying import a_draft_of, accepting, at_home

# Logs of PostgreSQL are files of 16 MB, and must go on being written.
LOG_BYTES = 16 * 1024 * 1024
EVENTS = "store_orderevent"
COLUMNS = "order_id, kind, old_state, new_state, reason, actor_kind, recorded_at"
FILLER = f"""
    INSERT INTO {EVENTS} (customer_id, sequence, previous_hash, row_hash, {COLUMNS})
    SELECT customer_id, 1000000 + n, 'a', 'b', id, 'placed', '', '', '', 'system', now()
    FROM generate_series(%s, %s) AS n, (SELECT id, customer_id FROM store_order LIMIT 1) AS one
"""


def pages(statement: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return int(cursor.fetchone()[0])


@contextmanager
def full_disk() -> Iterator[None]:
    """Let no file of the database grow as long as this lasts."""
    if connection.vendor == "sqlite":
        # As full as it is now, and not one page more.
        pages(f"PRAGMA max_page_count = {pages('PRAGMA page_count')}")
        yield
        pages("PRAGMA max_page_count = 1073741823")
        return
    server = pages("SELECT pg_backend_pid()")
    if "postgres" not in _program(server):
        pytest.skip("The server of PostgreSQL is on another machine")
    _fill_the_log_of_orders(server)
    try:
        yield
    finally:
        _let_files_grow(server, "unlimited")


def _let_files_grow(server: int, upto: str) -> None:
    """Limit the files of a process of the server, as whoever it runs as: root alone may not."""
    owner = Path(f"/proc/{server}").stat()
    is_mine = owner.st_uid == os.getuid()
    subprocess.run(
        ["prlimit", f"--pid={server}", f"--fsize={upto}:"],
        user=None if is_mine else owner.st_uid,
        group=None if is_mine else owner.st_gid,
        check=True,
    )


def _insert(first: int, last: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(FILLER, [first, last])


def _program(process: int) -> str:
    try:
        return Path(f"/proc/{process}/cmdline").read_text()
    except OSError:
        return ""


def _fill_the_log_of_orders(server: int) -> None:
    """Make the table longer than a log, let it grow no more, and fill what is left of its end.

    A write beyond the limit fails as one beyond the end of the disk: PostgreSQL ignores the signal.
    """
    first, rows = 0, 80_000
    while pages(f"SELECT pg_relation_size('{EVENTS}')") < LOG_BYTES:
        _insert(first, first + rows)
        first += rows + 1
    limit = pages(f"SELECT pg_relation_size('{EVENTS}')")
    _let_files_grow(server, str(limit))
    for number in range(first, first + 1000):
        try:
            _insert(number, number)
        except DatabaseError:
            return
    raise AssertionError("The table grew beyond its limit.")


def order(customer: Customer, draft: Order, card: UUID) -> None:
    buy(customer=customer, uid=draft.uid, accepted=accepting(draft), card=card, actor=SYSTEM)


def test_an_order_that_does_not_fit_on_the_disk_is_not_there_at_all(
    database_url: str, acquirer: object, django_db_blocker: DjangoDbBlocker
) -> None:
    with django_db_blocker.unblock(), looking_into(database_url):
        first_policy(RUN_ACCOUNT, VERIFY_PAYMENT)
        customer = at_home(prove_address(joined("Alice Adams", at=LONG_AGO)))
        draft, card = a_draft_of(customer), a_card(customer)
        with full_disk(), pytest.raises(DatabaseError, match=r"full|extend file"):
            order(customer, draft, card.uid)
        draft.refresh_from_db()
        # It may have been placed as a whole before the disk was full; nothing was paid for it.
        assert draft.state in {"draft", "awaiting-payment"}
        assert not Payment.objects.filter(captured_at__isnull=False).exists()

        bob = at_home(prove_address(joined("Bob Brown", at=LONG_AGO)))
        another = a_draft_of(bob)
        order(bob, another, a_card(bob, MASTERCARD).uid)
        assert Payment.objects.get(captured_at__isnull=False).order_id == another.pk
