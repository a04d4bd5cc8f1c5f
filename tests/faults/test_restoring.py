"""The database is lost, and a dump of hours ago is restored. `make restore-drill` runs this alone.

What docs/operations.md says under "Bringing one back" is done here step by step.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.utils import timezone
from pytest_django import DjangoDbBlocker, Settings

from accounts.actors import SYSTEM
from accounts.models import Closing, Customer
from accounts.services.closing import (
    TIME_TO_THINK,
    begin_closing,
    erase_account,
    request_closing,
    undo_closing,
)
from consent.gate import Ground, may_use
from consent.models import Choice, PolicyVersion
from consent.services.opting_out import record_address_opt_out
from notifications.reporting import notice_report
from tests.builders import joined, prove_address, say_no, say_yes, tell
from tests.faults.dumps import destroy, dump, restore
from tests.faults.works import ROOT, a_change, looking_into
from tests.services import manage

OPT_OUT_MAIL = b"""\
From: %s
To: optout@bizsecure.com
Subject: stop
Message-ID: <after-the-dump@mail.example>

Please stop writing to me.
"""
NEWS, WATCH = "product-news", "uptime-watch"


@dataclass
class Leavers:
    """Who asks to leave before the dump or after it, and who is erased or thinks again after it."""

    erased: Customer
    leaving: Customer
    staying: Customer

    def before_the_dump(self) -> None:
        """Two have asked; the days of one are over."""
        now = timezone.now()
        for customer, days in ((self.erased, 15), (self.staying, 3)):
            asked_at = now - timedelta(days=days)
            begin_closing(
                customer=customer,
                requested_at=asked_at,
                erase_at=asked_at + TIME_TO_THINK,
                actor=SYSTEM,
                now=now,
            )

    def after_the_dump(self) -> None:
        """What only the journal will know."""
        erase_account(customer=self.erased, actor=SYSTEM)
        undo_closing(customer=self.staying, actor=SYSTEM)
        self.erase_at = request_closing(customer=self.leaving, actor=SYSTEM).erase_at

    def check_after_the_restore(self) -> None:
        """Nobody who left is back, and nobody who stays is shown out."""
        for customer in (self.erased, self.leaving, self.staying):
            customer.refresh_from_db()
        status = Customer.Status
        assert (self.erased.status, self.erased.email, self.erased.user) == (
            status.CLOSED,
            "",
            None,
        )
        assert (self.leaving.status, self.staying.status) == (status.CLOSING, status.ACTIVE)
        closing = Closing.objects.open().get()
        assert (closing.customer, closing.erase_at) == (self.leaving, self.erase_at)


@dataclass
class Cast:
    """Who says what, and when: before the dump, or after it."""

    early: Customer
    late: Customer
    by_mail: Customer
    wavering: Customer
    newcomer_address: str = "nora@example.com"

    def before_the_dump(self, change: PolicyVersion) -> None:
        """One says no, the others say yes."""
        say_no(self.early, change, NEWS, WATCH)
        for customer in (self.late, self.by_mail, self.wavering):
            say_yes(customer, change, WATCH)

    def after_the_dump(self, change: PolicyVersion) -> None:
        """What only the journal will know; one takes a no back, which is lost as well."""
        say_no(self.late, change, NEWS, WATCH)
        say_no(self.wavering, change, NEWS)
        say_yes(self.wavering, change, NEWS)
        record_address_opt_out(
            address="stranger@example.com",
            uses=[NEWS],
            method=Choice.Method.ONE_CLICK,
            actor=SYSTEM,
        )
        newcomer = prove_address(joined("Nora Newcomb", email=self.newcomer_address))
        say_no(newcomer, change, NEWS)

    def check_after_the_restore(self) -> None:
        """Nobody's no is lost, whether the restored database knows the customer or not."""
        for customer in (self.early, self.late, self.by_mail, self.wavering):
            assert may_use(customer, NEWS).ground == Ground.REFUSED
        mine = Choice.objects.filter(customer=self.late, use__key=WATCH)
        assert list(mine.order_by("sequence").values_list("decision", flat=True)) == [
            Choice.Decision.GRANTED,
            Choice.Decision.REFUSED,
        ]
        assert not Customer.objects.filter(email=self.newcomer_address).exists()
        back = prove_address(joined("Nora Newcomb", email=self.newcomer_address))
        assert may_use(back, NEWS).ground == Ground.REFUSED


