"""What this room does on a customer's request, in sentences for the customer."""

from __future__ import annotations

from django.utils.formats import date_format
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from accounts.done_on_request import describe
from accounts.fields import TOPICS
from accounts.models import Closing, Mandate, ProfileChange

Matter = Mandate.Matter


def _details(mandate: Mandate) -> list[str]:
    rows = ProfileChange.objects.filter(mandate=mandate).order_by("sequence")
    fields = rows.values_list("field", flat=True)
    topics = list(dict.fromkeys(str(TOPICS.get(field, field)) for field in fields))
    return [_("We changed your %s.") % get_text_list(topics, _("and"))]


def _closing(mandate: Mandate) -> list[str]:
    closing = Closing.objects.filter(mandate=mandate).first()
    if closing is None:
        return []
    day = date_format(closing.erase_at, "DATE_FORMAT")
    return [
        _("We close your account. On %(day)s we erase what we know about you.") % {"day": day},
        _("If you think again before that day, tell us, and everything stays as it is."),
    ]


def _keeping(mandate: Mandate) -> list[str]:
    return [_("Your account stays open. Everything is as it was before.")]


def _factor(mandate: Mandate) -> list[str]:
    return [_("A second member of our staff decides about it. Until then nothing is removed.")]


describe(Matter.DETAILS, _details)
describe(Matter.CLOSING, _closing)
describe(Matter.KEEPING, _keeping)
describe(Matter.FACTOR, _factor)
