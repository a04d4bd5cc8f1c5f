"""What this room tells customers of their own, beside the sections of a policy."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Customer
from consent.beside import Fact, tells
from consent.notes import Topic
from notifications.models import Case


def _conversations(customer: Customer, now: datetime) -> Fact:
    cases = Case.objects.visible_to(customer)
    waiting = Count("pk", filter=Q(waiting_since__isnull=False))
    counts = cases.aggregate(number=Count("pk"), waiting=waiting)
    if not counts["number"]:
        text = _("You have not written to us from your account yet.")
    elif counts["waiting"]:
        text = ngettext(
            "One of your messages waits for our answer.",
            "%(waiting)s of your messages wait for our answer.",
            counts["waiting"],
        ) % {"waiting": counts["waiting"]}
    else:
        text = ngettext(
            "Your message was answered.",
            "All %(number)s of your messages were answered.",
            counts["number"],
        ) % {"number": counts["number"]}
    return Fact(text, reverse("cases"), _("See what became of them"))


tells(Topic.CONVERSATIONS, _conversations)
