"""What `benchmarks.queueing` measures. Imported once Django is set up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from statistics import median
from typing import Any

from django.db import connection
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import Customer, User
from benchmarks.database import new_database, peak_mb, timed
from benchmarks.loading import (
    analyze,
    load_choices,
    load_customers,
    load_proofs,
    load_sound_events,
    publish_first,
    publish_second,
)
from bizsecure.core.verifying import findings, ledgers
from consent.gate import allowing, may_use
from consent.models import PolicyVersion
from notifications.audiences import EVERYONE
from notifications.kinds import KindKey
from notifications.models import OutgoingMail
from notifications.reporting import notice_report
from notifications.services.announcing import announce_changes
from notifications.services.releasing import (
    AnnouncementDraft,
    agree,
    plan,
    release_due,
    write_announcement,
)

# One customer in so many has answered, and a chain of a ledger has so many rows.
ANSWERS, CHAIN = 3, 10
TURNS = 5


def measure(*, customers: int) -> dict[str, Any]:
    """Return the figures of one run on a new database that is thrown away."""
    with new_database():
        publish_first()
        load_customers(customers)
        # As in life, where a pass an hour looks at whoever has come.
        announce_changes()
        version = publish_second()
        analyze()
        before = peak_mb()
        figures = {
            "database": connection.vendor,
            "customers": customers,
            **_queue(customers),
            **_told(version, customers),
            **_ask(version),
            **_announce(customers),
            **_verify(customers),
        }
        peak = peak_mb()
    return {**figures, "growth_mb": peak - before, "peak_mb": peak}


def _queue(customers: int) -> dict[str, float]:
    _copied, copy_seconds = timed(lambda: _copy(customers))
    first, seconds = timed(announce_changes)
    if first.queued != customers:
        raise SystemExit(f"{first.queued} of {customers} customers were queued.")
    analyze()
    return {
        "queue_seconds": seconds,
        "copy_seconds": copy_seconds,
        "second_pass_seconds": _seconds(announce_changes),
    }


def _copy(customers: int) -> None:
    """What any program would have to do: rows like those of the outbox, and the same indexes."""
    outbox, moment = OutgoingMail._meta.db_table, connection.ops.quote_name("joined_at")
    like = (
        f"CREATE TABLE copied (LIKE {outbox} INCLUDING DEFAULTS)"
        if connection.vendor == "postgresql"
        else f"CREATE TABLE copied AS SELECT * FROM {outbox} WHERE 1 = 0"  # noqa: S608
    )
    columns = "id, campaign_id, customer_id, address, state, attempts, queued_at, due_at"
    with connection.cursor() as cursor:
        cursor.execute(like)
        cursor.execute("CREATE UNIQUE INDEX copied_key ON copied (id)")
        cursor.execute(
            "CREATE UNIQUE INDEX copied_once ON copied (campaign_id, customer_id, address)"
        )
        cursor.execute("CREATE INDEX copied_of_campaign ON copied (campaign_id)")
        cursor.execute("CREATE INDEX copied_of_customer ON copied (customer_id, queued_at DESC)")
        cursor.execute(
            f"INSERT INTO copied ({columns}) "  # noqa: S608  our own words
            f"SELECT id, 1, id, email, 'queued', 0, {moment}, {moment} "
            f"FROM {Customer._meta.db_table} ORDER BY id"
        )
        cursor.execute("DROP TABLE copied")


def _told(version: PolicyVersion, customers: int) -> dict[str, float]:
    load_proofs(version, customers)
    load_choices(version, customers, one_in=ANSWERS)
    analyze()
    return {"told_pass_seconds": _seconds(announce_changes)}


def _ask(version: PolicyVersion) -> dict[str, float]:
    assert version.effective_at is not None  # noqa: S101 - the database has none without
    use, later = version.new_uses()[0].use.key, version.effective_at + timedelta(days=1)
    somebody = Customer.objects.order_by("pk")[0]
    return {
        "allowing_seconds": _seconds(lambda: allowing(use, at=later).count()),
        "may_use_ms": 1000 * _seconds(lambda: may_use(somebody, use, at=later)),
        "report_ms": 1000 * _seconds(lambda: notice_report(version)),
    }


def _announce(customers: int) -> dict[str, float]:
    """An announcement that nobody can refuse: everyone is an addressee and gets a mail."""
    author, second = (
        Actor.staff(User.objects.create_superuser(f"staff-{number}@example.com"))
        for number in range(2)
    )
    draft = AnnouncementDraft(
        kind=KindKey.SERVICE_NOTICE,
        subject="We move to another building",
        text="Our telephones are silent on Friday.",
        audience=EVERYONE,
        audience_facts={},
    )
    announcement = write_announcement(draft=draft, actor=author)
    agree(announcement=announcement, fingerprint=announcement.fingerprint, actor=second)
    plan(announcement=announcement, at=timezone.now(), actor=author)
    queued, seconds = timed(release_due)
    if queued != customers:
        raise SystemExit(f"{queued} of {customers} customers are written to.")
    return {"announce_seconds": seconds}


def _verify(customers: int) -> dict[str, float]:
    load_sound_events(customers // CHAIN, CHAIN)
    analyze()
    (events,) = [model for model in ledgers() if model.__name__ == "AccountEvent"]
    found, seconds = timed(lambda: list(findings(events)))
    if found:
        raise SystemExit(f"A ledger is not sound: {found[0]}.")
    return {"verify_seconds": seconds}


def _seconds(action: Callable[[], Any]) -> float:
    """The median of several turns: the machine has other things to do, too."""
    return median(timed(action)[1] for _turn in range(TURNS))
