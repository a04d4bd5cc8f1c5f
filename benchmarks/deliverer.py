"""Our side of `benchmarks/delivery.py`, in processes of its own.

python -m benchmarks.deliverer prepare MAILS    fill a new database, print the campaign's words
python -m benchmarks.deliverer due MAILS        let the next so many mails be due
python -m benchmarks.deliverer work             get ready, wait for a line, deliver what is due
python -m benchmarks.deliverer accepted         print how many mails and proofs there are
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from time import process_time

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bizsecure.settings")
django.setup()

from datetime import timedelta  # noqa: E402 - models can be imported only now

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.urls import reverse  # noqa: E402
from django.utils import timezone  # noqa: E402

from benchmarks.database import peak_mb  # noqa: E402
from benchmarks.measures import load_customers  # noqa: E402
from consent.models import Notice  # noqa: E402
from notifications.composing import message  # noqa: E402
from notifications.due import DueMail  # noqa: E402
from notifications.models import Campaign, MailBatch, OutgoingMail  # noqa: E402
from notifications.services.announcing import announce_changes  # noqa: E402
from notifications.services.delivering import deliver_due  # noqa: E402

AN_HOUR = 3600


def prepare(mails: int) -> None:
    """Publish a change, queue a notice for each customer, and let none be due yet."""
    call_command("migrate", verbosity=0)
    load_customers(mails)
    announce_changes()
    OutgoingMail.objects.update(due_at=_later())
    MailBatch.objects.update(due_at=_later())
    campaign = Campaign.objects.get()
    mail = OutgoingMail.objects.select_related("customer").earliest("pk")
    due_mail = DueMail(mail.pk, campaign.pk, mail.customer_id, mail.address, 0, mail.reader.name)
    content = bytes(message(due_mail, timezone.now()))
    words = {"subject": campaign.subject, "text": campaign.text, "html": campaign.html}
    sender = campaign.definition.sender.header
    print(json.dumps({**words, "sender": sender, "octets": len(content)}))


def due(mails: int) -> None:
    """Let the next so many be due: whole batches, so that no two turns share one."""
    now = timezone.now()
    waiting = MailBatch.objects.filter(due_at__isnull=False).order_by("pk")
    for batch in waiting[: mails // settings.NOTICE_BATCH_SIZE]:
        batch.mails().update(due_at=now)
        MailBatch.objects.filter(pk=batch.pk).update(due_at=now)


def work() -> None:
    """Deliver what is due once somebody says so; print how many were accepted and what it took."""
    # What a worker that has been running for a while has done long ago.
    MailBatch.objects.exists()
    reverse("choose", args=["x"])
    print("ready", flush=True)
    sys.stdin.readline()
    before = process_time()
    accepted = deliver_due(seconds=AN_HOUR)["accepted"]
    took = {"accepted": accepted, "processor": process_time() - before, "peak_mb": peak_mb()}
    print(json.dumps(took))


def accepted() -> None:
    """Print how many mails were accepted and how many proofs there are of it."""
    print(OutgoingMail.objects.filter(state="accepted").count(), Notice.objects.count())


def _later() -> object:
    return timezone.now() + timedelta(hours=3)


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[2:]]
    actions: dict[str, Callable[..., None]]
    actions = {"prepare": prepare, "due": due, "work": work, "accepted": accepted}
    actions[sys.argv[1]](*numbers)
