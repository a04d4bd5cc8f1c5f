"""Loads as many customers, and rows about them, as a benchmark wants: in SQL alone.

A million customers are there in seconds. Names and addresses are invented by counting. Digests
and the hashes of chains are numbers, for nobody compares or checks them here; chains that are
checked come from `load_sound_events`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.db import connection
from django.utils import timezone

from accounts.actors import SYSTEM
from accounts.models import AccountEvent, Customer, User
from bizsecure.core.ledger import FIRST
from bizsecure.demo.loading import POLICIES, announce_second
from consent.models import Choice, Notice, PolicyVersion
from consent.policy_file import read_policy_file
from consent.services.publishing import notice_period_ends, publish, save_draft
from notifications.composing import compose
from notifications.kinds import KindKey
from notifications.models import Campaign, OutgoingMail

# The numbers from one on, something to tell customers by, a moment a second after another, and
# a number as long as a hash, in the words of each database.
NUMBERS = {
    "sqlite": (
        "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < %s) "
    ),
    "postgresql": "WITH numbers AS (SELECT generate_series(1, %s) AS n) ",
}
UIDS = {"sqlite": "printf('%%032x', n)", "postgresql": "gen_random_uuid()"}
MOMENTS = {
    "sqlite": "datetime('2024-01-01', '+' || n || ' seconds')",
    "postgresql": "timestamptz '2024-01-01Z' + n * interval '1 second'",
}
SHA256 = {
    # Django gives its connections this function.
    "sqlite": "SHA256({})",
    "postgresql": "encode(sha256(convert_to({}, 'UTF8')), 'hex')",
}
HASHES = {"sqlite": "printf('%%064x', {})", "postgresql": "lpad(to_hex({}), 64, '0')"}


def publish_first() -> None:
    """Put the first version of the privacy policy in force."""
    publish(
        version=save_draft(draft=read_policy_file(POLICIES / "privacy-1.md"), actor=SYSTEM),
        actor=SYSTEM,
    )


def publish_second() -> PolicyVersion:
    """Announce the second version, with one new use."""
    return announce_second(notice_period_ends(timezone.now()) + timedelta(days=7))


def load_users(customers: int) -> int:
    """Insert so many sign-ins without a password; return the key of the first."""
    address = "'customer-' || n || '@customers.example'"
    _insert(
        User,
        {
            "password": "'!'",
            "email": address,
            "is_superuser": "false",
            "is_staff": "false",
            "is_active": "true",
            "date_joined": "%s",
        },
        customers,
        [_stored(timezone.now())],
    )
    first: int = User.objects.get(email="customer-1@customers.example").pk
    _insert(
        EmailAddress,
        {"user_id": f"{first - 1} + n", "email": address, "verified": "true", "primary": "true"},
        customers,
    )
    return first


def load_customers(customers: int, first_user: int | None = None) -> None:
    """Insert so many customers, who joined long ago and proved their addresses."""
    long_ago = _stored(timezone.now() - timedelta(days=900))
    _insert(
        Customer,
        {
            "uid": UIDS[connection.vendor],
            "number": "'BZ-' || n",
            "user_id": f"{first_user - 1} + n" if first_user else "NULL",
            "name": "'Customer Nº ' || n",
            "email": "'customer-' || n || '@customers.example'",
            "address_digest": "'digest-' || n",
            "folded_name": "'customer no ' || n",
            "email_verified_at": "%s",
            "status": "'active'",
            "language": "'en'",
            "time_zone": "'UTC'",
            "joined_at": "%s",
            "revision": "0",
        },
        customers,
        [long_ago, long_ago],
    )


def load_events(first: Customer, customers: int, rows: int, *, mine: int) -> None:
    """Insert rows of the account logs of all, one in `mine` of them into that of the first."""
    hashed = HASHES[connection.vendor]
    _insert(
        AccountEvent,
        {
            "customer_id": (
                f"CASE WHEN n %% {mine} = 0 THEN {first.pk} ELSE {first.pk} + n %% %s END"
            ),
            "sequence": "n",
            "previous_hash": hashed.format("n - 1"),
            "row_hash": hashed.format("n"),
            "kind": "'signed_in'",
            "device": "'Firefox on Linux'",
            "subject": "''",
            "reference": "''",
            "actor_kind": "'customer'",
            "recorded_at": MOMENTS[connection.vendor],
        },
        rows,
        [customers],
    )


def load_sound_events(customers: int, places: int) -> None:
    """Insert account logs of so many rows each, whose hashes are what they must be."""
    first, moment = _first_customer(), datetime(2024, 1, 1, tzinfo=UTC)
    written = moment.isoformat(timespec="microseconds")
    for place in range(1, places + 1):
        before = f"'{FIRST}'"
        if place > 1:
            before = (
                f"(SELECT row_hash FROM {AccountEvent._meta.db_table}"  # noqa: S608  our words
                f" WHERE customer_id = {first - 1} + n AND sequence = {place - 1})"
            )
        content = (
            f"""'[' || ({first - 1} + n) || ',{place},"' || {before} || '","signed_in","","","","""
            f"""null,"customer",null,"{written}"]'"""
        )
        _insert(
            AccountEvent,
            {
                "customer_id": f"{first - 1} + n",
                "sequence": str(place),
                "previous_hash": before,
                "row_hash": SHA256[connection.vendor].format(content),
                "kind": "'signed_in'",
                "device": "''",
                "subject": "''",
                "reference": "''",
                "actor_kind": "'customer'",
                "recorded_at": "%s",
            },
            customers,
            [_stored(moment)],
        )


