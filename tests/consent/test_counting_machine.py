"""What the database counts by itself is what one counts by hand, whatever happens in between."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from accounts.actors import SYSTEM
from accounts.models import Customer
from bizsecure.core.errors import Refused
from consent.counting import counts_of, differences, recounted
from consent.models import PolicyVersion, Tally
from consent.services.publishing import notice_period_ends, reschedule, withdraw
from consent.services.recounting import merge_tallies, recount
from consent.services.telling import AcceptedMail, record_shown, record_told_by_mail, retract_proof
from tests.builders import (
    DAY,
    LONG_AGO,
    PRODUCT_NEWS,
    TODAY,
    UPTIME_WATCH,
    a_draft,
    a_use,
    date_of,
    first_policy,
    joined,
    published,
    say_no,
    say_yes,
    tell,
)

SURVEYS = a_use("surveys")
which = st.integers(0, 9)


class LivesOfCustomers(RuleBasedStateMachine):
    """They join, are told, answer and leave, while versions come, move and go."""

    def __init__(self) -> None:
        super().__init__()
        self.journey = time_machine.travel(TODAY, tick=False)
        self.clock = self.journey.start()
        self.world: Any = transaction.atomic()
        self.world.__enter__()
        self.customers: list[Customer] = []
        self.versions: list[PolicyVersion] = []
        self.messages: list[str] = []

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.world.__exit__(None, None, None)
        self.journey.stop()

    @initialize()
    def there_is_a_change(self) -> None:
        self.versions = [first_policy(PRODUCT_NEWS)]
        self.customers = [joined(f"Founder{number}", at=LONG_AGO) for number in range(2)]
        self.a_version_is_published(asks=True)

    @rule(hours=st.sampled_from([1, 26, 400]))
    def time_goes_by(self, hours: int) -> None:
        self.clock.shift(timedelta(hours=hours))

    @rule()
    def somebody_joins(self) -> None:
        self.customers.append(joined(f"Customer{len(self.customers)}"))

    @rule(asks=st.booleans())
    def a_version_is_published(self, asks: bool) -> None:
        uses = [PRODUCT_NEWS, UPTIME_WATCH, SURVEYS] if asks else [PRODUCT_NEWS, SURVEYS]
        with suppress(Refused):
            self.versions.append(published(a_draft(len(self.versions) + 1, *uses)))

    @rule(days=st.sampled_from([3, 60]))
    def the_date_is_moved(self, days: int) -> None:
        with suppress(Refused):
            version = self.versions[-1]
            at = max(notice_period_ends(timezone.now()), date_of(version) + (30 - days) * DAY)
            self.versions[-1] = reschedule(version=version, effective_at=at, actor=SYSTEM)

    @rule()
    def the_change_is_withdrawn(self) -> None:
        with suppress(Refused):
            withdraw(version=self.versions[-1], actor=SYSTEM)

    @rule(customer=which, version=which)
    def somebody_is_told_by_mail(self, customer: int, version: int) -> None:
        self.messages.append(tell(self._one(customer), self._version(version)))

    @rule(version=which)
    def everybody_is_told_at_once(self, version: int) -> None:
        change, now = self._version(version), timezone.now()
        mails = [
            AcceptedMail(customer.pk, customer.email, f"<{change.pk}.{customer.pk}@x>", now)
            for customer in self.customers
        ]
        record_told_by_mail(version=change, in_round=change.round, mails=mails)
        self.messages += [mail.message_id for mail in mails]

    @rule(customer=which, version=which)
    def somebody_reads_the_page(self, customer: int, version: int) -> None:
        record_shown(version=self._version(version), customer=self._one(customer), actor=SYSTEM)

    @rule(mail=which)
    def a_mail_comes_back(self, mail: int) -> None:
        if self.messages:
            retract_proof(message_id=self.messages[mail % len(self.messages)])

    @rule(customer=which, version=which, yes=st.booleans(), use=st.booleans())
    def somebody_answers(self, customer: int, version: int, yes: bool, use: bool) -> None:
        say = say_yes if yes else say_no
        with suppress(Refused):
            say(self._one(customer), self._version(version), "surveys" if use else "uptime-watch")

    @rule(customer=which, status=st.sampled_from(["active", "suspended", "closed", "closed"]))
    def an_account_is_closed_or_opened(self, customer: int, status: str) -> None:
        Customer.objects.filter(pk=self._one(customer).pk).update(status=status)

    @rule()
    def counts_are_merged(self) -> None:
        merge_tallies()

    @invariant()
    def what_is_counted_is_what_is_there(self) -> None:
        assert list(differences()) == []

    def _one(self, number: int) -> Customer:
        return self.customers[number % len(self.customers)]

    def _version(self, number: int) -> PolicyVersion:
        version = self.versions[number % len(self.versions)]
        version.refresh_from_db()
        return version


@pytest.mark.usefixtures("db")
def test_no_order_of_events_makes_the_counts_wrong() -> None:
    run_state_machine_as_test(
        LivesOfCustomers,
        settings=settings(
            max_examples=10,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_many_rows_of_one_figure_become_one(change: PolicyVersion, alice: Customer) -> None:
    for number in range(3):
        tell(joined(f"Reader{number}"), change)
    before = counts_of(change)

    merge_tallies()

    assert counts_of(change) == before == recounted(change)
    keys = Tally.objects.values_list("what", "version", "round", "use", "bucket")
    assert len(keys) == len(set(keys))


def test_wrong_counts_are_found_and_put_right(change: PolicyVersion, alice: Customer) -> None:
    assert _printed() == {"equal": True, "differences": []}
    Tally.objects.filter(what=Tally.What.SERVED).update(number=7)

    with pytest.raises(SystemExit):
        call_command("check_counts", stdout=StringIO())

    assert _printed("--repair")["equal"]
    assert counts_of(change).affected == 1


def test_a_customer_who_is_deleted_is_not_counted_any_more(change: PolicyVersion) -> None:
    customer = Customer.objects.create(name="By mistake", joined_at=LONG_AGO)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM accounts_customer WHERE id = %s", [customer.pk])

    assert counts_of(change).affected == 0
    recount()
    assert counts_of(change).affected == 0


def _printed(*options: str) -> Any:
    output = StringIO()
    call_command("check_counts", *options, stdout=output)
    return json.loads(output.getvalue())
