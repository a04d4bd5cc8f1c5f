"""What `make bench-pages` measures. Imported once Django is set up."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts import confidentiality
from accounts.actors import Actor
from accounts.models import Customer, StaffAccess, User
from accounts.services.confiding import accept_terms, open_record
from benchmarks.loading import (
    analyze,
    campaign_of,
    load_choices,
    load_customers,
    load_events,
    load_mails,
    load_proofs,
    load_users,
    publish_first,
    publish_second,
)
from consent.models import PolicyVersion
from notifications.models import OutgoingMail
from tests.pages.browsing import just_proven, signed_in_as

# One row in so many is of the customer whose pages are opened, and one customer in so many answers.
MINE, ANSWERS = 100, 3
OF_CUSTOMER = (
    *("overview", "personal", "log", "choices", "messages", "download", "close"),
    *("history", "orders", "services", "cards", "disclosures", "cart", "cases"),
    *("security", "account_email", "usersessions_list"),
)
OF_STAFF = (
    *("accounts_customer", "accounts_staffaccess", "accounts_user", "store_order"),
    *("consent_choice", "consent_notice", "consent_acceptance", "notifications_outgoingmail"),
    *("notifications_campaign", "notifications_announcement", "usersessions_usersession"),
)
FILTERED = {
    "a customer by number": ("accounts_customer", "q=BZ-77"),
    "suspended customers": ("accounts_customer", "status__exact=suspended"),
    "customers by number": ("accounts_customer", "o=0"),
    "mails that failed": ("notifications_outgoingmail", "state__exact=failed"),
    "mails of a customer": ("notifications_outgoingmail", "q=BZ-77"),
    "proofs shown here": ("consent_notice", "channel__exact=shown"),
    "answers of a customer": ("consent_choice", "q=BZ-77"),
}


@dataclass
class Page:
    """A page, who opens it, and how long that took each time."""

    name: str
    address: str
    client: Client
    seconds: list[float] = field(default_factory=list)
    database: list[float] = field(default_factory=list)
    queries: int = 0
    slowest: str = ""

    def open(self) -> None:
        """Open the page once and note what it took."""
        asked: list[tuple[float, str]] = []

        def watch(execute: Any, statement: str, *arguments: Any) -> Any:
            began = time.perf_counter()
            try:
                return execute(statement, *arguments)
            finally:
                asked.append((time.perf_counter() - began, statement))

        began = time.perf_counter()
        with connection.execute_wrapper(watch):
            answer = self.client.get(self.address)
        self.seconds.append(time.perf_counter() - began)
        self.database.append(sum(seconds for seconds, _statement in asked))
        self.queries, self.slowest = len(asked), max(asked)[1]
        if answer.status_code != 200:
            raise SystemExit(f"{self.address} answers {answer.status_code}.")


def measure(*, customers: int, rows: int, runs: int) -> dict[str, Any]:
    """Return the figures of one run on a new database that is thrown away."""
    # With DEBUG on, Django would write down every statement.
    settings.DEBUG = False
    settings.ALLOWED_HOSTS = ["testserver"]
    settings.ROOT_URLCONF = "benchmarks.empty_page"
    if connection.vendor == "sqlite":
        # By itself Django would test in memory.
        name = Path(connection.settings_dict["NAME"])
        connection.settings_dict["TEST"]["NAME"] = str(name.with_name("measured.sqlite3"))
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        call_command("createcachetable", verbosity=0)
        began = time.perf_counter()
        _load(customers, rows)
        load_seconds = time.perf_counter() - began
        pages = list(_pages())
        for _turn in range(runs + 1):
            for page in pages:
                page.open()
    finally:
        connection.creation.destroy_test_db(connection.settings_dict["NAME"], verbosity=0)
    return {
        "database": connection.vendor,
        "customers": customers,
        "rows": rows,
        "load_seconds": load_seconds,
        "pages": [_figures(page, pages[0]) for page in pages],
    }


def _pages() -> Iterator[Page]:
    customer = Customer.objects.select_related("user").get(number="BZ-1")
    hers = just_proven(signed_in_as(customer.user or User()))
    staff = User.objects.create_superuser("staff@example.com")
    accept_terms(number=confidentiality.NEWEST, actor=Actor.staff(staff))
    open_record(
        customer=customer,
        reason=StaffAccess.Reason.QUESTION,
        words="To see how long it takes.",
        case_number="",
        actor=Actor.staff(staff),
    )
    theirs = signed_in_as(staff)
    version = PolicyVersion.objects.get(number=2)
    yield Page("an empty page", reverse("empty"), hers)
    for name in OF_CUSTOMER:
        yield Page(name, reverse(name), hers)
    yield Page("the notice", reverse("notice", args=[version.number]), hers)
    mail = OutgoingMail.objects.filter(customer=customer)[0]
    yield Page("a message", reverse("message", args=[mail.pk]), hers)
    kinds = reverse("log") + "?kind=notice"
    yield Page("the log, notices alone", kinds, hers)
    for name in OF_STAFF:
        yield Page(f"staff: {name}", reverse(f"admin:{name}_changelist"), theirs)
    for name, (model, query) in FILTERED.items():
        yield Page(f"staff: {name}", f"{reverse(f'admin:{model}_changelist')}?{query}", theirs)
    record = reverse("admin:accounts_customer_change", args=[customer.pk])
    yield Page("staff: a customer's record", record, theirs)
    progress = reverse("admin:notifications_progress_of", args=[version.pk])
    yield Page("staff: how far a change is told", progress, theirs)


def _figures(page: Page, empty: Page) -> dict[str, Any]:
    # The first time fills caches of code and templates.
    seconds, database = median(page.seconds[1:]), median(page.database[1:])
    return {
        "name": page.name,
        "ms": 1000 * seconds,
        "database_ms": 1000 * database,
        "queries": page.queries,
        "slowest": page.slowest,
        "ratio": seconds / median(empty.seconds[1:]),
    }


def _load(customers: int, rows: int) -> None:
    publish_first()
    load_customers(customers, load_users(customers))
    load_events(Customer.objects.get(number="BZ-1"), customers, rows, mine=MINE)
    version = publish_second()
    load_mails(campaign_of(version), customers)
    load_proofs(version, customers)
    load_choices(version, customers, one_in=ANSWERS)
    analyze()
