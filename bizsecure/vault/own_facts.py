"""What the vault tells customers of their own, beside the sections of a policy."""

from __future__ import annotations

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Customer
from bizsecure.vault.models import Card
from consent.beside import Fact, tells
from consent.notes import Topic


def _cards(customer: Customer, now: datetime) -> Fact:
    number = Card.objects.visible_to(customer).held().count()
    if number:
        text = ngettext(
            "One card of yours is kept, encrypted.",
            "%(number)s cards of yours are kept, encrypted.",
            number,
        ) % {"number": number}
    else:
        text = _("No card of yours is kept.")
    return Fact(text, reverse("cards"), _("See your cards"))


tells(Topic.CARDS, _cards)