def opts_out_by_mail(environment: Mapping[str, str], address: str) -> None:
    command = ["manage.py", "receive_mail", "--recipient=optout@bizsecure.com"]
    subprocess.run(
        [sys.executable, *command, f"--sender={address}"],
        input=OPT_OUT_MAIL % address.encode(),
        cwd=ROOT,
        env={**os.environ, **environment},
        check=True,
    )


def reported() -> dict[str, int]:
    report = notice_report(PolicyVersion.objects.get(number=2)).as_json()
    return {name: number for name, number in report.items() if isinstance(number, int)}


def bring_back(kept: Path, environment: Mapping[str, str], heads: Path) -> dict[str, Any]:
    """Do what docs/operations.md says, and return what the replay and the ledgers told."""
    restore(kept, environment["DATABASE_URL"])
    journal = sorted(map(str, Path(environment["OPT_OUT_JOURNAL"]).iterdir()))
    told = json.loads(manage(environment, "replay_opt_outs", *journal))
    again = json.loads(manage(environment, "replay_opt_outs", *journal))
    assert again["recorded"] == 0
    closed = json.loads(manage(environment, "replay_closings", *journal))
    again = json.loads(manage(environment, "replay_closings", *journal))
    assert (again["erased"], again["closing"], again["undone"]) == (0, 0, 0)
    verified = json.loads(manage(environment, "verify_ledger", "--against", str(heads)))
    assert verified["intact"]
    manage(environment, "check_counts")
    return {**told, **closed}


def check_that_the_ledgers_are_guarded() -> None:
    with pytest.raises(DatabaseError), connection.cursor() as cursor:
        cursor.execute("UPDATE consent_choice SET decision = 'granted'")


@contextmanager
def site(database_url: str, blocker: DjangoDbBlocker) -> Iterator[None]:
    with blocker.unblock(), looking_into(database_url):
        yield


def before_the_dump(change: PolicyVersion) -> tuple[Cast, Leavers]:
    """Tell most customers, and let some say no, say yes and ask to leave."""
    customers = Customer.objects.order_by("pk")
    cast, leavers = Cast(*customers[:4]), Leavers(*customers[8:11])
    for customer in customers[:8]:
        tell(customer, change)
    cast.before_the_dump(change)
    leavers.before_the_dump()
    return cast, leavers


def test_no_no_and_no_closing_is_lost_with_the_database(
    database_url: str, tmp_path: Path, django_db_blocker: DjangoDbBlocker, settings: Settings
) -> None:
    settings.OPT_OUT_JOURNAL = str(tmp_path / "opt-outs")
    environment = {"DATABASE_URL": database_url, "OPT_OUT_JOURNAL": settings.OPT_OUT_JOURNAL}
    with site(database_url, django_db_blocker):
        change = a_change(customers=12)
        cast, leavers = before_the_dump(change)
        before = reported()
    heads = tmp_path / "heads"
    manage(environment, "verify_ledger", "--write-heads", str(heads))
    kept = dump(database_url, tmp_path)
    with site(database_url, django_db_blocker):
        cast.after_the_dump(change)
        leavers.after_the_dump()
    opts_out_by_mail(environment, cast.by_mail.email)

    destroy(database_url)
    replayed = bring_back(kept, environment, heads)

    assert replayed["recorded"] >= 5
    assert (replayed["unreadable"], replayed["unknown use"]) == (0, 0)
    assert (replayed["erased"], replayed["closing"], replayed["undone"]) == (1, 1, 1)
    with site(database_url, django_db_blocker):
        # Who was erased is asked nothing any more; one yes became a no.
        left = {name: before[name] - 1 for name in ("affected", "untold", "held", "silent", "yes")}
        assert reported() == {**before, **left, "no": before["no"] + 1}
        check_that_the_ledgers_are_guarded()
        cast.check_after_the_restore()
        leavers.check_after_the_restore()
