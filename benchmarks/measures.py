"""What `make bench` measures. Imported once Django is set up."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from accounts.actors import SYSTEM
from accounts.models import Customer
from bizsecure.demo.loading import POLICIES, announce_second
from consent.links import choose_token
from consent.policy_file import read_policy_file
from consent.services.publishing import notice_period_ends, publish, save_draft
from notifications.frame import HEADERS, REPLY_TO
from notifications.kinds import Sender
from notifications.models import Campaign, MailBatch, OutgoingMail
from notifications.services.announcing import announce_changes
from notifications.services.delivering import deliver_due

AN_HOUR = 3600
TURNS = 4
# The numbers from one on, and something to tell customers by, in the words of each database.
NUMBERS_AND_UIDS = {
    "sqlite": (
        "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < %s) ",
        "printf('%%032x', n)",
    ),
    "postgresql": ("WITH numbers AS (SELECT generate_series(1, %s) AS n) ", "gen_random_uuid()"),
}


def measure(*, queue: int, mails: int, loop: int) -> dict[str, Any]:
    """Return the figures of one run on a new database that is thrown away.

    Of the mails and the mails of the loop, as many are taken as make equal turns.
    """
    mails, loop = mails // TURNS * TURNS, loop // TURNS * TURNS
    if connection.vendor == "sqlite":
        # By itself Django would test in memory, where nobody else can write.
        name = Path(connection.settings_dict["NAME"])
        connection.settings_dict["TEST"]["NAME"] = str(name.with_name("measured.sqlite3"))
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        load_customers(queue)
        figures = _queue()
        _put_off_everything()
        delivering, looping = 0.0, 0.0
        # By turns, because the rates of a machine that others use change from minute to minute.
        for _turn in range(TURNS):
            delivering += _seconds_for(_deliver, mails // TURNS)
            looping += _seconds_for(_loop, loop // TURNS)
    finally:
        connection.creation.destroy_test_db(connection.settings_dict["NAME"], verbosity=0)
    return {
        "database": connection.vendor,
        **figures,
        "delivered": mails,
        "delivery_rate": mails / delivering,
        "looped": loop,
        "loop_rate": loop / looping,
        "ratio": mails / delivering * looping / loop,
    }


def load_customers(customers: int) -> None:
    now = timezone.now()
    publish(
        version=save_draft(draft=read_policy_file(POLICIES / "privacy-1.md"), actor=SYSTEM),
        actor=SYSTEM,
    )
    numbers, uid = NUMBERS_AND_UIDS[connection.vendor]
    long_ago = connection.ops.adapt_datetimefield_value(now - timedelta(days=900))
    with connection.cursor() as cursor:
        cursor.execute(
            # Of our own words alone, and of numbers counted here.
            f"INSERT INTO {Customer._meta.db_table} (uid, number, name, email,"  # noqa: S608
            " address_digest, email_verified_at, status, language, time_zone, joined_at, revision)"
            f" {numbers} SELECT {uid}, 'BZ-' || n, 'Customer Nº ' || n,"
            # Nobody compares addresses here, so any digest will do.
            " 'customer-' || n || '@customers.example', 'digest-' || n, %s,"
            " 'active', 'en', 'UTC', %s, 0"
            " FROM numbers",
            [customers, long_ago, long_ago],
        )
    announce_second(notice_period_ends(now) + timedelta(days=7))


def _queue() -> dict[str, Any]:
    before = _peak_mb()
    first, seconds = _timed(announce_changes)
    growth = _peak_mb() - before
    _second, again = _timed(announce_changes)
    return {
        "queued": first.queued,
        "queue_seconds": seconds,
        "queue_growth_mb": growth,
        "second_pass_seconds": again,
    }


def _put_off_everything() -> None:
    later = timezone.now() + timedelta(hours=3)
    OutgoingMail.objects.update(due_at=later)
    MailBatch.objects.update(due_at=later)


def _deliver(mails: int) -> int:
    """Deliver the next so many mails, claims and proofs included."""
    now = timezone.now()
    waiting = OutgoingMail.objects.live().order_by("pk").values_list("pk", flat=True)
    last = waiting[mails - 1]
    OutgoingMail.objects.live().filter(pk__lte=last).update(due_at=now)
    MailBatch.objects.filter(due_at__isnull=False, first_id__lte=last).update(due_at=now)
    return deliver_due(seconds=AN_HOUR)["accepted"]


def _loop(mails: int) -> int:
    """Send the same words as one does who knows Django well and keeps no record."""
    campaign = Campaign.objects.get()
    handed_over = 0
    with get_connection() as server:
        for mail in OutgoingMail.objects.select_related("customer").order_by("pk")[:mails]:
            token = choose_token(customer_id=mail.reader.pk, version_id=campaign.change.pk)
            link = settings.SITE_URL + reverse("choose", args=[token])
            text, html = (
                words.replace("[[name]]", mail.customer.name).replace("[[link]]", link)
                for words in (campaign.text, campaign.html)
            )
            message = EmailMultiAlternatives(
                campaign.subject,
                text,
                Sender.NOTICES.header,
                [mail.address],
                headers={**HEADERS, "Message-ID": mail.message_id},
                reply_to=[REPLY_TO],
                connection=server,
            )
            message.attach_alternative(html, "text/html")
            handed_over += message.send()
    return handed_over


def _seconds_for(hand_over: Callable[[int], int], mails: int) -> float:
    done, seconds = _timed(lambda: hand_over(mails))
    if done != mails:
        sys.exit(f"{done} of {mails} mails were handed over.")
    return seconds


def _timed(action: Callable[[], Any]) -> tuple[Any, float]:
    began = time.perf_counter()
    return action(), time.perf_counter() - began


def _peak_mb() -> float:
    """The most memory this process has had. Linux counts it in kB, macOS in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 if sys.platform != "darwin" else 1024) / 1024