def campaign_of(version: PolicyVersion) -> Campaign:
    """Return a campaign that tells of this change, made without asking who is to be told."""
    campaign: Campaign = Campaign.objects.create(
        kind=KindKey.POLICY_NOTICE,
        version=version,
        round=version.round,
        effective_at=version.effective_at,
        created_at=timezone.now(),
        **compose(KindKey.POLICY_NOTICE, version),
    )
    return campaign


def load_mails(campaign: Campaign, customers: int) -> None:
    """Insert for so many customers a mail of this campaign that their servers accepted."""
    now = _stored(timezone.now())
    _insert(
        OutgoingMail,
        {
            "campaign_id": str(campaign.pk),
            "customer_id": f"{_first_customer() - 1} + n",
            "address": "'customer-' || n || '@customers.example'",
            "state": "'accepted'",
            "attempts": "1",
            "queued_at": "%s",
            "due_at": "%s",
            "accepted_at": "%s",
        },
        customers,
        [now, now, now],
    )


def load_proofs(version: PolicyVersion, customers: int) -> None:
    """Insert for so many customers the proof that they were told of this change by mail."""
    now = _stored(timezone.now())
    _insert(
        Notice,
        {
            "customer_id": f"{_first_customer() - 1} + n",
            "sequence": "1",
            "previous_hash": f"'{FIRST}'",
            "row_hash": HASHES[connection.vendor].format("n"),
            "actor_kind": "'system'",
            "recorded_at": "%s",
            "version_id": str(version.pk),
            "round": str(version.round),
            "channel": "'mail'",
            "told_at": "%s",
            "address_digest": "'digest-' || n",
            "message_id": "'<c1.m' || n || '@bizsecure.com>'",
        },
        customers,
        [now, now],
    )


def load_choices(version: PolicyVersion, customers: int, *, one_in: int) -> None:
    """Insert answers to the new use of a version: one customer in so many, every other a yes."""
    use = version.new_uses()[0].use_id
    hashed = HASHES[connection.vendor]
    _insert(
        Choice,
        {
            "customer_id": f"{_first_customer()} + (n - 1) * {one_in}",
            "sequence": "1",
            "previous_hash": f"'{FIRST}'",
            "row_hash": hashed.format("n"),
            "actor_kind": "'customer'",
            "recorded_at": "%s",
            "use_id": str(use),
            "version_id": str(version.pk),
            "decision": "CASE WHEN n %% 2 = 0 THEN 'granted' ELSE 'refused' END",
            "method": "'panel'",
            "question_hash": hashed.format("n"),
            "language": "'en'",
        },
        customers // one_in,
        [_stored(timezone.now())],
    )


def analyze() -> None:
    """Let the database look at what it has, as it does by itself in the course of time."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def _first_customer() -> int:
    key: int = Customer.objects.order_by("pk").values_list("pk", flat=True)[0]
    return key


def _insert(model: Any, columns: dict[str, str], rows: int, parameters: Sequence[Any] = ()) -> None:
    """INSERT so many rows; `n` counts them. Of our own words alone, and of numbers counted here."""
    quoted = map(connection.ops.quote_name, columns)
    names, values = ", ".join(quoted), ", ".join(columns.values())
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {model._meta.db_table} ({names}) "  # noqa: S608
            f"{NUMBERS[connection.vendor]} SELECT {values} FROM numbers",
            [rows, *parameters],
        )


def _stored(moment: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(moment)
